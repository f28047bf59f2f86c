-- Who sees the audit trail and the keys of repeated requests?

grant insert, select on audit_events to lotse_service;
grant insert on audit_events to lotse_audit;
create policy writer on audit_events for insert with check (tenant_id = lotse.tenant_id());
comment on policy writer on audit_events is 'Every act in a municipality leaves its row in that municipality''s trail; nobody changes or deletes one.';
create policy dpo on audit_events for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'dpo');
comment on policy dpo on audit_events is 'Only the data protection officer reads the trail.';
create policy sealer on audit_events for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'sealer');
comment on policy sealer on audit_events is 'What seals the trail of a municipality reads all of it.';

grant insert, select on audit_heads to lotse_service;
create policy sealer on audit_heads for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'sealer');
comment on policy sealer on audit_heads is 'Each head of the trail goes on from the one before.';
create policy sealer_new on audit_heads for insert with check (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'sealer');
comment on policy sealer_new on audit_heads is 'Only what seals the trail adds heads, and nobody changes or deletes one.';
create policy keeper on audit_heads for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('dpo', 'auditor'));
comment on policy keeper on audit_heads is 'Data protection officer and auditor keep copies of the heads.';

-- On another server the numbers of transactions begin anew. A trail that was restored there counts on from its highest
-- number: `npm run migrate` then makes this function again, with what to add; here it is made only where it is missing.
do $$ begin
  if to_regprocedure('lotse.counted_on(xid8)') is null then
    create function lotse.counted_on(xid8) returns xid8 language sql immutable return $1;
  end if;
end $$;
alter table audit_events alter column xid set default lotse.counted_on(pg_current_xact_id());

grant select, insert, delete on idempotency_keys to lotse_service;
create policy own on idempotency_keys for select using (tenant_id = lotse.tenant_id() and principal_id = lotse.user_id());
comment on policy own on idempotency_keys is 'Everybody repeats only their own requests.';
create policy own_new on idempotency_keys for insert with check (tenant_id = lotse.tenant_id() and principal_id = lotse.user_id());
comment on policy own_new on idempotency_keys is 'Everybody marks only their own requests.';
create policy forgotten on idempotency_keys for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'clock' and created_at < now() - interval '1 day');
comment on policy forgotten on idempotency_keys is 'The clock finds the keys that are older than a day.';
create policy clock_forgets on idempotency_keys for delete
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'clock' and created_at < now() - interval '1 day');
comment on policy clock_forgets on idempotency_keys is 'Forgotten after a day, and never before: until then a request can be repeated safely.';

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

-- Counts of wrong guesses belong to no municipality: only the functions below reach them, for whoever asks.
grant select, insert, update (failures, blocked_until, last_at, familiar_until), delete on attempt_counters to lotse_service;
create policy counter on attempt_counters for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'counter');
comment on policy counter on attempt_counters is 'Counts of wrong guesses are read by nobody but the functions that count.';
create policy counter_begins on attempt_counters for insert with check (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'counter');
comment on policy counter_begins on attempt_counters is 'A count begins with a wrong guess, or where an account was really used.';
create policy counter_counts on attempt_counters for update using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'counter');
comment on policy counter_counts on attempt_counters is 'Only the functions that count go on counting.';
create policy counter_forgets on attempt_counters for delete using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'counter');
comment on policy counter_forgets on attempt_counters is 'Counts are forgotten after a day.';

-- Steps over to where is counted, and says whence; with that, back again. What fails in between takes its transaction along.
create or replace function lotse.counting() returns text[] language plpgsql as $$
declare
  back text[] := array[current_setting('app.tenant_id', true), current_setting('app.role', true)];
begin
  perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true), set_config('app.role', 'counter', true);
  return back;
end $$;
create or replace function lotse.counted(p_back text[]) returns void language plpgsql as $$
begin
  perform set_config('app.tenant_id', coalesce(p_back[1], ''), true), set_config('app.role', coalesce(p_back[2], ''), true);
end $$;

-- Under which key an account is counted: apart where it was really used before, together everywhere else.
create or replace function lotse.counted_key(p_subject bytea, p_familiar bytea) returns bytea language sql volatile
  return case when exists (select from attempt_counters c
    where c.tenant_id = lotse.tenant_id() and c.key = p_familiar and c.familiar_until > clock_timestamp())
    then p_familiar else p_subject end;

-- How many seconds are still to wait, as the rows are now.
create or replace function lotse.waiting(p_subject bytea, p_address bytea) returns int language sql volatile
  return (select coalesce(ceil(extract(epoch from max(c.blocked_until) - clock_timestamp())), 0)::int from attempt_counters c
    where c.tenant_id = lotse.tenant_id() and c.key in (p_subject, p_address) and c.blocked_until > clock_timestamp());

