-- Who sees the audit trail and the keys of repeated requests?

grant insert, select on audit_events to lotse_service;
grant insert on audit_events to lotse_audit;
create policy writer on audit_events for insert with check (tenant_id = lotse.tenant_id());
comment on policy writer on audit_events is 'Every act in a municipality leaves its row in that municipality''s trail; nobody changes or deletes one.';
create policy dpo on audit_events for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'dpo');
comment on policy dpo on audit_events is 'Only the data protection officer reads the trail.';

grant select, insert on idempotency_keys to lotse_service;
create policy own on idempotency_keys for select using (tenant_id = lotse.tenant_id() and principal_id = lotse.user_id());
comment on policy own on idempotency_keys is 'Everybody repeats only their own requests.';
create policy own_new on idempotency_keys for insert with check (tenant_id = lotse.tenant_id() and principal_id = lotse.user_id());
comment on policy own_new on idempotency_keys is 'Everybody marks only their own requests.';

-- Raises LT409 while a request with this key runs, LT422 when the key belongs to another request;
-- answers the outcome of an earlier one.
create or replace function lotse.claim_key(p_key text, p_fingerprint text)
returns table (resource_id uuid, status int) language plpgsql as $$
declare earlier record;
begin
  if not pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', lotse.tenant_id(), lotse.user_id(), p_key), 0)) then
    raise exception 'still_running' using errcode = 'LT409';
  end if;
  select k.fingerprint, k.resource_id, k.status into earlier from idempotency_keys k
  where k.tenant_id = lotse.tenant_id() and k.principal_id = lotse.user_id() and k.key = p_key;
  if not found then
    return;
  end if;
  if earlier.fingerprint <> p_fingerprint then
    raise exception 'idempotency_key_reused' using errcode = 'LT422';
  end if;
  return query select earlier.resource_id, earlier.status;
end $$;
