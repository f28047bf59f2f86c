-- Who sees the offers?

grant select, insert, update on offers to lotse_service;
create policy everyone on offers for select using (tenant_id = lotse.tenant_id());
comment on policy everyone on offers is 'All members of a municipality know all offers of its network.';
create policy keeper on offers for insert
  with check (tenant_id = lotse.tenant_id() and (lotse.acts_as() in ('tenant_admin', 'coordinator')
    or organization_id = lotse.receiving_organization_id()));
comment on policy keeper on offers is 'Administrator and coordinator add offers; every organisation adds its own.';
create policy editor on offers for update
  using (tenant_id = lotse.tenant_id() and (lotse.acts_as() in ('tenant_admin', 'coordinator')
    or organization_id = lotse.receiving_organization_id()));
comment on policy editor on offers is 'Administrator and coordinator change offers; every organisation changes its own.';

grant select, insert, update (answer_days, agreement, version) on interfaces to lotse_service;
create policy everyone on interfaces for select using (tenant_id = lotse.tenant_id());
comment on policy everyone on interfaces is 'What two organisations have agreed on is known in the network.';
create policy keeper on interfaces for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'coordinator'));
comment on policy keeper on interfaces is 'Administrator and coordinator record what was agreed.';
create policy editor on interfaces for update
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'coordinator'));
comment on policy editor on interfaces is 'Administrator and coordinator change it.';
