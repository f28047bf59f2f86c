-- Who sees a task?

grant select, insert, update (title, owner_membership_id, due_on, done_at, done_by_user_id, version) on tasks to lotse_service;
create policy compartment on tasks for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on tasks is 'The unit sees what is to be done in its cases.';
create policy compartment_new on tasks for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_new on tasks is 'The unit gives itself tasks.';
create policy compartment_done on tasks for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()) and done_at is null)
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_done on tasks is 'A task is done once.';
create policy moved_done on tasks for update
  using (tenant_id = lotse.tenant_id() and case_id = lotse.moving_case_id() and done_at is null)
  with check (tenant_id = lotse.tenant_id() and case_id = lotse.moving_case_id());
comment on policy moved_done on tasks is 'Arrival settles the tasks of contacting again.';
create policy moved on tasks for select using (tenant_id = lotse.tenant_id() and case_id = lotse.moving_case_id());
comment on policy moved on tasks is 'Inside the transaction of its own answer a receiver writes the tasks that follow from it.';
create policy moved_new on tasks for insert with check (tenant_id = lotse.tenant_id() and case_id = lotse.moving_case_id());
comment on policy moved_new on tasks is 'Arrival and no-show give the giver its dated tasks.';
