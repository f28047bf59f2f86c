-- Who sees a person?

grant select, insert, update on clients to lotse_service;
create policy compartment on clients for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on clients is 'A person is known to the unit that works with them; a shielded person only to named members.';
create policy compartment_new on clients for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments())
    and (external_by is null or external_by = lotse.user_id()));
comment on policy compartment_new on clients is 'A person is recorded in one''s own unit, or shielded with oneself named, and under nobody else''s key.';
create policy compartment_edits on clients for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_edits on clients is 'The unit keeps its record of a person up to date.';

grant select, insert on identification_steps to lotse_service;
create policy compartment on identification_steps for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on identification_steps is 'The unit sees why a person was asked for more.';
create policy compartment_new on identification_steps for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()) and by_user_id = lotse.user_id());
comment on policy compartment_new on identification_steps is 'Whoever raises the level signs for it; nobody changes it later.';
