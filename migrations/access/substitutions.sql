-- Who sees who stands in for whom?

grant select, insert, update (ended_at, hand_back_note, version) on substitutions to lotse_service;
create policy unit on substitutions for select
  using (tenant_id = lotse.tenant_id() and organization_id = lotse.receiving_organization_id());
comment on policy unit on substitutions is 'Colleagues of an organisation see who stands in for whom.';
create policy unit_new on substitutions for insert
  with check (tenant_id = lotse.tenant_id() and organization_id = lotse.receiving_organization_id());
comment on policy unit_new on substitutions is 'Arranged inside the own organisation.';
create policy unit_ends on substitutions for update
  using (tenant_id = lotse.tenant_id() and organization_id = lotse.receiving_organization_id() and ended_at is null)
  with check (tenant_id = lotse.tenant_id());
comment on policy unit_ends on substitutions is 'Handed back once.';
create policy clock on substitutions for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'clock');
comment on policy clock on substitutions is 'The clock looks which ones end today.';
create policy clock_ends on substitutions for update
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'clock' and ended_at is null)
  with check (tenant_id = lotse.tenant_id());
comment on policy clock_ends on substitutions is 'The clock ends one whose last day has passed.';
create policy courier on substitutions for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'courier');
comment on policy courier on substitutions is 'The courier writes to whoever stands in.';
