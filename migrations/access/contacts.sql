-- Who sees a first contact, and the person behind it?

-- When somebody came to which door never changes.
grant select, insert, update (status, to_organization_id, next_step_on, guided_offer_id, guided_place, guided_contact,
  confirmed_by, declined_place, declined_organization_id, taken_up_case_id, ended_at, version) on contacts to lotse_service;
create policy door on contacts for select
  using (tenant_id = lotse.tenant_id()
    and (organization_id = lotse.receiving_organization_id() or registered_by_user_id = lotse.user_id()));
comment on policy door on contacts is 'A contact is seen at the door where it was registered, in offices without such a door only by who registered it.';
create policy addressed on contacts for select
  using (tenant_id = lotse.tenant_id() and to_organization_id = lotse.receiving_organization_id());
comment on policy addressed on contacts is 'And by the organisation that is asked to take up or to which the person is guided.';
create policy figures on contacts for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('navigation_head', 'coordinator'));
comment on policy figures on contacts is 'Head and coordinator see that contacts came and how they ended: the row holds no word about the person.';
create policy door_new on contacts for insert
  with check (tenant_id = lotse.tenant_id() and registered_by_user_id = lotse.user_id()
    and organization_id = lotse.organization_id());
comment on policy door_new on contacts is 'Registered by any member of staff, in the own organisation and the own name; also by a receiver that returns a person.';
create policy door_edits on contacts for update
  using (tenant_id = lotse.tenant_id() and ended_at is null
    and (organization_id = lotse.receiving_organization_id() or registered_by_user_id = lotse.user_id()))
  with check (tenant_id = lotse.tenant_id()
    and (organization_id = lotse.receiving_organization_id() or registered_by_user_id = lotse.user_id()));
comment on policy door_edits on contacts is 'The door guides on, until the contact has ended.';
create policy addressed_edits on contacts for update
  using (tenant_id = lotse.tenant_id() and ended_at is null and to_organization_id = lotse.receiving_organization_id())
  with check (tenant_id = lotse.tenant_id() and to_organization_id = lotse.receiving_organization_id());
comment on policy addressed_edits on contacts is 'Whoever is asked takes up, confirms, or notes that the person does not want it.';

grant select, insert, update (to_organization_id) on contact_people to lotse_service;
create policy door on contact_people for select
  using (tenant_id = lotse.tenant_id()
    and (organization_id = lotse.receiving_organization_id() or registered_by_user_id = lotse.user_id()));
comment on policy door on contact_people is 'Name and reach are seen at the door where the person told them.';
create policy addressed on contact_people for select
  using (tenant_id = lotse.tenant_id() and to_organization_id = lotse.receiving_organization_id());
comment on policy addressed on contact_people is 'And by whoever is asked to take up: the person agreed to it.';
create policy door_new on contact_people for insert
  with check (tenant_id = lotse.tenant_id() and registered_by_user_id = lotse.user_id());
comment on policy door_new on contact_people is 'Written down by who registers the contact.';
create policy door_edits on contact_people for update
  using (tenant_id = lotse.tenant_id()
    and (organization_id = lotse.receiving_organization_id() or registered_by_user_id = lotse.user_id()))
  with check (tenant_id = lotse.tenant_id());
comment on policy door_edits on contact_people is 'The door says to whom it goes on.';

grant select, insert, update (sector, organization_id, note, ended_at, version) on scope_rules to lotse_service;
create policy everyone on scope_rules for select using (tenant_id = lotse.tenant_id());
comment on policy everyone on scope_rules is 'All members know what the municipality helps with itself, and who else does.';
create policy keeper on scope_rules for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'coordinator'));
comment on policy keeper on scope_rules is 'Administrator and coordinator set the scope.';
create policy editor on scope_rules for update
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'coordinator'));
comment on policy editor on scope_rules is 'Administrator and coordinator change the scope, and widen it again.';
