-- Who sees a clock that runs?

grant select, insert, update (stopped_at, stopped_on, stopped_by, escalated_to, escalated_at, version) on deadlines to lotse_service;
create policy compartment on deadlines for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on deadlines is 'The unit sees the clocks of its cases.';
create policy obliged on deadlines for select
  using (tenant_id = lotse.tenant_id() and organization_id = lotse.receiving_organization_id()
    and kind in ('referral_response', 'waitlist_expected', 'handover_response'));
comment on policy obliged on deadlines is 'Whoever was asked sees by when to answer. A shielded person''s other clocks stay with the named members.';
create policy coordinator on deadlines for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'coordinator' and escalated_to = 'coordinator');
comment on policy coordinator on deadlines is 'The coordinator sees a clock that lead and head have let pass.';
create policy clock on deadlines for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'clock');
comment on policy clock on deadlines is 'The clock of a municipality looks at all that run there.';
create policy compartment_new on deadlines for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_new on deadlines is 'A clock starts with an act of the unit that holds the case.';
create policy obliged_new on deadlines for insert
  with check (tenant_id = lotse.tenant_id() and organization_id = lotse.receiving_organization_id());
comment on policy obliged_new on deadlines is 'Or with an act of whoever has to act next.';
create policy registrar_new on deadlines for insert
  with check (tenant_id = lotse.tenant_id() and case_id is null and organization_id = lotse.organization_id());
comment on policy registrar_new on deadlines is 'A first contact starts a clock for the organisation that registers it.';
create policy moved_new on deadlines for insert with check (tenant_id = lotse.tenant_id() and case_id = lotse.moving_case_id());
comment on policy moved_new on deadlines is 'A receiver''s answer starts the clocks of the giver that follow from it.';
create policy moved on deadlines for select using (tenant_id = lotse.tenant_id() and case_id = lotse.moving_case_id());
comment on policy moved on deadlines is 'Inside the transaction of its own answer a receiver meets the clocks of that one case.';
create policy compartment_stops on deadlines for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()) and stopped_at is null)
  with check (tenant_id = lotse.tenant_id());
comment on policy compartment_stops on deadlines is 'The unit stops a clock, once; start and due day never change.';
create policy obliged_stops on deadlines for update
  using (tenant_id = lotse.tenant_id() and organization_id = lotse.receiving_organization_id()
    and kind in ('referral_response', 'waitlist_expected', 'handover_response') and stopped_at is null)
  with check (tenant_id = lotse.tenant_id());
comment on policy obliged_stops on deadlines is 'Whoever had to act stops it by acting.';
create policy registrar on deadlines for select
  using (tenant_id = lotse.tenant_id() and case_id is null and organization_id = lotse.organization_id());
comment on policy registrar on deadlines is 'The clock of a contact is seen where it was registered.';
create policy registrar_stops on deadlines for update
  using (tenant_id = lotse.tenant_id() and case_id is null and organization_id = lotse.organization_id() and stopped_at is null)
  with check (tenant_id = lotse.tenant_id());
comment on policy registrar_stops on deadlines is 'And stopped there.';
create policy moved_stops on deadlines for update
  using (tenant_id = lotse.tenant_id() and case_id = lotse.moving_case_id() and stopped_at is null)
  with check (tenant_id = lotse.tenant_id());
comment on policy moved_stops on deadlines is 'Arrival and no-show stop the clocks that waited for them.';
create policy answered on deadlines for select
  using (tenant_id = lotse.tenant_id() and case_id is null and subject_id = lotse.moving_contact_id());
comment on policy answered on deadlines is 'Inside the transaction of its own answer whoever was asked meets the clock of that one contact.';
create policy door_new on deadlines for insert
  with check (tenant_id = lotse.tenant_id() and case_id is null and subject_id = lotse.moving_contact_id());
comment on policy door_new on deadlines is 'Guiding on sets a new day, also for whoever registered the contact under another membership.';
create policy answered_stops on deadlines for update
  using (tenant_id = lotse.tenant_id() and case_id is null and subject_id = lotse.moving_contact_id() and stopped_at is null)
  with check (tenant_id = lotse.tenant_id());
comment on policy answered_stops on deadlines is 'Taking up, confirming or a refusal stops the clock at the door.';
create policy link_holder on deadlines for select
  using (tenant_id = lotse.tenant_id() and subject_id = lotse.linked_referral_id());
comment on policy link_holder on deadlines is 'Whoever answers by link sees by when.';
create policy link_holder_stops on deadlines for update
  using (tenant_id = lotse.tenant_id() and subject_id = lotse.linked_referral_id() and stopped_at is null)
  with check (tenant_id = lotse.tenant_id());
comment on policy link_holder_stops on deadlines is 'And stops it by answering.';
create policy clock_escalates on deadlines for update
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'clock' and stopped_at is null)
  with check (tenant_id = lotse.tenant_id());
comment on policy clock_escalates on deadlines is 'The clock notes whom it has told.';
