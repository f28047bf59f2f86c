-- Who sees what happened?

grant select, insert, delete on events to lotse_service;
create policy compartment on events for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on events is 'What happens to the records of a unit is followed by the unit; of somebody shielded only by who is named.';
create policy receiver on events for select
  using (tenant_id = lotse.tenant_id() and compartment_id is null and organization_id = lotse.receiving_organization_id());
comment on policy receiver on events is 'What an organisation may know without a release, because it was sent or asked, is followed by that organisation.';
create policy messenger on events for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'messenger' and not shielded);
comment on policy messenger on events is 'The messenger carries to webhooks what happened, and nothing about anybody shielded.';
create policy forgotten on events for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'clock' and at < now() - interval '90 days');
comment on policy forgotten on events is 'The clock finds what is older than ninety days.';
create policy writer on events for insert with check (tenant_id = lotse.tenant_id());
comment on policy writer on events is 'Every act may say that it happened; it holds no word about a person.';
create policy clock_forgets on events for delete
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'clock' and at < now() - interval '90 days');
comment on policy clock_forgets on events is 'Forgotten after ninety days, and never before; nobody changes an event.';

grant select, insert, delete on event_listeners to lotse_service;
create policy everyone on event_listeners for select using (tenant_id = lotse.tenant_id());
comment on policy everyone on event_listeners is 'Every act asks whether somebody waits for it; that an organisation has a webhook is no secret inside the municipality.';
create policy keeper on event_listeners for insert
  with check (tenant_id = lotse.tenant_id() and (lotse.acts_as() in ('tenant_admin', 'coordinator')
    or id = lotse.organization_id()));
comment on policy keeper on event_listeners is 'Noted by whoever may set up the webhook.';
create policy ends on event_listeners for delete
  using (tenant_id = lotse.tenant_id() and (lotse.acts_as() in ('tenant_admin', 'coordinator', 'messenger')
    or id = lotse.organization_id()));
comment on policy ends on event_listeners is 'Taken away with the last webhook, also by the messenger when it stops calling.';
