-- Who sees releases, and what left because of them?

grant select, insert, update on releases to lotse_service;
create policy compartment on releases for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on releases is 'A release is kept by the unit that obtained it.';
create policy compartment_new on releases for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_new on releases is 'A release is obtained in one''s own unit.';
create policy compartment_edits on releases for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()) and status in ('draft', 'active'))
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_edits on releases is 'A release is signed, refused, withdrawn or replaced; after its end it never changes.';

grant select, insert, update (valid_until) on disclosures to lotse_service;
create policy compartment on disclosures for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on disclosures is 'The giver''s ledger: everything that ever left, also after a withdrawal.';
create policy recipient on disclosures for select
  using (tenant_id = lotse.tenant_id() and recipient_organization_id = lotse.receiving_organization_id() and valid_until > now());
comment on policy recipient on disclosures is 'The recipient reads what was disclosed to it, as long as that is valid.';
create policy compartment_new on disclosures for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_new on disclosures is 'Only the unit that holds the case discloses.';
create policy compartment_ends on disclosures for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_ends on disclosures is 'The giver ends a recipient''s view; only valid_until can change.';
create policy recipient_ends on disclosures for update
  using (tenant_id = lotse.tenant_id() and recipient_organization_id = lotse.receiving_organization_id() and valid_until > now());
comment on policy recipient_ends on disclosures is 'By declining, the recipient ends its own view; only valid_until can change.';
create policy link_holder on disclosures for select
  using (tenant_id = lotse.tenant_id() and subject_id = lotse.linked_referral_id() and valid_until > now());
comment on policy link_holder on disclosures is 'Whoever opened a link reads what was disclosed with that referral, as long as that is valid.';
create policy link_holder_ends on disclosures for update
  using (tenant_id = lotse.tenant_id() and subject_id = lotse.linked_referral_id() and valid_until > now());
comment on policy link_holder_ends on disclosures is 'By declining through the link, that view ends; only valid_until can change.';
