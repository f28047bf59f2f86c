-- Who sees a referral?

grant select, insert, update on referrals to lotse_service;
create policy compartment on referrals for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on referrals is 'The sending unit sees its referrals.';
create policy recipient on referrals for select
  using (tenant_id = lotse.tenant_id() and recipient_organization_id = lotse.receiving_organization_id() and sent_at is not null);
comment on policy recipient on referrals is 'The recipient sees what was sent to it, never a draft. The thread holds no fact about the person.';
create policy compartment_new on referrals for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_new on referrals is 'A referral is drafted by the unit that holds the case.';
create policy compartment_edits on referrals for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_edits on referrals is 'The sending unit edits, sends and withdraws.';
create policy recipient_answers on referrals for update
  using (tenant_id = lotse.tenant_id() and recipient_organization_id = lotse.receiving_organization_id() and sent_at is not null);
comment on policy recipient_answers on referrals is 'The recipient opens, accepts and declines.';

grant select, insert, update (situation) on referral_letters to lotse_service;
create policy compartment on referral_letters for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on referral_letters is 'The words that shall leave are seen by the sending unit only.';
create policy compartment_new on referral_letters for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_new on referral_letters is 'Written by the unit that holds the case.';
create policy compartment_edits on referral_letters for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_edits on referral_letters is 'Edited by the unit that holds the case.';
