-- Who sees a referral?

grant select, insert, update on referrals to lotse_service;
create policy compartment on referrals for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on referrals is 'The sending unit sees its referrals.';
create policy recipient on referrals for select
  using (tenant_id = lotse.tenant_id() and recipient_organization_id = lotse.receiving_organization_id() and sent_at is not null);
comment on policy recipient on referrals is 'The recipient sees what was sent to it, never a draft. The thread holds no fact about the person.';
create policy compartment_new on referrals for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments())
    and (external_by is null or external_by = lotse.user_id()));
comment on policy compartment_new on referrals is 'A referral is drafted by the unit that holds the case, and under nobody else''s key.';
create policy compartment_edits on referrals for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_edits on referrals is 'The sending unit edits, sends and withdraws.';
create policy recipient_answers on referrals for update
  using (tenant_id = lotse.tenant_id() and recipient_organization_id = lotse.receiving_organization_id() and sent_at is not null);
comment on policy recipient_answers on referrals is 'The recipient opens, takes, answers and concludes.';

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
create policy moved_new on referrals for insert
  with check (tenant_id = lotse.tenant_id() and case_id = lotse.moving_case_id() and status = 'draft');
comment on policy moved_new on referrals is 'A redirect leaves a draft with the giver; the receiver never sends on.';
create policy moved on referrals for select
  using (tenant_id = lotse.tenant_id() and case_id = lotse.moving_case_id() and status = 'draft');
comment on policy moved on referrals is 'Inside the transaction of its own answer a receiver meets the draft that it proposes.';
create policy link_holder on referrals for select using (tenant_id = lotse.tenant_id() and id = lotse.linked_referral_id());
comment on policy link_holder on referrals is 'Whoever opened a link sees that one referral.';
create policy link_holder_answers on referrals for update using (tenant_id = lotse.tenant_id() and id = lotse.linked_referral_id());
comment on policy link_holder_answers on referrals is 'And answers it once.';
create policy courier on referrals for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'courier' and status in ('sent', 'waitlisted'));
comment on policy courier on referrals is 'The courier knows which referrals still wait for an answer: the link to any other does not go out.';
create policy moved_new on referral_letters for insert with check (tenant_id = lotse.tenant_id() and case_id = lotse.moving_case_id());
comment on policy moved_new on referral_letters is 'The proposed draft begins with an empty letter.';

grant select, insert on referral_messages to lotse_service;
create policy compartment on referral_messages for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on referral_messages is 'The sending unit reads the thread.';
create policy recipient on referral_messages for select
  using (tenant_id = lotse.tenant_id() and recipient_organization_id = lotse.receiving_organization_id());
comment on policy recipient on referral_messages is 'So does the recipient, also after declining: the thread holds no fact about the person.';
create policy compartment_new on referral_messages for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments())
    and from_organization_id = lotse.organization_id());
comment on policy compartment_new on referral_messages is 'The sending unit writes in its own name.';
create policy recipient_new on referral_messages for insert
  with check (tenant_id = lotse.tenant_id() and recipient_organization_id = lotse.receiving_organization_id()
    and from_organization_id = lotse.receiving_organization_id());
comment on policy recipient_new on referral_messages is 'The recipient writes in its own name.';
