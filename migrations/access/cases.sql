-- Who sees a case?

grant select, insert, update on cases to lotse_service;
create policy compartment on cases for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on cases is 'A case is seen by the responsible unit; a shielded one only by its named members.';
create policy compartment_new on cases for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments())
    and (external_by is null or external_by = lotse.user_id()));
comment on policy compartment_new on cases is 'A case is opened in one''s own unit, and under nobody else''s key.';
create policy compartment_edits on cases for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()) and status <> 'closed')
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_edits on cases is 'The unit moves its case on; a closed case never changes.';
create policy moved on cases for select using (tenant_id = lotse.tenant_id() and id = lotse.moving_case_id());
comment on policy moved on cases is 'The one case that a receiver''s own answer (arrival, no-show) moves on, inside that transaction only.';
create policy moved_edits on cases for update
  using (tenant_id = lotse.tenant_id() and id = lotse.moving_case_id() and status <> 'closed')
  with check (tenant_id = lotse.tenant_id() and id = lotse.moving_case_id());
comment on policy moved_edits on cases is 'Arrival and no-show set the next step of that one case.';

grant select, insert, update (until_at) on case_leads to lotse_service;
create policy compartment on case_leads for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on case_leads is 'The unit sees who led a case when.';
create policy compartment_new on case_leads for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_new on case_leads is 'A lead begins with the case or with an assignment.';
create policy compartment_ends on case_leads for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()) and until_at is null)
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_ends on case_leads is 'A lead ends once; the history never changes.';
create policy courier on case_leads for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'courier' and until_at is null);
comment on policy courier on case_leads is 'The courier knows who leads a case, to tell that something waits; nothing else of it.';
