-- Who sees appointments and tries to reach somebody?

grant select, insert, update on appointments to lotse_service;
create policy compartment on appointments for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on appointments is 'Appointments are seen by the unit that holds the case.';
create policy compartment_new on appointments for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_new on appointments is 'Made by the unit that holds the case.';
create policy compartment_edits on appointments for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()) and status = 'planned')
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_edits on appointments is 'Moved or concluded by the unit; how it went is recorded once.';

grant select, insert on contact_attempts to lotse_service;
create policy compartment on contact_attempts for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on contact_attempts is 'Every try is seen by the unit that holds the case, and never changes.';
create policy compartment_new on contact_attempts for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_new on contact_attempts is 'Recorded by the unit that holds the case.';
