-- Who sees a document that goes along with a referral?

grant select, insert, update (valid_until), delete on attachments to lotse_service;
create policy compartment on attachments for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on attachments is 'The sending unit sees what it attached.';
create policy recipient on attachments for select
  using (tenant_id = lotse.tenant_id() and recipient_organization_id = lotse.receiving_organization_id() and valid_until > now());
comment on policy recipient on attachments is 'The recipient reads what was sent to it, as long as that is valid.';
create policy link_holder on attachments for select
  using (tenant_id = lotse.tenant_id() and referral_id = lotse.linked_referral_id() and valid_until > now());
comment on policy link_holder on attachments is 'As does whoever answers that one referral by link.';
create policy compartment_new on attachments for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()) and valid_until is null);
comment on policy compartment_new on attachments is 'Attached by the unit that holds the case, to a draft.';
create policy compartment_sends on attachments for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_sends on attachments is 'Sending opens it to the recipient, a withdrawal ends that.';
create policy recipient_ends on attachments for update
  using (tenant_id = lotse.tenant_id() and recipient_organization_id = lotse.receiving_organization_id() and valid_until > now());
comment on policy recipient_ends on attachments is 'By declining, the recipient ends its own view.';
create policy link_holder_ends on attachments for update
  using (tenant_id = lotse.tenant_id() and referral_id = lotse.linked_referral_id() and valid_until > now());
comment on policy link_holder_ends on attachments is 'As does whoever declines by link.';
create policy compartment_removes on attachments for delete
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()) and valid_until is null);
comment on policy compartment_removes on attachments is 'What was never sent may be taken away again.';