-- May somebody try? While tries are free, nothing is written and nobody waits for anybody. After that there is one at a
-- time: it is counted before it is made, as if it had failed, so that guesses at the same instant gain nothing. Whoever is
-- known at an address does not wait for what others guess there.
create or replace function lotse.attempt_begins(
  p_subject bytea, p_familiar bytea, p_address bytea, p_free_of_subject int, p_free_of_address int, p_delays int[],
  out wait int, out subject_counted boolean, out address_counted boolean
) language plpgsql as $$
declare
  back text[] := lotse.counting();
  subject bytea := lotse.counted_key(p_subject, p_familiar);
  address bytea := case when subject = p_familiar then null else p_address end;
begin
  subject_counted := false;
  address_counted := false;
  wait := lotse.waiting(subject, address);
  if wait = 0 and exists (
    select from attempt_counters c where c.tenant_id = lotse.tenant_id()
      and (c.key = subject and c.failures >= p_free_of_subject or c.key = address and c.failures >= p_free_of_address)
  ) then
    -- Always in this order, here and below: nobody holds an address and waits for an account.
    perform from attempt_counters c where c.tenant_id = lotse.tenant_id() and c.key = subject for no key update;
    perform from attempt_counters c where c.tenant_id = lotse.tenant_id() and c.key = address for no key update;
    -- Somebody else may have been first.
    wait := lotse.waiting(subject, address);
    if wait = 0 then
      update attempt_counters c set failures = c.failures + 1, last_at = clock_timestamp(), blocked_until = clock_timestamp()
          + p_delays[least(c.failures - p_free_of_subject + 1, cardinality(p_delays))] * interval '1 second'
      where c.tenant_id = lotse.tenant_id() and c.key = subject and c.failures >= p_free_of_subject;
      subject_counted := found;
      update attempt_counters c set failures = c.failures + 1, last_at = clock_timestamp(), blocked_until = clock_timestamp()
          + p_delays[least(c.failures - p_free_of_address + 1, cardinality(p_delays))] * interval '1 second'
      where c.tenant_id = lotse.tenant_id() and c.key = address and c.failures >= p_free_of_address;
      address_counted := found;
    end if;
  end if;
  perform lotse.counted(back);
end $$;

-- It was wrong. Null is what was counted before the try. Guesses at the same instant all count.
create or replace function lotse.attempt_failed(
  p_subject bytea, p_familiar bytea, p_address bytea, p_free_of_subject int, p_free_of_address int, p_delays int[]
) returns void language plpgsql as $$
declare
  back text[] := lotse.counting();
begin
  insert into attempt_counters as c (tenant_id, key, failures, last_at)
  select lotse.tenant_id(), k, 1, clock_timestamp() from lotse.counted_key(p_subject, p_familiar) k where k is not null
  on conflict (tenant_id, key) do update set failures = c.failures + 1, last_at = clock_timestamp(),
    blocked_until = case when c.failures >= p_free_of_subject then clock_timestamp()
      + p_delays[least(c.failures - p_free_of_subject + 1, cardinality(p_delays))] * interval '1 second' end;
  insert into attempt_counters as c (tenant_id, key, failures, last_at)
  select lotse.tenant_id(), p_address, 1, clock_timestamp() where p_address is not null
  on conflict (tenant_id, key) do update set failures = c.failures + 1, last_at = clock_timestamp(),
    blocked_until = case when c.failures >= p_free_of_address then clock_timestamp()
      + p_delays[least(c.failures - p_free_of_address + 1, cardinality(p_delays))] * interval '1 second' end;
  perform lotse.counted(back);
end $$;

-- It was right: the account's count begins anew where it was counted, and its owner is known there for a month. Of an
-- address only this one try is taken back, where it was counted beforehand.
create or replace function lotse.attempt_succeeded(p_subject bytea, p_familiar bytea, p_address bytea)
returns void language plpgsql as $$
declare
  back text[] := lotse.counting();
begin
  update attempt_counters c set failures = 0, blocked_until = null
  where c.tenant_id = lotse.tenant_id() and c.key = lotse.counted_key(p_subject, p_familiar) and c.failures > 0;
  insert into attempt_counters as c (tenant_id, key, failures, last_at, familiar_until)
  select lotse.tenant_id(), p_familiar, 0, clock_timestamp(), clock_timestamp() + interval '30 days' where p_familiar is not null
  on conflict (tenant_id, key) do update set familiar_until = excluded.familiar_until
  where c.familiar_until is null or c.familiar_until < excluded.familiar_until - interval '1 day';
  update attempt_counters c set failures = c.failures - 1, blocked_until = null
  where c.tenant_id = lotse.tenant_id() and c.key = p_address;
  perform lotse.counted(back);
end $$;

create or replace function lotse.forget_attempts() returns void language plpgsql as $$
declare
  back text[] := lotse.counting();
begin
  update attempt_counters c set failures = 0, blocked_until = null
  where c.tenant_id = lotse.tenant_id() and c.failures > 0 and c.last_at < now() - interval '24 hours' and c.familiar_until > now();
  delete from attempt_counters c where c.tenant_id = lotse.tenant_id() and c.last_at < now() - interval '24 hours'
    and (c.familiar_until is null or c.familiar_until < now());
  perform lotse.counted(back);
end $$;
