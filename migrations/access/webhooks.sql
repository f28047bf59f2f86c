-- Who sees webhooks and what they were called for?

grant select, insert, delete, update (url, event_types, status, stopped_because, wrapped_key, sealed, former_wrapped_key,
  former_sealed, former_until, read_xid, read_id, failing_since, given_up, called_until, version) on webhooks to lotse_service;
create policy keeper on webhooks for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'coordinator'));
comment on policy keeper on webhooks is 'Administrator and coordinator see all webhooks of the municipality.';
create policy own on webhooks for select
  using (tenant_id = lotse.tenant_id() and organization_id = lotse.organization_id()
    and lotse.acts_as() in ('network_professional', 'youth_welfare_professional', 'navigation_head'));
comment on policy own on webhooks is 'Whoever connects systems of an organisation sees its webhooks.';
create policy messenger on webhooks for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'messenger');
comment on policy messenger on webhooks is 'The messenger knows whom to call.';
create policy keeper_new on webhooks for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'coordinator'));
comment on policy keeper_new on webhooks is 'Administrator and coordinator set up webhooks for any organisation.';
create policy own_new on webhooks for insert
  with check (tenant_id = lotse.tenant_id() and organization_id = lotse.organization_id()
    and lotse.acts_as() in ('network_professional', 'youth_welfare_professional', 'navigation_head'));
comment on policy own_new on webhooks is 'Everybody else for the own organisation.';
create policy keeper_edits on webhooks for update
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'coordinator'));
comment on policy keeper_edits on webhooks is 'Administrator and coordinator change webhooks.';
create policy own_edits on webhooks for update
  using (tenant_id = lotse.tenant_id() and organization_id = lotse.organization_id()
    and lotse.acts_as() in ('network_professional', 'youth_welfare_professional', 'navigation_head'));
comment on policy own_edits on webhooks is 'So do those who connect systems of the organisation.';
create policy messenger_notes on webhooks for update using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'messenger');
comment on policy messenger_notes on webhooks is 'The messenger notes how far it has come, and stops calling where nobody answers.';
create policy keeper_removes on webhooks for delete
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'coordinator'));
comment on policy keeper_removes on webhooks is 'Administrator and coordinator take webhooks away.';
create policy own_removes on webhooks for delete
  using (tenant_id = lotse.tenant_id() and organization_id = lotse.organization_id()
    and lotse.acts_as() in ('network_professional', 'youth_welfare_professional', 'navigation_head'));
comment on policy own_removes on webhooks is 'So do those who connect systems of the organisation.';

grant select, insert, delete, update (status, attempts, next_attempt_at, last_attempt_at, last_status, last_error, last_ms,
  delivered_at, version) on webhook_deliveries to lotse_service;
create policy keeper on webhook_deliveries for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'coordinator'));
comment on policy keeper on webhook_deliveries is 'Administrator and coordinator see what webhooks were called for: kinds and ids.';
create policy own on webhook_deliveries for select
  using (tenant_id = lotse.tenant_id() and organization_id = lotse.organization_id()
    and lotse.acts_as() in ('network_professional', 'youth_welfare_professional', 'navigation_head'));
comment on policy own on webhook_deliveries is 'Whoever connects systems of an organisation sees what they were called for.';
create policy messenger on webhook_deliveries for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'messenger');
comment on policy messenger on webhook_deliveries is 'The messenger knows what waits.';
create policy forgotten on webhook_deliveries for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'clock' and created_at < now() - interval '90 days');
comment on policy forgotten on webhook_deliveries is 'The clock finds what is older than ninety days.';
create policy messenger_new on webhook_deliveries for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'messenger');
comment on policy messenger_new on webhook_deliveries is 'The messenger makes a delivery of what happened.';
create policy keeper_tries on webhook_deliveries for insert
  with check (tenant_id = lotse.tenant_id() and event_id is null and lotse.acts_as() in ('tenant_admin', 'coordinator'));
comment on policy keeper_tries on webhook_deliveries is 'Administrator and coordinator try whether somebody is there.';
create policy own_tries on webhook_deliveries for insert
  with check (tenant_id = lotse.tenant_id() and event_id is null and organization_id = lotse.organization_id()
    and lotse.acts_as() in ('network_professional', 'youth_welfare_professional', 'navigation_head'));
comment on policy own_tries on webhook_deliveries is 'So do those who connect systems of the organisation; nobody of them invents an event.';
create policy keeper_repeats on webhook_deliveries for update
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'coordinator'));
comment on policy keeper_repeats on webhook_deliveries is 'Administrator and coordinator let it be called for once more.';
create policy own_repeats on webhook_deliveries for update
  using (tenant_id = lotse.tenant_id() and organization_id = lotse.organization_id()
    and lotse.acts_as() in ('network_professional', 'youth_welfare_professional', 'navigation_head'));
comment on policy own_repeats on webhook_deliveries is 'So do those who connect systems of the organisation.';
create policy messenger_notes on webhook_deliveries for update
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'messenger');
comment on policy messenger_notes on webhook_deliveries is 'The messenger notes how each attempt went.';
create policy keeper_removes on webhook_deliveries for delete
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'coordinator'));
comment on policy keeper_removes on webhook_deliveries is 'With the webhook its deliveries go.';
create policy own_removes on webhook_deliveries for delete
  using (tenant_id = lotse.tenant_id() and organization_id = lotse.organization_id()
    and lotse.acts_as() in ('network_professional', 'youth_welfare_professional', 'navigation_head'));
comment on policy own_removes on webhook_deliveries is 'With the webhook its deliveries go.';
create policy clock_forgets on webhook_deliveries for delete
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'clock' and created_at < now() - interval '90 days');
comment on policy clock_forgets on webhook_deliveries is 'The log goes back ninety days.';
