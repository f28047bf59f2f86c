-- What all migrations together make. Written by `npm run openapi`, compared in CI; never edited, never run.

create schema graphile_worker;
create schema jobs;
create schema login;
create schema lotse;
create extension btree_gist schema public;
grant create on schema jobs to lotse_worker;
grant usage on schema jobs to lotse_service;
grant usage on schema jobs to lotse_worker;
grant usage on schema login to lotse_service;
grant usage on schema lotse to lotse_audit;
grant usage on schema lotse to lotse_service;
grant usage on schema public to public;

CREATE OR REPLACE FUNCTION lotse.acts_as()
 RETURNS text
 LANGUAGE sql
 STABLE
RETURN NULLIF(current_setting('app.role'::text, true), ''::text);

CREATE OR REPLACE FUNCTION lotse.attempt_begins(p_subject bytea, p_familiar bytea, p_address bytea, p_free_of_subject integer, p_free_of_address integer, p_delays integer[], OUT wait integer, OUT subject_counted boolean, OUT address_counted boolean)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION lotse.attempt_failed(p_subject bytea, p_familiar bytea, p_address bytea, p_free_of_subject integer, p_free_of_address integer, p_delays integer[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION lotse.attempt_succeeded(p_subject bytea, p_familiar bytea, p_address bytea)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION lotse.claim_key(p_key text, p_fingerprint text)
 RETURNS TABLE(resource_id uuid, status integer)
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION lotse.compartments()
 RETURNS uuid[]
 LANGUAGE sql
 STABLE
RETURN (COALESCE(NULLIF(current_setting('app.compartments'::text, true), ''::text), '{}'::text))::uuid[];

CREATE OR REPLACE FUNCTION lotse.counted(p_back text[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform set_config('app.tenant_id', coalesce(p_back[1], ''), true), set_config('app.role', coalesce(p_back[2], ''), true);
end $function$;

CREATE OR REPLACE FUNCTION lotse.counted_key(p_subject bytea, p_familiar bytea)
 RETURNS bytea
 LANGUAGE sql
RETURN CASE WHEN (EXISTS (SELECT FROM attempt_counters c WHERE ((c.tenant_id = lotse.tenant_id()) AND (c.key = counted_key.p_familiar) AND (c.familiar_until > clock_timestamp())))) THEN p_familiar ELSE p_subject END;

CREATE OR REPLACE FUNCTION lotse.counted_on(xid8)
 RETURNS xid8
 LANGUAGE sql
 IMMUTABLE
RETURN $1;

CREATE OR REPLACE FUNCTION lotse.counting()
 RETURNS text[]
 LANGUAGE plpgsql
AS $function$
declare
  back text[] := array[current_setting('app.tenant_id', true), current_setting('app.role', true)];
begin
  perform set_config('app.tenant_id', '00000000-0000-0000-0000-000000000000', true), set_config('app.role', 'counter', true);
  return back;
end $function$;

CREATE OR REPLACE FUNCTION lotse.credentials_of()
 RETURNS uuid
 LANGUAGE sql
 STABLE
RETURN (NULLIF(current_setting('app.credentials_of'::text, true), ''::text))::uuid;

CREATE OR REPLACE FUNCTION lotse.enter(p_tenant uuid, p_user uuid, p_membership uuid, p_session uuid, p_as text, p_roles text[], p_content boolean, p_action text, OUT role text, OUT organization_id uuid, OUT now timestamp with time zone, OUT today date)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
declare
  zone text;
  bound boolean;
  scopes text[];
  named uuid[];
  keeps boolean;
begin
  perform set_config('app.tenant_id', p_tenant::text, true),
          set_config('app.user_id', coalesce(p_user::text, ''), true),
          set_config('app.membership_id', coalesce(p_membership::text, ''), true),
          set_config('app.role', coalesce(p_as, ''), true),
          set_config('app.compartments', '{}', true),
          set_config('app.receiving_organization_id', '', true),
          set_config('app.moving_case_id', '', true),
          set_config('app.moving_contact_id', '', true),
          set_config('app.organization_id', '', true),
          set_config('app.link_id', '', true),
          set_config('app.credentials_of', '', true),
          set_config('app.linked_referral_id', '', true);
  now := pg_catalog.now();

  if p_as is not null then
    role := p_as;
    select t.time_zone into zone from tenants t where t.tenant_id = p_tenant and t.id = p_tenant;
    today := (now at time zone coalesce(zone, 'UTC'))::date;
    perform set_config('app.today', today::text, true);
    if p_as = 'link_holder' then
      -- A link is its own identity: it opens one referral, for half an hour after the right code, until it is answered.
      perform set_config('app.link_id', p_session::text, true);
      perform set_config('app.linked_referral_id', l.referral_id::text, true) from answer_links l
      where l.tenant_id = p_tenant and l.id = p_session and l.opened_until > pg_catalog.now() and l.expires_at > pg_catalog.now()
        and l.tries < 5 and l.answered_at is null and l.revoked_at is null;
    end if;
    return;
  end if;

  -- All that is to be known of a member, in one statement: every statement here is paid for by every request.
  select m.role, m.organization_id, t.time_zone, s.scopes,
    exists (select from secrecy_obligations o where o.tenant_id = p_tenant and o.user_id = p_user),
    array(select n.compartment_id from named_members n where n.tenant_id = p_tenant and n.membership_id = p_membership)
  into role, organization_id, zone, scopes, bound, named
  from sessions s
  join memberships m on m.tenant_id = p_tenant and m.id = p_membership
  join users u on u.tenant_id = p_tenant and u.id = p_user
  join tenants t on t.tenant_id = p_tenant and t.id = p_tenant
  where s.tenant_id = p_tenant and s.id = p_session and s.user_id = p_user and s.membership_id = p_membership
    and s.revoked_at is null and s.expires_at > pg_catalog.now() and m.ended_at is null and u.active;
  if not found then
    raise exception 'not_signed_in' using errcode = 'LT401';
  end if;
  -- A session without scopes may whatever its role may; the comparison is then null, which is not true.
  if not (role = any (p_roles)) or not (p_action = any (scopes)) then
    raise exception 'not_allowed' using errcode = 'LT403', detail = role;
  end if;
  if p_content and not bound then
    raise exception 'secrecy_obligation_missing' using errcode = 'LT403', detail = role;
  end if;

  today := (now at time zone zone)::date;
  -- Case content belongs to the unit that does the task (§ 67 (4) SGB X), and there to those who do it.
  keeps := role in ('navigator', 'navigation_head');
  perform set_config('app.role', role, true),
          set_config('app.today', today::text, true),
          set_config('app.organization_id', organization_id::text, true),
          set_config('app.compartments', case when keeps then (named || organization_id)::text else '{}' end, true),
          set_config('app.receiving_organization_id',
            case when keeps or role in ('network_professional', 'youth_welfare_professional', 'self_help_rep')
            then organization_id::text else '' end, true);
end $function$;

CREATE OR REPLACE FUNCTION lotse.forget_attempts()
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  back text[] := lotse.counting();
begin
  update attempt_counters c set failures = 0, blocked_until = null
  where c.tenant_id = lotse.tenant_id() and c.failures > 0 and c.last_at < now() - interval '24 hours' and c.familiar_until > now();
  delete from attempt_counters c where c.tenant_id = lotse.tenant_id() and c.last_at < now() - interval '24 hours'
    and (c.familiar_until is null or c.familiar_until < now());
  perform lotse.counted(back);
end $function$;

CREATE OR REPLACE FUNCTION lotse.link_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE
RETURN (NULLIF(current_setting('app.link_id'::text, true), ''::text))::uuid;

CREATE OR REPLACE FUNCTION lotse.linked_referral_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE
RETURN (NULLIF(current_setting('app.linked_referral_id'::text, true), ''::text))::uuid;

CREATE OR REPLACE FUNCTION lotse.membership_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE
RETURN (NULLIF(current_setting('app.membership_id'::text, true), ''::text))::uuid;

CREATE OR REPLACE FUNCTION lotse.moving_case_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE
RETURN (NULLIF(current_setting('app.moving_case_id'::text, true), ''::text))::uuid;

CREATE OR REPLACE FUNCTION lotse.moving_contact_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE
RETURN (NULLIF(current_setting('app.moving_contact_id'::text, true), ''::text))::uuid;

CREATE OR REPLACE FUNCTION lotse.organization_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE
RETURN (NULLIF(current_setting('app.organization_id'::text, true), ''::text))::uuid;

CREATE OR REPLACE FUNCTION lotse.receiving_organization_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE
RETURN (NULLIF(current_setting('app.receiving_organization_id'::text, true), ''::text))::uuid;

CREATE OR REPLACE FUNCTION lotse.still(p_holds boolean)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  if p_holds is not true then
    raise exception 'not_signed_in' using errcode = 'LT401';
  end if;
end $function$;

CREATE OR REPLACE FUNCTION lotse.tenant_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE
RETURN (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid;

CREATE OR REPLACE FUNCTION lotse.today()
 RETURNS date
 LANGUAGE sql
 STABLE
RETURN (NULLIF(current_setting('app.today'::text, true), ''::text))::date;

CREATE OR REPLACE FUNCTION lotse.user_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE
RETURN (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid;

CREATE OR REPLACE FUNCTION lotse.waiting(p_subject bytea, p_address bytea)
 RETURNS integer
 LANGUAGE sql
RETURN (SELECT (COALESCE(ceil(EXTRACT(epoch FROM (max(c.blocked_until) - clock_timestamp()))), (0)::numeric))::integer AS "coalesce" FROM attempt_counters c WHERE ((c.tenant_id = lotse.tenant_id()) AND (c.key = ANY (ARRAY[waiting.p_subject, waiting.p_address])) AND (c.blocked_until > clock_timestamp())));

CREATE OR REPLACE FUNCTION login.claim_issuer(p_issuer text, p_audience text, p_provider uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if lotse.acts_as() is distinct from 'tenant_admin' then
    raise exception 'only the administrator names an issuer' using errcode = '42501';
  end if;
  insert into login.issuers (issuer, audience, tenant_id, provider_id) values (p_issuer, p_audience, lotse.tenant_id(), p_provider);
end $function$;

CREATE OR REPLACE FUNCTION jobs.enqueue(p_task text, p_payload jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if jsonb_typeof(p_payload) is distinct from 'object' or exists (
    select from jsonb_each_text(p_payload) as field
    where field.value is null or field.value !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
  ) then
    raise exception 'the payload of a job holds ids only' using errcode = '22023';
  end if;
  perform graphile_worker.add_job(p_task, p_payload::json);
end $function$;

CREATE OR REPLACE FUNCTION login.provider_of(p_issuer text, p_audiences text[])
 RETURNS TABLE(tenant_id uuid, provider_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select i.tenant_id, i.provider_id from login.issuers i where i.issuer = p_issuer and i.audience = any (p_audiences)
$function$;

grant execute on function jobs.enqueue(text,jsonb) to lotse_service;
grant execute on function login.claim_issuer(text,text,uuid) to lotse_service;
grant execute on function login.provider_of(text,text[]) to lotse_service;

-- answer_links
create table answer_links (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  case_id uuid not null,
  client_id uuid not null,
  referral_id uuid not null,
  recipient_organization_id uuid not null,
  email text not null,
  language text not null,
  code_hash bytea not null,
  tries integer default 0 not null,
  expires_at timestamp with time zone not null,
  opened_until timestamp with time zone,
  mailed_at timestamp with time zone,
  answered_at timestamp with time zone,
  revoked_at timestamp with time zone,
  created_by_user_id uuid not null,
  created_at timestamp with time zone default now() not null,
  version integer default 1 not null,
  constraint answer_links_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint answer_links__five_tries CHECK (((tries >= 0) AND (tries <= 5))),
  constraint answer_links__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint answer_links__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint answer_links__created_by FOREIGN KEY (tenant_id, created_by_user_id) REFERENCES users(tenant_id, id),
  constraint answer_links__recipient FOREIGN KEY (tenant_id, recipient_organization_id) REFERENCES organizations(tenant_id, id),
  constraint answer_links__referral FOREIGN KEY (tenant_id, referral_id) REFERENCES referrals(tenant_id, id)
);
create index answer_links__by_case ON public.answer_links USING btree (tenant_id, case_id);
create uniquE INDEX answer_links__one_living_per_referral ON public.answer_links USING btree (tenant_id, referral_id) WHERE ((answered_at IS NULL) AND (revoked_at IS NULL));
create index answer_links__unmailed ON public.answer_links USING btree (tenant_id, created_at) WHERE (mailed_at IS NULL);
alter table answer_links enable row level security;
alter table answer_links force row level security;
grant insert, select, update (tries, opened_until, mailed_at, answered_at, revoked_at, version) on answer_links to lotse_service;
create policy compartment on answer_links for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on answer_links is 'The sending unit sees to whom it gave a link.';
create policy compartment_new on answer_links for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on answer_links is 'Only the sending unit gives one.';
create policy compartment_revokes on answer_links for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())) AND (answered_at IS NULL) AND (revoked_at IS NULL)))
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_revokes on answer_links is 'The sending unit revokes it.';
create policy courier on answer_links for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'courier'::text)));
comment on policy courier on answer_links is 'The courier knows where to send the link; the code goes by phone.';
create policy courier_mails on answer_links for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'courier'::text)));
comment on policy courier_mails on answer_links is 'The courier notes that the link has gone out.';
create policy link_holder on answer_links for select to public
  using (((tenant_id = lotse.tenant_id()) AND (id = lotse.link_id())));
comment on policy link_holder on answer_links is 'Whoever holds a link meets that one.';
create policy link_holder_uses on answer_links for update to public
  using (((tenant_id = lotse.tenant_id()) AND (id = lotse.link_id()) AND (answered_at IS NULL) AND (revoked_at IS NULL)))
  with check (((tenant_id = lotse.tenant_id()) AND (id = lotse.link_id())));
comment on policy link_holder_uses on answer_links is 'Tries are counted, the right code opens it, one answer closes it.';

-- appointments
create table appointments (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  case_id uuid not null,
  client_id uuid not null,
  referral_id uuid,
  organization_id uuid,
  with_whom text,
  mode text not null,
  place text not null,
  starts_at timestamp with time zone not null,
  minutes integer not null,
  accompanied_by_membership_id uuid,
  interpreter text,
  status text not null,
  outcome_at timestamp with time zone,
  outcome_by_user_id uuid,
  created_by_user_id uuid not null,
  created_at timestamp with time zone default now() not null,
  version integer default 1 not null,
  constraint appointments_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint appointments__minutes CHECK (((minutes >= 5) AND (minutes <= 1440))),
  constraint appointments__mode CHECK ((mode = ANY (ARRAY['in_person_office'::text, 'outreach'::text, 'home_visit'::text, 'accompanied'::text, 'phone'::text, 'video'::text, 'chat'::text, 'email'::text, 'letter'::text, 'finder'::text]))),
  constraint appointments__outcome_is_dated CHECK (((status = 'planned'::text) = (outcome_at IS NULL))),
  constraint appointments__status CHECK ((status = ANY (ARRAY['planned'::text, 'held'::text, 'no_show'::text, 'cancelled_by_person'::text, 'cancelled_by_service'::text]))),
  constraint appointments__accompanied_by FOREIGN KEY (tenant_id, accompanied_by_membership_id) REFERENCES memberships(tenant_id, id),
  constraint appointments__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint appointments__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint appointments__created_by FOREIGN KEY (tenant_id, created_by_user_id) REFERENCES users(tenant_id, id),
  constraint appointments__organization FOREIGN KEY (tenant_id, organization_id) REFERENCES organizations(tenant_id, id),
  constraint appointments__outcome_by FOREIGN KEY (tenant_id, outcome_by_user_id) REFERENCES users(tenant_id, id),
  constraint appointments__referral FOREIGN KEY (tenant_id, referral_id) REFERENCES referrals(tenant_id, id)
);
create index appointments__by_case ON public.appointments USING btree (tenant_id, case_id, starts_at);
create index appointments__planned ON public.appointments USING btree (tenant_id, compartment_id, starts_at, id) WHERE (status = 'planned'::text);
alter table appointments enable row level security;
alter table appointments force row level security;
grant insert, select, update on appointments to lotse_service;
create policy compartment on appointments for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on appointments is 'Appointments are seen by the unit that holds the case.';
create policy compartment_edits on appointments for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())) AND (status = 'planned'::text)))
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_edits on appointments is 'Moved or concluded by the unit; how it went is recorded once.';
create policy compartment_new on appointments for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on appointments is 'Made by the unit that holds the case.';

-- attachments
create table attachments (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  case_id uuid not null,
  client_id uuid not null,
  referral_id uuid not null,
  recipient_organization_id uuid not null,
  category text not null,
  type text not null,
  size integer not null,
  wrapped_key bytea not null,
  sealed_name bytea not null,
  sealed_content bytea not null,
  valid_until timestamp with time zone,
  created_by_user_id uuid not null,
  created_at timestamp with time zone default now() not null,
  constraint attachments_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint attachments__category CHECK ((category = ANY (ARRAY['existence_of_contact'::text, 'identity_contact'::text, 'substance_use'::text, 'clearing_summary'::text, 'screening_scores'::text, 'health_somatic'::text, 'health_mental'::text, 'medication'::text, 'family_children'::text, 'housing_finance'::text, 'legal_matters'::text, 'work_education'::text, 'help_plan'::text, 'attendance_only'::text, 'drug_test_results'::text, 'violence_safety'::text, 'existing_help'::text]))),
  constraint attachments__size CHECK (((size >= 1) AND (size <= 10485760))),
  constraint attachments__type CHECK ((type = ANY (ARRAY['pdf'::text, 'png'::text, 'jpeg'::text]))),
  constraint attachments__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint attachments__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint attachments__created_by FOREIGN KEY (tenant_id, created_by_user_id) REFERENCES users(tenant_id, id),
  constraint attachments__recipient FOREIGN KEY (tenant_id, recipient_organization_id) REFERENCES organizations(tenant_id, id),
  constraint attachments__referral FOREIGN KEY (tenant_id, referral_id) REFERENCES referrals(tenant_id, id)
);
create index attachments__by_referral ON public.attachments USING btree (tenant_id, referral_id);
alter table attachments enable row level security;
alter table attachments force row level security;
grant delete, insert, select, update (valid_until) on attachments to lotse_service;
create policy compartment on attachments for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on attachments is 'The sending unit sees what it attached.';
create policy compartment_new on attachments for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())) AND (valid_until IS NULL)));
comment on policy compartment_new on attachments is 'Attached by the unit that holds the case, to a draft.';
create policy compartment_removes on attachments for delete to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())) AND (valid_until IS NULL)));
comment on policy compartment_removes on attachments is 'What was never sent may be taken away again.';
create policy compartment_sends on attachments for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_sends on attachments is 'Sending opens it to the recipient, a withdrawal ends that.';
create policy link_holder on attachments for select to public
  using (((tenant_id = lotse.tenant_id()) AND (referral_id = lotse.linked_referral_id()) AND (valid_until > now())));
comment on policy link_holder on attachments is 'As does whoever answers that one referral by link.';
create policy link_holder_ends on attachments for update to public
  using (((tenant_id = lotse.tenant_id()) AND (referral_id = lotse.linked_referral_id()) AND (valid_until > now())));
comment on policy link_holder_ends on attachments is 'As does whoever declines by link.';
create policy recipient on attachments for select to public
  using (((tenant_id = lotse.tenant_id()) AND (recipient_organization_id = lotse.receiving_organization_id()) AND (valid_until > now())));
comment on policy recipient on attachments is 'The recipient reads what was sent to it, as long as that is valid.';
create policy recipient_ends on attachments for update to public
  using (((tenant_id = lotse.tenant_id()) AND (recipient_organization_id = lotse.receiving_organization_id()) AND (valid_until > now())));
comment on policy recipient_ends on attachments is 'By declining, the recipient ends its own view.';

-- attempt_counters
create table attempt_counters (
  tenant_id uuid not null,
  key bytea not null,
  failures integer not null,
  blocked_until timestamp with time zone,
  last_at timestamp with time zone not null,
  familiar_until timestamp with time zone,
  constraint attempt_counters_tenant_id_key_pk PRIMARY KEY (tenant_id, key)
);
alter table attempt_counters enable row level security;
alter table attempt_counters force row level security;
grant delete, insert, select, update (failures, blocked_until, last_at, familiar_until) on attempt_counters to lotse_service;
create policy counter on attempt_counters for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'counter'::text)));
comment on policy counter on attempt_counters is 'Counts of wrong guesses are read by nobody but the functions that count.';
create policy counter_begins on attempt_counters for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'counter'::text)));
comment on policy counter_begins on attempt_counters is 'A count begins with a wrong guess, or where an account was really used.';
create policy counter_counts on attempt_counters for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'counter'::text)));
comment on policy counter_counts on attempt_counters is 'Only the functions that count go on counting.';
create policy counter_forgets on attempt_counters for delete to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'counter'::text)));
comment on policy counter_forgets on attempt_counters is 'Counts are forgotten after a day.';

-- audit_events
create table audit_events (
  tenant_id uuid not null,
  id uuid default uuidv7() not null,
  at timestamp with time zone default clock_timestamp() not null,
  user_id uuid,
  membership_id uuid,
  role text,
  action text not null,
  status integer not null,
  code text,
  object_ids uuid[] not null,
  client_ids uuid[] not null,
  fields text[] not null,
  basis text,
  criteria text,
  request_id text not null,
  xid xid8 default lotse.counted_on(pg_current_xact_id()) not null,
  constraint audit_events_tenant_id_id_pk PRIMARY KEY (tenant_id, id)
);
create index audit_events__by_member ON public.audit_events USING btree (tenant_id, user_id, id);
create index audit_events__by_transaction ON public.audit_events USING btree (tenant_id, xid, id);
alter table audit_events enable row level security;
alter table audit_events force row level security;
grant insert on audit_events to lotse_audit;
grant insert, select on audit_events to lotse_service;
create policy dpo on audit_events for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'dpo'::text)));
comment on policy dpo on audit_events is 'Only the data protection officer reads the trail.';
create policy sealer on audit_events for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'sealer'::text)));
comment on policy sealer on audit_events is 'What seals the trail of a municipality reads all of it.';
create policy writer on audit_events for insert to public
  with check ((tenant_id = lotse.tenant_id()));
comment on policy writer on audit_events is 'Every act in a municipality leaves its row in that municipality''s trail; nobody changes or deletes one.';

-- audit_heads
create table audit_heads (
  tenant_id uuid not null,
  id uuid not null,
  number integer not null,
  encoding integer not null,
  rows integer not null,
  last_xid xid8 not null,
  last_id uuid not null,
  root bytea not null,
  marks bytea not null,
  marks_hash bytea not null,
  previous bytea not null,
  at timestamp with time zone not null,
  key_id text not null,
  signature bytea not null,
  constraint audit_heads_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint audit_heads__one_number UNIQUE (tenant_id, number)
);
create index audit_heads__by_time ON public.audit_heads USING btree (tenant_id, at DESC, id DESC);
alter table audit_heads enable row level security;
alter table audit_heads force row level security;
grant insert, select on audit_heads to lotse_service;
create policy keeper on audit_heads for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['dpo'::text, 'auditor'::text]))));
comment on policy keeper on audit_heads is 'Data protection officer and auditor keep copies of the heads.';
create policy sealer on audit_heads for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'sealer'::text)));
comment on policy sealer on audit_heads is 'Each head of the trail goes on from the one before.';
create policy sealer_new on audit_heads for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'sealer'::text)));
comment on policy sealer_new on audit_heads is 'Only what seals the trail adds heads, and nobody changes or deletes one.';

-- case_leads
create table case_leads (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  case_id uuid not null,
  client_id uuid not null,
  membership_id uuid not null,
  reason text not null,
  from_at timestamp with time zone not null,
  until_at timestamp with time zone,
  constraint case_leads_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint case_leads__one_at_a_time EXCLUDE USING gist (tenant_id WITH =, case_id WITH =, tstzrange(from_at, until_at) WITH &&),
  constraint case_leads__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint case_leads__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint case_leads__membership FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships(tenant_id, id)
);
alter table case_leads enable row level security;
alter table case_leads force row level security;
grant insert, select, update (until_at) on case_leads to lotse_service;
create policy compartment on case_leads for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on case_leads is 'The unit sees who led a case when.';
create policy compartment_ends on case_leads for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())) AND (until_at IS NULL)))
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_ends on case_leads is 'A lead ends once; the history never changes.';
create policy compartment_new on case_leads for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on case_leads is 'A lead begins with the case or with an assignment.';
create policy courier on case_leads for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'courier'::text) AND (until_at IS NULL)));
comment on policy courier on case_leads is 'The courier knows who leads a case, to tell that something waits; nothing else of it.';

-- cases
create table cases (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  organization_id uuid not null,
  client_id uuid not null,
  previous_case_id uuid,
  status text not null,
  phase text not null,
  requester_role text not null,
  referral_source text not null,
  concern text not null,
  lead_membership_id uuid,
  next_step text,
  next_step_on date,
  pause_reason text,
  end_type text,
  outcome text,
  opened_by_user_id uuid not null,
  opened_at timestamp with time zone default now() not null,
  closed_at timestamp with time zone,
  version integer default 1 not null,
  last_words text,
  external_id text,
  external_by uuid,
  constraint cases_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint cases__closed_with_end_and_outcome CHECK ((((status = 'closed'::text) = (num_nonnulls(closed_at, end_type, outcome) = 3)) AND ((status = 'closed'::text) OR (num_nonnulls(closed_at, end_type, outcome) = 0)))),
  constraint cases__external_id_of_somebody CHECK (((external_id IS NULL) = (external_by IS NULL))),
  constraint cases__one_lead_and_one_dated_next_step CHECK (((status = 'closed'::text) OR (num_nonnulls(lead_membership_id, next_step, next_step_on) = 3))),
  constraint cases__phase CHECK ((phase = ANY (ARRAY['clarification'::text, 'assessment'::text, 'planning'::text, 'linking'::text, 'monitoring'::text, 'evaluation'::text]))),
  constraint cases__status CHECK ((status = ANY (ARRAY['open'::text, 'waiting'::text, 'paused'::text, 'closed'::text]))),
  constraint cases__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint cases__lead FOREIGN KEY (tenant_id, lead_membership_id) REFERENCES memberships(tenant_id, id),
  constraint cases__opened_by FOREIGN KEY (tenant_id, opened_by_user_id) REFERENCES users(tenant_id, id),
  constraint cases__organization FOREIGN KEY (tenant_id, organization_id) REFERENCES organizations(tenant_id, id),
  constraint cases__previous FOREIGN KEY (tenant_id, previous_case_id) REFERENCES cases(tenant_id, id)
);
create index cases__by_client ON public.cases USING btree (tenant_id, client_id);
create index cases__by_lead ON public.cases USING btree (tenant_id, lead_membership_id, next_step_on, id) WHERE (status <> 'closed'::text);
create index cases__by_next_step ON public.cases USING btree (tenant_id, compartment_id, next_step_on, id) WHERE (status <> 'closed'::text);
create uniquE INDEX cases__external_id ON public.cases USING btree (tenant_id, external_by, external_id) WHERE (external_id IS NOT NULL);
create index cases__newest ON public.cases USING btree (tenant_id, compartment_id, opened_at DESC, id DESC);
alter table cases enable row level security;
alter table cases force row level security;
grant insert, select, update on cases to lotse_service;
create policy compartment on cases for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on cases is 'A case is seen by the responsible unit; a shielded one only by its named members.';
create policy compartment_edits on cases for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())) AND (status <> 'closed'::text)))
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_edits on cases is 'The unit moves its case on; a closed case never changes.';
create policy compartment_new on cases for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())) AND ((external_by IS NULL) OR (external_by = lotse.user_id()))));
comment on policy compartment_new on cases is 'A case is opened in one''s own unit, and under nobody else''s key.';
create policy moved on cases for select to public
  using (((tenant_id = lotse.tenant_id()) AND (id = lotse.moving_case_id())));
comment on policy moved on cases is 'The one case that a receiver''s own answer (arrival, no-show) moves on, inside that transaction only.';
create policy moved_edits on cases for update to public
  using (((tenant_id = lotse.tenant_id()) AND (id = lotse.moving_case_id()) AND (status <> 'closed'::text)))
  with check (((tenant_id = lotse.tenant_id()) AND (id = lotse.moving_case_id())));
comment on policy moved_edits on cases is 'Arrival and no-show set the next step of that one case.';

-- clearing_guides
create table clearing_guides (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  number integer not null,
  content jsonb not null,
  published_at timestamp with time zone default now() not null,
  constraint clearing_guides_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint clearing_guides__one_per_number UNIQUE (tenant_id, key, number)
);
alter table clearing_guides enable row level security;
alter table clearing_guides force row level security;
grant insert, select on clearing_guides to lotse_service;
create policy everyone on clearing_guides for select to public
  using ((tenant_id = lotse.tenant_id()));
comment on policy everyone on clearing_guides is 'A guide holds questions and no answers: all members may read it.';
create policy publisher on clearing_guides for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['installer'::text, 'navigation_head'::text, 'coordinator'::text]))));
comment on policy publisher on clearing_guides is 'Head and coordinator publish guides; a published one never changes.';

-- clearings
create table clearings (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  case_id uuid not null,
  client_id uuid not null,
  guide_id uuid not null,
  previous_clearing_id uuid,
  status text not null,
  answers jsonb not null,
  ratings jsonb not null,
  strengths text not null,
  wishes text not null,
  audit_c_answers integer[],
  audit_c_language text,
  audit_c jsonb,
  safety_prompts text[] not null,
  started_by_user_id uuid not null,
  started_at timestamp with time zone default now() not null,
  finished_at timestamp with time zone,
  version integer default 1 not null,
  constraint clearings_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint clearings__finished_at CHECK (((status = 'finished'::text) = (finished_at IS NOT NULL))),
  constraint clearings__status CHECK ((status = ANY (ARRAY['started'::text, 'paused'::text, 'finished'::text, 'discarded'::text]))),
  constraint clearings__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint clearings__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint clearings__guide FOREIGN KEY (tenant_id, guide_id) REFERENCES clearing_guides(tenant_id, id),
  constraint clearings__previous FOREIGN KEY (tenant_id, previous_clearing_id) REFERENCES clearings(tenant_id, id),
  constraint clearings__started_by FOREIGN KEY (tenant_id, started_by_user_id) REFERENCES users(tenant_id, id)
);
create index clearings__by_case ON public.clearings USING btree (tenant_id, case_id, started_at DESC);
create uniquE INDEX clearings__one_draft_per_case ON public.clearings USING btree (tenant_id, case_id) WHERE (status = ANY (ARRAY['started'::text, 'paused'::text]));
alter table clearings enable row level security;
alter table clearings force row level security;
grant insert, select, update (status, answers, ratings, strengths, wishes, audit_c_answers, audit_c_language, audit_c, safety_prompts, finished_at, version) on clearings to lotse_service;
create policy compartment on clearings for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on clearings is 'A clearing is seen by the responsible unit.';
create policy compartment_draft on clearings for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())) AND (status = ANY (ARRAY['started'::text, 'paused'::text]))))
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_draft on clearings is 'Only a draft changes; a finished or discarded clearing never does.';
create policy compartment_new on clearings for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on clearings is 'A clearing is begun in one''s own unit.';

-- clients
create table clients (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  organization_id uuid not null,
  shielded boolean not null,
  identification_level text not null,
  age_band text not null,
  gender text not null,
  district text,
  ags text,
  language text,
  interpreter_needed boolean not null,
  alias text,
  person_code bytea,
  wrapped_key bytea,
  sealed bytea,
  family_name_index bytea,
  given_name_index bytea,
  birth_date_index bytea,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  external_id text,
  external_by uuid,
  constraint clients_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint clients__age_band CHECK ((age_band = ANY (ARRAY['u15'::text, 'a15_19'::text, 'a20_24'::text, 'a25_29'::text, 'a30_34'::text, 'a35_39'::text, 'a40_44'::text, 'a45_49'::text, 'a50_54'::text, 'a55_59'::text, 'a60_64'::text, 'o65'::text, 'unknown'::text]))),
  constraint clients__anonymous_means_anonymous CHECK (((identification_level <> 'anonymous'::text) OR (num_nonnulls(alias, person_code, sealed, ags, family_name_index, given_name_index, birth_date_index) = 0))),
  constraint clients__external_id_of_somebody CHECK (((external_id IS NULL) = (external_by IS NULL))),
  constraint clients__gender CHECK ((gender = ANY (ARRAY['female'::text, 'male'::text, 'diverse'::text, 'no_entry'::text]))),
  constraint clients__identification_level CHECK ((identification_level = ANY (ARRAY['anonymous'::text, 'pseudonymous'::text, 'identified'::text]))),
  constraint clients__names_only_when_identified CHECK (((identification_level = 'identified'::text) OR (num_nonnulls(family_name_index, given_name_index, birth_date_index) = 0))),
  constraint clients__sealed_with_a_key CHECK (((sealed IS NULL) = (wrapped_key IS NULL))),
  constraint clients__shielded_apart CHECK ((compartment_id =
CASE
    WHEN shielded THEN id
    ELSE organization_id
END)),
  constraint clients__organization FOREIGN KEY (tenant_id, organization_id) REFERENCES organizations(tenant_id, id)
);
create index clients__by_alias ON public.clients USING btree (tenant_id, compartment_id, alias);
create index clients__by_birth_date ON public.clients USING btree (tenant_id, compartment_id, birth_date_index);
create index clients__by_family_name ON public.clients USING btree (tenant_id, compartment_id, family_name_index);
create index clients__by_person_code ON public.clients USING btree (tenant_id, compartment_id, person_code);
create uniquE INDEX clients__external_id ON public.clients USING btree (tenant_id, external_by, external_id) WHERE (external_id IS NOT NULL);
create index clients__newest ON public.clients USING btree (tenant_id, compartment_id, created_at DESC, id DESC);
alter table clients enable row level security;
alter table clients force row level security;
grant insert, select, update on clients to lotse_service;
create policy compartment on clients for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on clients is 'A person is known to the unit that works with them; a shielded person only to named members.';
create policy compartment_edits on clients for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_edits on clients is 'The unit keeps its record of a person up to date.';
create policy compartment_new on clients for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())) AND ((external_by IS NULL) OR (external_by = lotse.user_id()))));
comment on policy compartment_new on clients is 'A person is recorded in one''s own unit, or shielded with oneself named, and under nobody else''s key.';

-- contact_attempts
create table contact_attempts (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  case_id uuid not null,
  client_id uuid not null,
  task_id uuid,
  attempted_on date not null,
  mode text not null,
  outcome text not null,
  note text not null,
  by_user_id uuid not null,
  created_at timestamp with time zone default now() not null,
  constraint contact_attempts_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint contact_attempts__mode CHECK ((mode = ANY (ARRAY['in_person_office'::text, 'outreach'::text, 'home_visit'::text, 'accompanied'::text, 'phone'::text, 'video'::text, 'chat'::text, 'email'::text, 'letter'::text, 'finder'::text]))),
  constraint contact_attempts__outcome CHECK ((outcome = ANY (ARRAY['reached'::text, 'not_reached'::text, 'wants_no_contact'::text]))),
  constraint contact_attempts__by FOREIGN KEY (tenant_id, by_user_id) REFERENCES users(tenant_id, id),
  constraint contact_attempts__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint contact_attempts__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint contact_attempts__task FOREIGN KEY (tenant_id, task_id) REFERENCES tasks(tenant_id, id)
);
create index contact_attempts__by_case ON public.contact_attempts USING btree (tenant_id, case_id, attempted_on);
alter table contact_attempts enable row level security;
alter table contact_attempts force row level security;
grant insert, select on contact_attempts to lotse_service;
create policy compartment on contact_attempts for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on contact_attempts is 'Every try is seen by the unit that holds the case, and never changes.';
create policy compartment_new on contact_attempts for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on contact_attempts is 'Recorded by the unit that holds the case.';

-- contact_people
create table contact_people (
  tenant_id uuid not null,
  id uuid not null,
  organization_id uuid not null,
  registered_by_user_id uuid not null,
  to_organization_id uuid,
  wrapped_key bytea not null,
  sealed bytea not null,
  constraint contact_people_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint contact_people__contact FOREIGN KEY (tenant_id, id) REFERENCES contacts(tenant_id, id),
  constraint contact_people__organization FOREIGN KEY (tenant_id, organization_id) REFERENCES organizations(tenant_id, id),
  constraint contact_people__to FOREIGN KEY (tenant_id, to_organization_id) REFERENCES organizations(tenant_id, id)
);
alter table contact_people enable row level security;
alter table contact_people force row level security;
grant insert, select, update (to_organization_id) on contact_people to lotse_service;
create policy addressed on contact_people for select to public
  using (((tenant_id = lotse.tenant_id()) AND (to_organization_id = lotse.receiving_organization_id())));
comment on policy addressed on contact_people is 'And by whoever is asked to take up: the person agreed to it.';
create policy door on contact_people for select to public
  using (((tenant_id = lotse.tenant_id()) AND ((organization_id = lotse.receiving_organization_id()) OR (registered_by_user_id = lotse.user_id()))));
comment on policy door on contact_people is 'Name and reach are seen at the door where the person told them.';
create policy door_edits on contact_people for update to public
  using (((tenant_id = lotse.tenant_id()) AND ((organization_id = lotse.receiving_organization_id()) OR (registered_by_user_id = lotse.user_id()))))
  with check ((tenant_id = lotse.tenant_id()));
comment on policy door_edits on contact_people is 'The door says to whom it goes on.';
create policy door_new on contact_people for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (registered_by_user_id = lotse.user_id())));
comment on policy door_new on contact_people is 'Written down by who registers the contact.';

-- contacts
create table contacts (
  tenant_id uuid not null,
  id uuid not null,
  organization_id uuid not null,
  registered_by_user_id uuid not null,
  registered_by_membership_id uuid not null,
  kind text not null,
  status text not null,
  requester_role text not null,
  mode text not null,
  problems text[] not null,
  out_of_scope boolean not null,
  responsible_sector text,
  agreed boolean not null,
  to_organization_id uuid,
  previous_contact_id uuid,
  first_contact_at timestamp with time zone not null,
  doors integer not null,
  next_step_on date,
  guided_offer_id uuid,
  guided_place text,
  guided_contact text,
  confirmed_by text,
  declined_place text,
  declined_organization_id uuid,
  taken_up_case_id uuid,
  ended_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  version integer default 1 not null,
  constraint contacts_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint contacts__declined_what_was_offered CHECK (((status = 'person_declined'::text) = (declined_place IS NOT NULL))),
  constraint contacts__guided_is_confirmed CHECK (((status <> 'guided_elsewhere'::text) OR (confirmed_by IS NOT NULL))),
  constraint contacts__guiding_names_place_and_contact CHECK (((status <> ALL (ARRAY['guiding'::text, 'guided_elsewhere'::text])) OR (num_nonnulls(guided_place, guided_contact) = 2))),
  constraint contacts__kind CHECK ((kind = ANY (ARRAY['first_contact'::text, 'wrong_door'::text, 'inbound_referral'::text, 'callback_request'::text, 'finder_code'::text]))),
  constraint contacts__mode CHECK ((mode = ANY (ARRAY['in_person_office'::text, 'outreach'::text, 'home_visit'::text, 'accompanied'::text, 'phone'::text, 'video'::text, 'chat'::text, 'email'::text, 'letter'::text, 'finder'::text]))),
  constraint contacts__open_with_a_day CHECK ((((status = ANY (ARRAY['registered'::text, 'guiding'::text])) = (ended_at IS NULL)) AND ((ended_at IS NOT NULL) OR (next_step_on IS NOT NULL)))),
  constraint contacts__problems CHECK ((problems <@ ARRAY['alcohol'::text, 'heroin'::text, 'methadone_misused'::text, 'buprenorphine_misused'::text, 'fentanyl'::text, 'other_opioid'::text, 'cocaine_powder'::text, 'crack'::text, 'cocaine_other'::text, 'amphetamine'::text, 'methamphetamine'::text, 'mdma'::text, 'synthetic_cathinone'::text, 'other_stimulant'::text, 'barbiturate'::text, 'benzodiazepine'::text, 'ghb_gbl'::text, 'pregabalinoid'::text, 'other_sedative'::text, 'lsd'::text, 'ketamine'::text, 'other_hallucinogen'::text, 'volatile'::text, 'cannabis'::text, 'synthetic_cannabinoid'::text, 'tobacco'::text, 'other_substance'::text, 'polydrug_unspecified'::text, 'gambling'::text, 'gaming'::text, 'internet_media'::text, 'eating'::text, 'buying'::text, 'other_behaviour'::text, 'none_relative'::text, 'unknown'::text])),
  constraint contacts__requester_role CHECK ((requester_role = ANY (ARRAY['self'::text, 'relative'::text, 'professional'::text, 'self_help'::text, 'authority'::text, 'other'::text]))),
  constraint contacts__responsible_sector CHECK ((responsible_sector = ANY (ARRAY['addiction'::text, 'health'::text, 'psychiatry'::text, 'social_psychiatry'::text, 'youth'::text, 'work'::text, 'housing'::text, 'debt'::text, 'justice'::text, 'education'::text, 'workplace'::text, 'self_help'::text, 'prevention'::text, 'transport'::text]))),
  constraint contacts__status CHECK ((status = ANY (ARRAY['registered'::text, 'guiding'::text, 'guided_elsewhere'::text, 'taken_up'::text, 'person_declined'::text]))),
  constraint contacts__taken_up_with_a_case CHECK (((status = 'taken_up'::text) = (taken_up_case_id IS NOT NULL))),
  constraint contacts__case FOREIGN KEY (tenant_id, taken_up_case_id) REFERENCES cases(tenant_id, id),
  constraint contacts__declined_at FOREIGN KEY (tenant_id, declined_organization_id) REFERENCES organizations(tenant_id, id),
  constraint contacts__guided_to FOREIGN KEY (tenant_id, guided_offer_id) REFERENCES offers(tenant_id, id),
  constraint contacts__organization FOREIGN KEY (tenant_id, organization_id) REFERENCES organizations(tenant_id, id),
  constraint contacts__previous FOREIGN KEY (tenant_id, previous_contact_id) REFERENCES contacts(tenant_id, id),
  constraint contacts__registered_by FOREIGN KEY (tenant_id, registered_by_user_id) REFERENCES users(tenant_id, id),
  constraint contacts__registered_under FOREIGN KEY (tenant_id, registered_by_membership_id) REFERENCES memberships(tenant_id, id),
  constraint contacts__to FOREIGN KEY (tenant_id, to_organization_id) REFERENCES organizations(tenant_id, id)
);
create index contacts__asked ON public.contacts USING btree (tenant_id, to_organization_id, next_step_on) WHERE (ended_at IS NULL);
create index contacts__by_case ON public.contacts USING btree (tenant_id, taken_up_case_id);
create index contacts__by_day ON public.contacts USING btree (tenant_id, created_at);
create index contacts__inbox ON public.contacts USING btree (tenant_id, to_organization_id, created_at DESC, id DESC);
create index contacts__of_organization ON public.contacts USING btree (tenant_id, organization_id, created_at DESC, id DESC);
create index contacts__of_registrar ON public.contacts USING btree (tenant_id, registered_by_user_id, created_at DESC, id DESC);
create index contacts__open ON public.contacts USING btree (tenant_id, next_step_on) WHERE (ended_at IS NULL);
alter table contacts enable row level security;
alter table contacts force row level security;
grant insert, select, update (status, to_organization_id, next_step_on, guided_offer_id, guided_place, guided_contact, confirmed_by, declined_place, declined_organization_id, taken_up_case_id, ended_at, version) on contacts to lotse_service;
create policy addressed on contacts for select to public
  using (((tenant_id = lotse.tenant_id()) AND (to_organization_id = lotse.receiving_organization_id())));
comment on policy addressed on contacts is 'And by the organisation that is asked to take up or to which the person is guided.';
create policy addressed_edits on contacts for update to public
  using (((tenant_id = lotse.tenant_id()) AND (ended_at IS NULL) AND (to_organization_id = lotse.receiving_organization_id())))
  with check (((tenant_id = lotse.tenant_id()) AND (to_organization_id = lotse.receiving_organization_id())));
comment on policy addressed_edits on contacts is 'Whoever is asked takes up, confirms, or notes that the person does not want it.';
create policy door on contacts for select to public
  using (((tenant_id = lotse.tenant_id()) AND ((organization_id = lotse.receiving_organization_id()) OR (registered_by_user_id = lotse.user_id()))));
comment on policy door on contacts is 'A contact is seen at the door where it was registered, in offices without such a door only by who registered it.';
create policy door_edits on contacts for update to public
  using (((tenant_id = lotse.tenant_id()) AND (ended_at IS NULL) AND ((organization_id = lotse.receiving_organization_id()) OR (registered_by_user_id = lotse.user_id()))))
  with check (((tenant_id = lotse.tenant_id()) AND ((organization_id = lotse.receiving_organization_id()) OR (registered_by_user_id = lotse.user_id()))));
comment on policy door_edits on contacts is 'The door guides on, until the contact has ended.';
create policy door_new on contacts for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (registered_by_user_id = lotse.user_id()) AND (organization_id = lotse.organization_id())));
comment on policy door_new on contacts is 'Registered by any member of staff, in the own organisation and the own name; also by a receiver that returns a person.';
create policy figures on contacts for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['navigation_head'::text, 'coordinator'::text]))));
comment on policy figures on contacts is 'Head and coordinator see that contacts came and how they ended: the row holds no word about the person.';

-- credentials
create table credentials (
  tenant_id uuid not null,
  id uuid not null,
  password_hash text not null,
  changed_at timestamp with time zone default now() not null,
  temporary_until timestamp with time zone,
  constraint credentials_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint credentials__user FOREIGN KEY (tenant_id, id) REFERENCES users(tenant_id, id)
);
alter table credentials enable row level security;
alter table credentials force row level security;
grant insert, select, update (password_hash, changed_at, temporary_until) on credentials to lotse_service;
create policy admin on credentials for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'installer'::text]))));
comment on policy admin on credentials is 'The administrator sets a first password.';
create policy login on credentials for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'login'::text)));
comment on policy login on credentials is 'A password hash is read at login and nowhere else.';
create policy setter on credentials for update to public
  using (((tenant_id = lotse.tenant_id()) AND (id = lotse.credentials_of()) AND ((id = lotse.user_id()) OR (lotse.acts_as() = 'tenant_admin'::text))));
comment on policy setter on credentials is 'One''s own password, and by the administrator that of the one person who is named.';
create policy setter_finds on credentials for select to public
  using (((tenant_id = lotse.tenant_id()) AND (id = lotse.credentials_of()) AND ((id = lotse.user_id()) OR (lotse.acts_as() = 'tenant_admin'::text))));
comment on policy setter_finds on credentials is 'While it is set, one''s own password, or by the administrator that of the one person who is named.';

-- deadlines
create table deadlines (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  basis text not null,
  organization_id uuid not null,
  compartment_id uuid,
  case_id uuid,
  subject_id uuid not null,
  started_on date not null,
  due_on date not null,
  stopped_at timestamp with time zone,
  stopped_on date,
  stopped_by text,
  escalated_to text,
  escalated_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  version integer default 1 not null,
  constraint deadlines_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint deadlines__case_in_a_compartment CHECK (((case_id IS NULL) = (compartment_id IS NULL))),
  constraint deadlines__due_after_start CHECK ((due_on >= started_on)),
  constraint deadlines__escalated_to CHECK ((escalated_to = ANY (ARRAY['lead'::text, 'head'::text, 'coordinator'::text]))),
  constraint deadlines__guarantee_is_fourteen_days CHECK (((kind <> 'treatment_guarantee_14d'::text) OR ((due_on = (started_on + 14)) AND ((stopped_by IS NULL) OR (stopped_by = ANY (ARRAY['treatment_started'::text, 'other_choice'::text, 'withdrawn'::text])))))),
  constraint deadlines__kind CHECK ((kind = ANY (ARRAY['treatment_guarantee_14d'::text, 'rehab_responsibility_2w'::text, 'followup_1m'::text, 'followup_6m'::text, 'referral_response'::text, 'first_appointment_check'::text, 'reengagement'::text, 'plan_review'::text, 'release_expiry'::text, 'participants_conference'::text, 'cooperation_board_half_year'::text, 'action_plan_yearly'::text, 'service_check_2y'::text, 'council_report'::text, 'dsr_1m'::text, 'breach_72h'::text, 'retention_due'::text, 'smdb_reporting_15d'::text, 'contact_next_step'::text, 'handover_response'::text, 'waitlist_expected'::text, 'stability_check'::text]))),
  constraint deadlines__stopped_after_start CHECK ((stopped_on >= started_on)),
  constraint deadlines__stopped_by CHECK ((stopped_by = ANY (ARRAY['done'::text, 'answered'::text, 'arrived'::text, 'no_show'::text, 'reached'::text, 'not_reached'::text, 'treatment_started'::text, 'other_choice'::text, 'forwarded'::text, 'responsibility_clear'::text, 'replaced'::text, 'withdrawn'::text]))),
  constraint deadlines__stopped_by_something CHECK ((num_nonnulls(stopped_at, stopped_on, stopped_by) = ANY (ARRAY[0, 3]))),
  constraint deadlines__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint deadlines__organization FOREIGN KEY (tenant_id, organization_id) REFERENCES organizations(tenant_id, id)
);
create index deadlines__by_case ON public.deadlines USING btree (tenant_id, case_id);
create index deadlines__missed ON public.deadlines USING btree (tenant_id, due_on) WHERE (stopped_at IS NULL);
create index deadlines__of_organization ON public.deadlines USING btree (tenant_id, organization_id, due_on, id) WHERE (stopped_at IS NULL);
create uniquE INDEX deadlines__one_guarantee_per_case ON public.deadlines USING btree (tenant_id, case_id) WHERE (kind = 'treatment_guarantee_14d'::text);
create uniquE INDEX deadlines__one_running_per_subject ON public.deadlines USING btree (tenant_id, subject_id, kind) WHERE (stopped_at IS NULL);
create index deadlines__running ON public.deadlines USING btree (tenant_id, compartment_id, due_on, id) WHERE (stopped_at IS NULL);
alter table deadlines enable row level security;
alter table deadlines force row level security;
grant insert, select, update (stopped_at, stopped_on, stopped_by, escalated_to, escalated_at, version) on deadlines to lotse_service;
create policy answered on deadlines for select to public
  using (((tenant_id = lotse.tenant_id()) AND (case_id IS NULL) AND (subject_id = lotse.moving_contact_id())));
comment on policy answered on deadlines is 'Inside the transaction of its own answer whoever was asked meets the clock of that one contact.';
create policy answered_stops on deadlines for update to public
  using (((tenant_id = lotse.tenant_id()) AND (case_id IS NULL) AND (subject_id = lotse.moving_contact_id()) AND (stopped_at IS NULL)))
  with check ((tenant_id = lotse.tenant_id()));
comment on policy answered_stops on deadlines is 'Taking up, confirming or a refusal stops the clock at the door.';
create policy clock on deadlines for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'clock'::text)));
comment on policy clock on deadlines is 'The clock of a municipality looks at all that run there.';
create policy clock_escalates on deadlines for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'clock'::text) AND (stopped_at IS NULL)))
  with check ((tenant_id = lotse.tenant_id()));
comment on policy clock_escalates on deadlines is 'The clock notes whom it has told.';
create policy compartment on deadlines for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on deadlines is 'The unit sees the clocks of its cases.';
create policy compartment_new on deadlines for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on deadlines is 'A clock starts with an act of the unit that holds the case.';
create policy compartment_stops on deadlines for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())) AND (stopped_at IS NULL)))
  with check ((tenant_id = lotse.tenant_id()));
comment on policy compartment_stops on deadlines is 'The unit stops a clock, once; start and due day never change.';
create policy coordinator on deadlines for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'coordinator'::text) AND (escalated_to = 'coordinator'::text)));
comment on policy coordinator on deadlines is 'The coordinator sees a clock that lead and head have let pass.';
create policy door_new on deadlines for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (case_id IS NULL) AND (subject_id = lotse.moving_contact_id())));
comment on policy door_new on deadlines is 'Guiding on sets a new day, also for whoever registered the contact under another membership.';
create policy link_holder on deadlines for select to public
  using (((tenant_id = lotse.tenant_id()) AND (subject_id = lotse.linked_referral_id())));
comment on policy link_holder on deadlines is 'Whoever answers by link sees by when.';
create policy link_holder_stops on deadlines for update to public
  using (((tenant_id = lotse.tenant_id()) AND (subject_id = lotse.linked_referral_id()) AND (stopped_at IS NULL)))
  with check ((tenant_id = lotse.tenant_id()));
comment on policy link_holder_stops on deadlines is 'And stops it by answering.';
create policy moved on deadlines for select to public
  using (((tenant_id = lotse.tenant_id()) AND (case_id = lotse.moving_case_id())));
comment on policy moved on deadlines is 'Inside the transaction of its own answer a receiver meets the clocks of that one case.';
create policy moved_new on deadlines for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (case_id = lotse.moving_case_id())));
comment on policy moved_new on deadlines is 'A receiver''s answer starts the clocks of the giver that follow from it.';
create policy moved_stops on deadlines for update to public
  using (((tenant_id = lotse.tenant_id()) AND (case_id = lotse.moving_case_id()) AND (stopped_at IS NULL)))
  with check ((tenant_id = lotse.tenant_id()));
comment on policy moved_stops on deadlines is 'Arrival and no-show stop the clocks that waited for them.';
create policy obliged on deadlines for select to public
  using (((tenant_id = lotse.tenant_id()) AND (organization_id = lotse.receiving_organization_id()) AND (kind = ANY (ARRAY['referral_response'::text, 'waitlist_expected'::text, 'handover_response'::text]))));
comment on policy obliged on deadlines is 'Whoever was asked sees by when to answer. A shielded person''s other clocks stay with the named members.';
create policy obliged_new on deadlines for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (organization_id = lotse.receiving_organization_id())));
comment on policy obliged_new on deadlines is 'Or with an act of whoever has to act next.';
create policy obliged_stops on deadlines for update to public
  using (((tenant_id = lotse.tenant_id()) AND (organization_id = lotse.receiving_organization_id()) AND (kind = ANY (ARRAY['referral_response'::text, 'waitlist_expected'::text, 'handover_response'::text])) AND (stopped_at IS NULL)))
  with check ((tenant_id = lotse.tenant_id()));
comment on policy obliged_stops on deadlines is 'Whoever had to act stops it by acting.';
create policy registrar on deadlines for select to public
  using (((tenant_id = lotse.tenant_id()) AND (case_id IS NULL) AND (organization_id = lotse.organization_id())));
comment on policy registrar on deadlines is 'The clock of a contact is seen where it was registered.';
create policy registrar_new on deadlines for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (case_id IS NULL) AND (organization_id = lotse.organization_id())));
comment on policy registrar_new on deadlines is 'A first contact starts a clock for the organisation that registers it.';
create policy registrar_stops on deadlines for update to public
  using (((tenant_id = lotse.tenant_id()) AND (case_id IS NULL) AND (organization_id = lotse.organization_id()) AND (stopped_at IS NULL)))
  with check ((tenant_id = lotse.tenant_id()));
comment on policy registrar_stops on deadlines is 'And stopped there.';

-- disclosures
create table disclosures (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  case_id uuid not null,
  client_id uuid not null,
  basis text not null,
  release_id uuid,
  release_version integer,
  direction text not null,
  purpose text not null,
  categories text[] not null,
  sender_organization_id uuid not null,
  recipient_organization_id uuid not null,
  subject_id uuid not null,
  wrapped_key bytea not null,
  sealed bytea not null,
  made_by_user_id uuid not null,
  made_at timestamp with time zone default now() not null,
  valid_until timestamp with time zone not null,
  constraint disclosures_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint disclosures__basis CHECK ((basis = ANY (ARRAY['release'::text, 'implied_team'::text, 'kkg4_consult_pseudonymised'::text, 'kkg4_notice'::text, 'dk_underretning'::text, 'necessity_34'::text, 'duty_138'::text, 'court_order_73'::text, 'police_68'::text, 'social_task_69'::text, 'data_subject'::text, 'anonymous'::text]))),
  constraint disclosures__categories CHECK ((categories <@ ARRAY['existence_of_contact'::text, 'identity_contact'::text, 'substance_use'::text, 'clearing_summary'::text, 'screening_scores'::text, 'health_somatic'::text, 'health_mental'::text, 'medication'::text, 'family_children'::text, 'housing_finance'::text, 'legal_matters'::text, 'work_education'::text, 'help_plan'::text, 'attendance_only'::text, 'drug_test_results'::text, 'violence_safety'::text, 'existing_help'::text])),
  constraint disclosures__purpose CHECK ((purpose = ANY (ARRAY['referral'::text, 'coordination'::text, 'case_conference'::text, 'funding'::text, 'feedback'::text]))),
  constraint disclosures__release_or_another_basis CHECK (((basis = 'release'::text) = (release_id IS NOT NULL))),
  constraint disclosures__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint disclosures__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint disclosures__made_by FOREIGN KEY (tenant_id, made_by_user_id) REFERENCES users(tenant_id, id),
  constraint disclosures__recipient FOREIGN KEY (tenant_id, recipient_organization_id) REFERENCES organizations(tenant_id, id),
  constraint disclosures__release FOREIGN KEY (tenant_id, release_id) REFERENCES releases(tenant_id, id),
  constraint disclosures__sender FOREIGN KEY (tenant_id, sender_organization_id) REFERENCES organizations(tenant_id, id)
);
create index disclosures__by_case ON public.disclosures USING btree (tenant_id, case_id, made_at DESC);
create index disclosures__by_release ON public.disclosures USING btree (tenant_id, release_id);
create index disclosures__by_subject ON public.disclosures USING btree (tenant_id, subject_id);
alter table disclosures enable row level security;
alter table disclosures force row level security;
grant insert, select, update (valid_until) on disclosures to lotse_service;
create policy compartment on disclosures for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on disclosures is 'The giver''s ledger: everything that ever left, also after a withdrawal.';
create policy compartment_ends on disclosures for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_ends on disclosures is 'The giver ends a recipient''s view; only valid_until can change.';
create policy compartment_new on disclosures for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on disclosures is 'Only the unit that holds the case discloses.';
create policy link_holder on disclosures for select to public
  using (((tenant_id = lotse.tenant_id()) AND (subject_id = lotse.linked_referral_id()) AND (valid_until > now())));
comment on policy link_holder on disclosures is 'Whoever opened a link reads what was disclosed with that referral, as long as that is valid.';
create policy link_holder_ends on disclosures for update to public
  using (((tenant_id = lotse.tenant_id()) AND (subject_id = lotse.linked_referral_id()) AND (valid_until > now())));
comment on policy link_holder_ends on disclosures is 'By declining through the link, that view ends; only valid_until can change.';
create policy recipient on disclosures for select to public
  using (((tenant_id = lotse.tenant_id()) AND (recipient_organization_id = lotse.receiving_organization_id()) AND (valid_until > now())));
comment on policy recipient on disclosures is 'The recipient reads what was disclosed to it, as long as that is valid.';
create policy recipient_ends on disclosures for update to public
  using (((tenant_id = lotse.tenant_id()) AND (recipient_organization_id = lotse.receiving_organization_id()) AND (valid_until > now())));
comment on policy recipient_ends on disclosures is 'By declining, the recipient ends its own view; only valid_until can change.';

-- event_listeners
create table event_listeners (
  tenant_id uuid not null,
  id uuid not null,
  constraint event_listeners_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint event_listeners__organization FOREIGN KEY (tenant_id, id) REFERENCES organizations(tenant_id, id)
);
alter table event_listeners enable row level security;
alter table event_listeners force row level security;
grant delete, insert, select on event_listeners to lotse_service;
create policy ends on event_listeners for delete to public
  using (((tenant_id = lotse.tenant_id()) AND ((lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text, 'messenger'::text])) OR (id = lotse.organization_id()))));
comment on policy ends on event_listeners is 'Taken away with the last webhook, also by the messenger when it stops calling.';
create policy everyone on event_listeners for select to public
  using ((tenant_id = lotse.tenant_id()));
comment on policy everyone on event_listeners is 'Every act asks whether somebody waits for it; that an organisation has a webhook is no secret inside the municipality.';
create policy keeper on event_listeners for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND ((lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text])) OR (id = lotse.organization_id()))));
comment on policy keeper on event_listeners is 'Noted by whoever may set up the webhook.';

-- events
create table events (
  tenant_id uuid not null,
  id uuid not null,
  xid xid8 not null,
  type text not null,
  subject_kind text not null,
  subject_id uuid not null,
  organization_id uuid not null,
  compartment_id uuid,
  audience_id uuid generated always as (COALESCE(compartment_id, organization_id)) stored not null,
  shielded boolean not null,
  at timestamp with time zone default now() not null,
  constraint events_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint events__subject_kind CHECK ((subject_kind = ANY (ARRAY['client'::text, 'case'::text, 'contact'::text, 'clearing'::text, 'release'::text, 'referral'::text, 'handover'::text, 'appointment'::text, 'attempt'::text, 'task'::text, 'deadline'::text, 'offer'::text]))),
  constraint events__type CHECK ((type = ANY (ARRAY['client.recorded'::text, 'client.updated'::text, 'case.opened'::text, 'case.updated'::text, 'case.next_step_set'::text, 'case.assigned'::text, 'case.paused'::text, 'case.resumed'::text, 'case.closed'::text, 'contact.registered'::text, 'contact.updated'::text, 'contact.guided'::text, 'contact.confirmed'::text, 'contact.taken_up'::text, 'contact.declined'::text, 'clearing.started'::text, 'clearing.updated'::text, 'clearing.paused'::text, 'clearing.resumed'::text, 'clearing.finished'::text, 'clearing.discarded'::text, 'release.drafted'::text, 'release.signed'::text, 'release.refused'::text, 'release.withdrawn'::text, 'release.superseded'::text, 'referral.drafted'::text, 'referral.updated'::text, 'referral.sent'::text, 'referral.accepted'::text, 'referral.declined'::text, 'referral.waitlisted'::text, 'referral.redirected'::text, 'referral.taken'::text, 'referral.withdrawn'::text, 'referral.concluded'::text, 'referral.message_written'::text, 'handover.prepared'::text, 'handover.updated'::text, 'handover.offered'::text, 'handover.accepted'::text, 'handover.refused'::text, 'handover.cancelled'::text, 'handover.arrived'::text, 'handover.failed'::text, 'handover.joint_talk_held'::text, 'handover.checked'::text, 'handover.returned'::text, 'appointment.planned'::text, 'appointment.changed'::text, 'appointment.ended'::text, 'attempt.recorded'::text, 'task.created'::text, 'task.updated'::text, 'task.done'::text, 'deadline.started'::text, 'deadline.stopped'::text, 'deadline.missed'::text, 'offer.added'::text, 'offer.changed'::text, 'offer.capacity_changed'::text])))
);
create index events__feed ON public.events USING btree (tenant_id, audience_id, xid, id);
alter table events enable row level security;
alter table events force row level security;
grant delete, insert, select on events to lotse_service;
create policy clock_forgets on events for delete to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'clock'::text) AND (at < (now() - '90 days'::interval))));
comment on policy clock_forgets on events is 'Forgotten after ninety days, and never before; nobody changes an event.';
create policy compartment on events for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on events is 'What happens to the records of a unit is followed by the unit; of somebody shielded only by who is named.';
create policy forgotten on events for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'clock'::text) AND (at < (now() - '90 days'::interval))));
comment on policy forgotten on events is 'The clock finds what is older than ninety days.';
create policy messenger on events for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'messenger'::text) AND (NOT shielded)));
comment on policy messenger on events is 'The messenger carries to webhooks what happened, and nothing about anybody shielded.';
create policy receiver on events for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id IS NULL) AND (organization_id = lotse.receiving_organization_id())));
comment on policy receiver on events is 'What an organisation may know without a release, because it was sent or asked, is followed by that organisation.';
create policy writer on events for insert to public
  with check ((tenant_id = lotse.tenant_id()));
comment on policy writer on events is 'Every act may say that it happened; it holds no word about a person.';

-- handover_concepts
create table handover_concepts (
  tenant_id uuid not null,
  id uuid not null,
  number integer not null,
  content jsonb not null,
  published_by_user_id uuid not null,
  published_at timestamp with time zone default now() not null,
  constraint handover_concepts_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint handover_concepts__one_per_number UNIQUE (tenant_id, number),
  constraint handover_concepts__published_by FOREIGN KEY (tenant_id, published_by_user_id) REFERENCES users(tenant_id, id)
);
alter table handover_concepts enable row level security;
alter table handover_concepts force row level security;
grant insert, select on handover_concepts to lotse_service;
create policy everyone on handover_concepts for select to public
  using ((tenant_id = lotse.tenant_id()));
comment on policy everyone on handover_concepts is 'What a handover needs here is known to all.';
create policy publisher on handover_concepts for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['coordinator'::text, 'navigation_head'::text]))));
comment on policy publisher on handover_concepts is 'Coordinator and head publish a new version; a published one never changes.';

-- handover_sheets
create table handover_sheets (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  case_id uuid not null,
  client_id uuid not null,
  sections jsonb not null,
  constraint handover_sheets_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint handover_sheets__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint handover_sheets__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint handover_sheets__handover FOREIGN KEY (tenant_id, id) REFERENCES handovers(tenant_id, id)
);
alter table handover_sheets enable row level security;
alter table handover_sheets force row level security;
grant insert, select, update (sections) on handover_sheets to lotse_service;
create policy compartment on handover_sheets for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on handover_sheets is 'The sheet is seen by the giving unit; the receiver reads the disclosure made of it.';
create policy compartment_edits on handover_sheets for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_edits on handover_sheets is 'Edited by the unit that holds the case.';
create policy compartment_new on handover_sheets for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on handover_sheets is 'Written by the unit that holds the case.';

-- handovers
create table handovers (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  case_id uuid not null,
  client_id uuid not null,
  referral_id uuid not null,
  giver_organization_id uuid not null,
  receiver_organization_id uuid not null,
  giver_organization_name text not null,
  receiver_organization_name text not null,
  type text not null,
  status text not null,
  basis text not null,
  release_id uuid,
  categories text[] not null,
  meeting_at timestamp with time zone,
  offered_at timestamp with time zone,
  accepted_at timestamp with time zone,
  arrived_at timestamp with time zone,
  arrival_confirmed_by text,
  failed_at timestamp with time zone,
  refusal_reason text,
  refusal_note text,
  cancellation text,
  created_by_user_id uuid not null,
  created_at timestamp with time zone default now() not null,
  version integer default 1 not null,
  concept_id uuid,
  answer_due_on date,
  accompanied_by_membership_id uuid,
  accompanied_by_name text,
  joint_talk_at timestamp with time zone,
  stability text,
  stability_at timestamp with time zone,
  returned_at timestamp with time zone,
  return_reason text,
  return_contact_id uuid,
  taken_back_at timestamp with time zone,
  responsible_organization_id uuid generated always as (
CASE
    WHEN ((status = 'arrived'::text) AND (stability IS DISTINCT FROM 'broken_off'::text) AND (taken_back_at IS NULL)) THEN receiver_organization_id
    ELSE giver_organization_id
END) stored not null,
  constraint handovers_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint handovers__accompanied_by_somebody_with_a_name CHECK (((accompanied_by_membership_id IS NULL) = (accompanied_by_name IS NULL))),
  constraint handovers__arrival_has_a_source CHECK (((status = 'arrived'::text) = (num_nonnulls(arrived_at, arrival_confirmed_by) = 2))),
  constraint handovers__categories CHECK ((categories <@ ARRAY['existence_of_contact'::text, 'identity_contact'::text, 'substance_use'::text, 'clearing_summary'::text, 'screening_scores'::text, 'health_somatic'::text, 'health_mental'::text, 'medication'::text, 'family_children'::text, 'housing_finance'::text, 'legal_matters'::text, 'work_education'::text, 'help_plan'::text, 'attendance_only'::text, 'drug_test_results'::text, 'violence_safety'::text, 'existing_help'::text])),
  constraint handovers__refusal_has_a_reason CHECK (((status <> 'refused'::text) OR (refusal_reason IS NOT NULL))),
  constraint handovers__return_after_arrival CHECK (((num_nonnulls(returned_at, return_reason, return_contact_id) = ANY (ARRAY[0, 3])) AND ((returned_at IS NULL) OR (status = 'arrived'::text)) AND ((taken_back_at IS NULL) OR (returned_at IS NOT NULL)))),
  constraint handovers__return_reason CHECK ((return_reason = ANY (ARRAY['other_help_needed'::text, 'help_ended'::text, 'capacity_lost'::text, 'person_wish'::text, 'other'::text]))),
  constraint handovers__stability CHECK ((stability = ANY (ARRAY['holds'::text, 'shaky'::text, 'broken_off'::text]))),
  constraint handovers__stability_after_arrival CHECK ((((stability IS NULL) = (stability_at IS NULL)) AND ((stability IS NULL) OR (status = 'arrived'::text)))),
  constraint handovers__status CHECK ((status = ANY (ARRAY['prepared'::text, 'offered'::text, 'accepted'::text, 'refused'::text, 'arrived'::text, 'failed'::text, 'cancelled'::text]))),
  constraint handovers__type CHECK ((type = ANY (ARRAY['warm_joint'::text, 'warm_phone'::text, 'accompanied'::text, 'written'::text, 'emergency'::text, 'internal'::text]))),
  constraint handovers__accompanied_by FOREIGN KEY (tenant_id, accompanied_by_membership_id) REFERENCES memberships(tenant_id, id),
  constraint handovers__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint handovers__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint handovers__concept FOREIGN KEY (tenant_id, concept_id) REFERENCES handover_concepts(tenant_id, id),
  constraint handovers__created_by FOREIGN KEY (tenant_id, created_by_user_id) REFERENCES users(tenant_id, id),
  constraint handovers__giver FOREIGN KEY (tenant_id, giver_organization_id) REFERENCES organizations(tenant_id, id),
  constraint handovers__receiver FOREIGN KEY (tenant_id, receiver_organization_id) REFERENCES organizations(tenant_id, id),
  constraint handovers__referral FOREIGN KEY (tenant_id, referral_id) REFERENCES referrals(tenant_id, id),
  constraint handovers__release FOREIGN KEY (tenant_id, release_id) REFERENCES releases(tenant_id, id),
  constraint handovers__return_contact FOREIGN KEY (tenant_id, return_contact_id) REFERENCES contacts(tenant_id, id)
);
create index handovers__awaited ON public.handovers USING btree (tenant_id, receiver_organization_id, answer_due_on) WHERE (status = ANY (ARRAY['offered'::text, 'accepted'::text]));
create index handovers__by_case ON public.handovers USING btree (tenant_id, case_id);
create index handovers__by_release ON public.handovers USING btree (tenant_id, release_id);
create index handovers__by_return ON public.handovers USING btree (tenant_id, return_contact_id);
create index handovers__inbox ON public.handovers USING btree (tenant_id, receiver_organization_id, offered_at DESC, id DESC) WHERE (status <> 'prepared'::text);
create uniquE INDEX handovers__one_open_per_referral ON public.handovers USING btree (tenant_id, referral_id) WHERE (status = ANY (ARRAY['prepared'::text, 'offered'::text, 'accepted'::text]));
alter table handovers enable row level security;
alter table handovers force row level security;
grant insert, select, update on handovers to lotse_service;
create policy compartment on handovers for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on handovers is 'The giving unit sees its handovers.';
create policy compartment_edits on handovers for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_edits on handovers is 'The giving unit offers, cancels, records arrival from the person''s own word and whether the help holds, and takes back.';
create policy compartment_new on handovers for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on handovers is 'A handover is prepared by the unit that holds the case.';
create policy receiver on handovers for select to public
  using (((tenant_id = lotse.tenant_id()) AND (receiver_organization_id = lotse.receiving_organization_id()) AND (offered_at IS NOT NULL)));
comment on policy receiver on handovers is 'The receiver sees what was offered to it. The row holds no fact about the person.';
create policy receiver_answers on handovers for update to public
  using (((tenant_id = lotse.tenant_id()) AND (receiver_organization_id = lotse.receiving_organization_id()) AND (offered_at IS NOT NULL)));
comment on policy receiver_answers on handovers is 'The receiver accepts, refuses, confirms arrival, reports a no-show and returns a person, as a new request.';

-- idempotency_keys
create table idempotency_keys (
  tenant_id uuid not null,
  principal_id uuid not null,
  key text not null,
  fingerprint text not null,
  status integer not null,
  resource_id uuid not null,
  created_at timestamp with time zone default now() not null,
  constraint idempotency_keys_tenant_id_principal_id_key_pk PRIMARY KEY (tenant_id, principal_id, key)
);
alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
grant delete, insert, select on idempotency_keys to lotse_service;
create policy clock_forgets on idempotency_keys for delete to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'clock'::text) AND (created_at < (now() - '1 day'::interval))));
comment on policy clock_forgets on idempotency_keys is 'Forgotten after a day, and never before: until then a request can be repeated safely.';
create policy forgotten on idempotency_keys for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'clock'::text) AND (created_at < (now() - '1 day'::interval))));
comment on policy forgotten on idempotency_keys is 'The clock finds the keys that are older than a day.';
create policy own on idempotency_keys for select to public
  using (((tenant_id = lotse.tenant_id()) AND (principal_id = lotse.user_id())));
comment on policy own on idempotency_keys is 'Everybody repeats only their own requests.';
create policy own_new on idempotency_keys for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (principal_id = lotse.user_id())));
comment on policy own_new on idempotency_keys is 'Everybody marks only their own requests.';

-- identification_steps
create table identification_steps (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  client_id uuid not null,
  from_level text not null,
  to_level text not null,
  reason text not null,
  by_user_id uuid not null,
  at timestamp with time zone default now() not null,
  constraint identification_steps_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint identification_steps__by FOREIGN KEY (tenant_id, by_user_id) REFERENCES users(tenant_id, id),
  constraint identification_steps__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id)
);
alter table identification_steps enable row level security;
alter table identification_steps force row level security;
grant insert, select on identification_steps to lotse_service;
create policy compartment on identification_steps for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on identification_steps is 'The unit sees why a person was asked for more.';
create policy compartment_new on identification_steps for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())) AND (by_user_id = lotse.user_id())));
comment on policy compartment_new on identification_steps is 'Whoever raises the level signs for it; nobody changes it later.';

-- identity_providers
create table identity_providers (
  tenant_id uuid not null,
  id uuid not null,
  issuer text not null,
  audience text not null,
  label text not null,
  subject_claim text not null,
  email_claim text not null,
  name_claim text not null,
  link_by_email boolean not null,
  provision boolean not null,
  mappings jsonb not null,
  machines jsonb not null,
  active boolean default true not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  constraint identity_providers_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint identity_providers__once UNIQUE (tenant_id, issuer, audience)
);
alter table identity_providers enable row level security;
alter table identity_providers force row level security;
grant insert, select, update on identity_providers to lotse_service;
create policy admin on identity_providers for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'provider'::text]))));
comment on policy admin on identity_providers is 'The administrator sees the identity providers; so does whoever checks one''s tokens.';
create policy admin_adds on identity_providers for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'tenant_admin'::text)));
comment on policy admin_adds on identity_providers is 'The administrator adds identity providers.';
create policy admin_edits on identity_providers for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'tenant_admin'::text)));
comment on policy admin_edits on identity_providers is 'The administrator changes identity providers.';

-- interfaces
create table interfaces (
  tenant_id uuid not null,
  id uuid not null,
  from_organization_id uuid not null,
  to_organization_id uuid not null,
  answer_days integer not null,
  agreement text not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  constraint interfaces_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint interfaces__one_per_direction UNIQUE (tenant_id, from_organization_id, to_organization_id),
  constraint interfaces__answer_days CHECK (((answer_days >= 1) AND (answer_days <= 90))),
  constraint interfaces__two_organizations CHECK ((from_organization_id <> to_organization_id)),
  constraint interfaces__from FOREIGN KEY (tenant_id, from_organization_id) REFERENCES organizations(tenant_id, id),
  constraint interfaces__to FOREIGN KEY (tenant_id, to_organization_id) REFERENCES organizations(tenant_id, id)
);
alter table interfaces enable row level security;
alter table interfaces force row level security;
grant insert, select, update (answer_days, agreement, version) on interfaces to lotse_service;
create policy editor on interfaces for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text]))));
comment on policy editor on interfaces is 'Administrator and coordinator change it.';
create policy everyone on interfaces for select to public
  using ((tenant_id = lotse.tenant_id()));
comment on policy everyone on interfaces is 'What two organisations have agreed on is known in the network.';
create policy keeper on interfaces for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text]))));
comment on policy keeper on interfaces is 'Administrator and coordinator record what was agreed.';

-- mail_settings
create table mail_settings (
  tenant_id uuid not null,
  id uuid not null,
  rhythm text not null,
  mailed_until timestamp with time zone,
  version integer default 0 not null,
  constraint mail_settings_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint mail_settings__rhythm CHECK ((rhythm = ANY (ARRAY['at_once'::text, 'daily'::text, 'never'::text]))),
  constraint mail_settings__membership FOREIGN KEY (tenant_id, id) REFERENCES memberships(tenant_id, id)
);
alter table mail_settings enable row level security;
alter table mail_settings force row level security;
grant insert, select, update (rhythm, mailed_until, version) on mail_settings to lotse_service;
create policy courier on mail_settings for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'courier'::text)));
comment on policy courier on mail_settings is 'The courier keeps to everybody''s rhythm.';
create policy courier_mails on mail_settings for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'courier'::text)));
comment on policy courier_mails on mail_settings is 'The courier notes when it last wrote.';
create policy own on mail_settings for select to public
  using (((tenant_id = lotse.tenant_id()) AND (id = lotse.membership_id())));
comment on policy own on mail_settings is 'One''s own rhythm of e-mails.';
create policy own_edits on mail_settings for update to public
  using (((tenant_id = lotse.tenant_id()) AND (id = lotse.membership_id())));
comment on policy own_edits on mail_settings is 'Changed by oneself.';
create policy own_new on mail_settings for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND ((id = lotse.membership_id()) OR (lotse.acts_as() = 'courier'::text))));
comment on policy own_new on mail_settings is 'Set by oneself, or noted by the courier with its first e-mail.';

-- memberships
create table memberships (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  organization_id uuid not null,
  role text not null,
  ended_at timestamp with time zone,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  provider_id uuid,
  ended_by_provider boolean default false not null,
  constraint memberships_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint memberships__role CHECK ((role = ANY (ARRAY['navigator'::text, 'navigation_head'::text, 'network_professional'::text, 'youth_welfare_professional'::text, 'self_help_rep'::text, 'coordinator'::text, 'planner'::text, 'board_member'::text, 'prevention_officer'::text, 'safeguarding_expert'::text, 'dpo'::text, 'tenant_admin'::text, 'auditor'::text]))),
  constraint memberships__organization FOREIGN KEY (tenant_id, organization_id) REFERENCES organizations(tenant_id, id),
  constraint memberships__user FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id)
);
create index memberships__by_provider ON public.memberships USING btree (tenant_id, provider_id) WHERE (provider_id IS NOT NULL);
alter table memberships enable row level security;
alter table memberships force row level security;
grant insert, select, update on memberships to lotse_service;
create policy admin on memberships for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'installer'::text]))));
comment on policy admin on memberships is 'The administrator gives memberships.';
create policy admin_edits on memberships for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'tenant_admin'::text)));
comment on policy admin_edits on memberships is 'The administrator ends memberships.';
create policy everyone on memberships for select to public
  using ((tenant_id = lotse.tenant_id()));
comment on policy everyone on memberships is 'Who works where in which role is known inside a municipality.';
create policy provider on memberships for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'provider'::text) AND (provider_id IS NOT NULL)));
comment on policy provider on memberships is 'A provider gives memberships that bear its mark.';
create policy provider_edits on memberships for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'provider'::text) AND (provider_id IS NOT NULL)));
comment on policy provider_edits on memberships is 'A provider ends memberships that bear its mark, and no others.';

-- named_members
create table named_members (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  membership_id uuid not null,
  created_at timestamp with time zone default now() not null,
  constraint named_members_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint named_members__once UNIQUE (tenant_id, membership_id, compartment_id),
  constraint named_members__membership FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships(tenant_id, id)
);
alter table named_members enable row level security;
alter table named_members force row level security;
grant insert, select on named_members to lotse_service;
create policy named on named_members for select to public
  using (((tenant_id = lotse.tenant_id()) AND ((membership_id = lotse.membership_id()) OR (compartment_id = ANY (lotse.compartments())))));
comment on policy named on named_members is 'Who is named on a shielded person is known to those who are named.';
create policy names on named_members for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy names on named_members is 'Whoever is named on a shielded person may name others.';

-- notices
create table notices (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  subject_kind text not null,
  subject_id uuid not null,
  audience text not null,
  to_membership_id uuid,
  to_organization_id uuid,
  compartment_id uuid,
  case_id uuid,
  to_role text,
  created_at timestamp with time zone default now() not null,
  seen_at timestamp with time zone,
  mailed_at timestamp with time zone,
  constraint notices_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint notices__kind CHECK ((kind = ANY (ARRAY['contact_received'::text, 'contact_answered'::text, 'referral_received'::text, 'referral_answered'::text, 'referral_message'::text, 'referral_withdrawn'::text, 'answer_link_locked'::text, 'handover_offered'::text, 'handover_answered'::text, 'handover_cancelled'::text, 'handover_arrived'::text, 'handover_failed'::text, 'handover_returned'::text, 'release_ended'::text, 'case_assigned'::text, 'deadline_missed'::text, 'task_assigned'::text, 'substitution_began'::text, 'substitution_ended'::text]))),
  constraint notices__somebody_is_told CHECK (
CASE audience
    WHEN 'member'::text THEN ((to_membership_id IS NOT NULL) AND (num_nonnulls(to_organization_id, compartment_id, to_role) = 0))
    WHEN 'organization'::text THEN ((to_organization_id IS NOT NULL) AND (num_nonnulls(to_membership_id, compartment_id, to_role) = 0))
    WHEN 'lead'::text THEN ((num_nonnulls(compartment_id, case_id) = 2) AND (num_nonnulls(to_membership_id, to_organization_id, to_role) = 0))
    WHEN 'role'::text THEN ((to_role IS NOT NULL) AND (num_nonnulls(to_membership_id, compartment_id) = 0))
    ELSE false
END),
  constraint notices__subject_kind CHECK ((subject_kind = ANY (ARRAY['contact'::text, 'case'::text, 'release'::text, 'referral'::text, 'handover'::text, 'appointment'::text, 'task'::text, 'deadline'::text, 'substitution'::text]))),
  constraint notices__to_membership FOREIGN KEY (tenant_id, to_membership_id) REFERENCES memberships(tenant_id, id),
  constraint notices__to_organization FOREIGN KEY (tenant_id, to_organization_id) REFERENCES organizations(tenant_id, id)
);
create index notices__of_lead ON public.notices USING btree (tenant_id, compartment_id, case_id) WHERE (seen_at IS NULL);
create index notices__of_member ON public.notices USING btree (tenant_id, to_membership_id, created_at) WHERE (seen_at IS NULL);
create index notices__of_organization ON public.notices USING btree (tenant_id, to_organization_id, created_at) WHERE (seen_at IS NULL);
create index notices__of_role ON public.notices USING btree (tenant_id, to_role, created_at) WHERE (seen_at IS NULL);
create index notices__unmailed ON public.notices USING btree (tenant_id, created_at) WHERE ((mailed_at IS NULL) AND (seen_at IS NULL));
alter table notices enable row level security;
alter table notices force row level security;
grant insert, select, update (seen_at, mailed_at) on notices to lotse_service;
create policy compartment on notices for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on notices is 'What the lead of a case is told is seen by the unit that holds the case.';
create policy compartment_sees on notices for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_sees on notices is 'Marked as seen by the unit that holds the case.';
create policy courier on notices for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'courier'::text)));
comment on policy courier on notices is 'The courier sees that there is something to tell; a notice holds no word about a person.';
create policy courier_mails on notices for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'courier'::text)));
comment on policy courier_mails on notices is 'The courier notes that an e-mail has gone out.';
create policy holder on notices for select to public
  using (((tenant_id = lotse.tenant_id()) AND (audience = 'role'::text) AND (to_role = lotse.acts_as()) AND ((to_organization_id IS NULL) OR (to_organization_id = lotse.organization_id()))));
comment on policy holder on notices is 'What a role is told: head and coordinator.';
create policy holder_sees on notices for update to public
  using (((tenant_id = lotse.tenant_id()) AND (audience = 'role'::text) AND (to_role = lotse.acts_as()) AND ((to_organization_id IS NULL) OR (to_organization_id = lotse.organization_id()))));
comment on policy holder_sees on notices is 'Marked as seen by a holder of the role that is told.';
create policy member on notices for select to public
  using (((tenant_id = lotse.tenant_id()) AND (to_membership_id = lotse.membership_id())));
comment on policy member on notices is 'What one is told oneself.';
create policy member_sees on notices for update to public
  using (((tenant_id = lotse.tenant_id()) AND (to_membership_id = lotse.membership_id())));
comment on policy member_sees on notices is 'Marked as seen by whoever is told.';
create policy organization on notices for select to public
  using (((tenant_id = lotse.tenant_id()) AND (audience = 'organization'::text) AND (to_organization_id = lotse.organization_id())));
comment on policy organization on notices is 'What the own organisation is told; it may be a door that receives no referrals.';
create policy organization_sees on notices for update to public
  using (((tenant_id = lotse.tenant_id()) AND (audience = 'organization'::text) AND (to_organization_id = lotse.organization_id())));
comment on policy organization_sees on notices is 'Marked as seen by the organisation that is told.';
create policy teller on notices for insert to public
  with check ((tenant_id = lotse.tenant_id()));
comment on policy teller on notices is 'Every act may tell somebody of the same municipality; only those who are told read it.';

-- offers
create table offers (
  tenant_id uuid not null,
  id uuid not null,
  organization_id uuid not null,
  type text not null,
  name text not null,
  description text not null,
  target_groups text[] not null,
  languages text[] not null,
  active boolean default true not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  free_places integer,
  waiting_days integer,
  capacity_note text,
  capacity_at timestamp with time zone,
  constraint offers_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint offers__capacity CHECK ((((COALESCE(free_places, 0) >= 0) AND (COALESCE(free_places, 0) <= 10000)) AND ((COALESCE(waiting_days, 0) >= 0) AND (COALESCE(waiting_days, 0) <= 3650)))),
  constraint offers__target_groups CHECK ((target_groups <@ ARRAY['dependent_adult'::text, 'at_risk_user'::text, 'young_person'::text, 'relative'::text, 'family_affected'::text, 'parent_dependent'::text, 'expectant_parent'::text, 'parent_substituted'::text, 'child_of_dependent'::text, 'dual_diagnosis'::text, 'long_term_harm'::text, 'older_person'::text, 'medication_dependent'::text, 'migration_background'::text, 'new_addictions'::text, 'not_reached_before'::text, 'complex_needs'::text])),
  constraint offers__type CHECK ((type = ANY (ARRAY['addiction_counselling'::text, 'navigator_service'::text, 'low_threshold'::text, 'street_outreach'::text, 'street_nurse'::text, 'detox'::text, 'outpatient_treatment'::text, 'day_treatment'::text, 'inpatient_rehab'::text, 'adaptation'::text, 'aftercare'::text, 'opioid_substitution'::text, 'psychosocial_support'::text, 'self_help_group'::text, 'relatives_group'::text, 'social_psychiatry'::text, 'psychiatry'::text, 'sociotherapy'::text, 'supported_housing'::text, 'emergency_housing'::text, 'long_term_housing'::text, 'work_integration'::text, 'debt_counselling'::text, 'youth_welfare'::text, 'family_support'::text, 'early_help'::text, 'pregnancy_counselling'::text, 'prevention_primary'::text, 'prevention_secondary'::text, 'peer_education'::text, 'online'::text, 'other'::text]))),
  constraint offers__organization FOREIGN KEY (tenant_id, organization_id) REFERENCES organizations(tenant_id, id)
);
create index offers__by_organization ON public.offers USING btree (tenant_id, organization_id);
alter table offers enable row level security;
alter table offers force row level security;
grant insert, select, update on offers to lotse_service;
create policy editor on offers for update to public
  using (((tenant_id = lotse.tenant_id()) AND ((lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text])) OR (organization_id = lotse.receiving_organization_id()))));
comment on policy editor on offers is 'Administrator and coordinator change offers; every organisation changes its own.';
create policy everyone on offers for select to public
  using ((tenant_id = lotse.tenant_id()));
comment on policy everyone on offers is 'All members of a municipality know all offers of its network.';
create policy keeper on offers for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND ((lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text])) OR (organization_id = lotse.receiving_organization_id()))));
comment on policy keeper on offers is 'Administrator and coordinator add offers; every organisation adds its own.';

-- organizations
create table organizations (
  tenant_id uuid not null,
  id uuid not null,
  parent_id uuid,
  kind text not null,
  sector text not null,
  name text not null,
  phone text,
  email text,
  address text,
  website text,
  residences text[] not null,
  active boolean default true not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  constraint organizations_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint organizations__kind CHECK ((kind = ANY (ARRAY['municipal_unit'::text, 'service_provider'::text, 'funder'::text, 'youth_office'::text, 'self_help'::text, 'clinic'::text, 'practice'::text, 'umbrella'::text, 'driving_school'::text, 'other'::text]))),
  constraint organizations__not_its_own_parent CHECK ((parent_id <> id)),
  constraint organizations__sector CHECK ((sector = ANY (ARRAY['addiction'::text, 'health'::text, 'psychiatry'::text, 'social_psychiatry'::text, 'youth'::text, 'work'::text, 'housing'::text, 'debt'::text, 'justice'::text, 'education'::text, 'workplace'::text, 'self_help'::text, 'prevention'::text, 'transport'::text]))),
  constraint organizations__parent FOREIGN KEY (tenant_id, parent_id) REFERENCES organizations(tenant_id, id)
);
alter table organizations enable row level security;
alter table organizations force row level security;
grant insert, select, update on organizations to lotse_service;
create policy editor on organizations for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text]))));
comment on policy editor on organizations is 'Administrator and coordinator change organisations.';
create policy everyone on organizations for select to public
  using ((tenant_id = lotse.tenant_id()));
comment on policy everyone on organizations is 'All members of a municipality know all organisations of its network.';
create policy keeper on organizations for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text, 'installer'::text]))));
comment on policy keeper on organizations is 'Administrator and coordinator add organisations.';

-- provider_subjects
create table provider_subjects (
  tenant_id uuid not null,
  id uuid not null,
  provider_id uuid not null,
  subject text not null,
  user_id uuid not null,
  created_at timestamp with time zone default now() not null,
  email_verified boolean default false not null,
  newest_iat double precision default 0 not null,
  constraint provider_subjects_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint provider_subjects__once UNIQUE (tenant_id, provider_id, subject),
  constraint provider_subjects__one_person UNIQUE (tenant_id, provider_id, user_id),
  constraint provider_subjects__provider FOREIGN KEY (tenant_id, provider_id) REFERENCES identity_providers(tenant_id, id),
  constraint provider_subjects__user FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id)
);
alter table provider_subjects enable row level security;
alter table provider_subjects force row level security;
grant insert, select, update (newest_iat) on provider_subjects to lotse_service;
create policy provider on provider_subjects for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'provider'::text)));
comment on policy provider on provider_subjects is 'Who somebody is to the provider is known only while a token of it is checked.';
create policy provider_adds on provider_subjects for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'provider'::text)));
comment on policy provider_adds on provider_subjects is 'A token of the provider links its subject to a person here.';
create policy provider_edits on provider_subjects for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'provider'::text)));
comment on policy provider_edits on provider_subjects is 'A token of the provider notes that it is the newest.';

-- referral_letters
create table referral_letters (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  case_id uuid not null,
  client_id uuid not null,
  situation text not null,
  constraint referral_letters_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint referral_letters__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint referral_letters__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint referral_letters__referral FOREIGN KEY (tenant_id, id) REFERENCES referrals(tenant_id, id)
);
alter table referral_letters enable row level security;
alter table referral_letters force row level security;
grant insert, select, update (situation) on referral_letters to lotse_service;
create policy compartment on referral_letters for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on referral_letters is 'The words that shall leave are seen by the sending unit only.';
create policy compartment_edits on referral_letters for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_edits on referral_letters is 'Edited by the unit that holds the case.';
create policy compartment_new on referral_letters for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on referral_letters is 'Written by the unit that holds the case.';
create policy moved_new on referral_letters for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (case_id = lotse.moving_case_id())));
comment on policy moved_new on referral_letters is 'The proposed draft begins with an empty letter.';

-- referral_messages
create table referral_messages (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  referral_id uuid not null,
  client_id uuid not null,
  recipient_organization_id uuid not null,
  from_organization_id uuid not null,
  by_user_id uuid not null,
  by_name text not null,
  text text not null,
  written_at timestamp with time zone default now() not null,
  constraint referral_messages_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint referral_messages__by FOREIGN KEY (tenant_id, by_user_id) REFERENCES users(tenant_id, id),
  constraint referral_messages__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint referral_messages__from FOREIGN KEY (tenant_id, from_organization_id) REFERENCES organizations(tenant_id, id),
  constraint referral_messages__recipient FOREIGN KEY (tenant_id, recipient_organization_id) REFERENCES organizations(tenant_id, id),
  constraint referral_messages__referral FOREIGN KEY (tenant_id, referral_id) REFERENCES referrals(tenant_id, id)
);
create index referral_messages__of_referral ON public.referral_messages USING btree (tenant_id, referral_id, written_at, id);
alter table referral_messages enable row level security;
alter table referral_messages force row level security;
grant insert, select on referral_messages to lotse_service;
create policy compartment on referral_messages for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on referral_messages is 'The sending unit reads the thread.';
create policy compartment_new on referral_messages for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())) AND (from_organization_id = lotse.organization_id())));
comment on policy compartment_new on referral_messages is 'The sending unit writes in its own name.';
create policy recipient on referral_messages for select to public
  using (((tenant_id = lotse.tenant_id()) AND (recipient_organization_id = lotse.receiving_organization_id())));
comment on policy recipient on referral_messages is 'So does the recipient, also after declining: the thread holds no fact about the person.';
create policy recipient_new on referral_messages for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (recipient_organization_id = lotse.receiving_organization_id()) AND (from_organization_id = lotse.receiving_organization_id())));
comment on policy recipient_new on referral_messages is 'The recipient writes in its own name.';

-- referrals
create table referrals (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  case_id uuid not null,
  client_id uuid not null,
  offer_id uuid not null,
  sender_organization_id uuid not null,
  recipient_organization_id uuid not null,
  status text not null,
  urgency text not null,
  basis text not null,
  release_id uuid,
  categories text[] not null,
  sender_name text,
  sender_organization_name text not null,
  recipient_organization_name text not null,
  offer_name text not null,
  answer_due_on date,
  sent_at timestamp with time zone,
  seen_at timestamp with time zone,
  answered_at timestamp with time zone,
  answered_by_name text,
  decline_reason text,
  decline_side text,
  decline_note text,
  withdrawn_by text,
  ended_at timestamp with time zone,
  created_by_user_id uuid not null,
  created_at timestamp with time zone default now() not null,
  version integer default 1 not null,
  taken_by_membership_id uuid,
  taken_by_name text,
  taken_at timestamp with time zone,
  waitlist_position integer,
  expected_on date,
  redirect_offer_id uuid,
  redirect_note text,
  proposed_by_referral_id uuid,
  answered_by_link boolean default false not null,
  outcome text,
  external_id text,
  external_by uuid,
  constraint referrals_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint referrals__categories CHECK ((categories <@ ARRAY['existence_of_contact'::text, 'identity_contact'::text, 'substance_use'::text, 'clearing_summary'::text, 'screening_scores'::text, 'health_somatic'::text, 'health_mental'::text, 'medication'::text, 'family_children'::text, 'housing_finance'::text, 'legal_matters'::text, 'work_education'::text, 'help_plan'::text, 'attendance_only'::text, 'drug_test_results'::text, 'violence_safety'::text, 'existing_help'::text])),
  constraint referrals__decline_has_reason_and_side CHECK (((status <> 'declined'::text) OR (num_nonnulls(decline_reason, decline_side) = 2))),
  constraint referrals__engaged_with_an_outcome CHECK (((status = 'closed_engaged'::text) = (outcome IS NOT NULL))),
  constraint referrals__external_id_of_somebody CHECK (((external_id IS NULL) = (external_by IS NULL))),
  constraint referrals__other_needs_a_sentence CHECK (((decline_reason <> 'other'::text) OR (decline_note IS NOT NULL))),
  constraint referrals__redirect_proposes CHECK (((status <> 'redirected'::text) OR (redirect_offer_id IS NOT NULL))),
  constraint referrals__sent_with_a_deadline CHECK (((status = 'draft'::text) OR (withdrawn_by IS NOT NULL) OR (num_nonnulls(sent_at, answer_due_on) = 2))),
  constraint referrals__status CHECK ((status = ANY (ARRAY['draft'::text, 'sent'::text, 'accepted'::text, 'waitlisted'::text, 'declined'::text, 'redirected'::text, 'started'::text, 'not_started'::text, 'withdrawn'::text, 'closed_engaged'::text]))),
  constraint referrals__urgency CHECK ((urgency = ANY (ARRAY['routine'::text, 'soon'::text, 'urgent'::text]))),
  constraint referrals__waiting_has_a_day CHECK (((status <> 'waitlisted'::text) OR (expected_on IS NOT NULL))),
  constraint referrals__waitlist_position CHECK (((waitlist_position >= 1) AND (waitlist_position <= 10000))),
  constraint referrals__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint referrals__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint referrals__created_by FOREIGN KEY (tenant_id, created_by_user_id) REFERENCES users(tenant_id, id),
  constraint referrals__offer FOREIGN KEY (tenant_id, offer_id) REFERENCES offers(tenant_id, id),
  constraint referrals__proposed_by FOREIGN KEY (tenant_id, proposed_by_referral_id) REFERENCES referrals(tenant_id, id),
  constraint referrals__recipient FOREIGN KEY (tenant_id, recipient_organization_id) REFERENCES organizations(tenant_id, id),
  constraint referrals__redirect_offer FOREIGN KEY (tenant_id, redirect_offer_id) REFERENCES offers(tenant_id, id),
  constraint referrals__release FOREIGN KEY (tenant_id, release_id) REFERENCES releases(tenant_id, id),
  constraint referrals__sender FOREIGN KEY (tenant_id, sender_organization_id) REFERENCES organizations(tenant_id, id),
  constraint referrals__taken_by FOREIGN KEY (tenant_id, taken_by_membership_id) REFERENCES memberships(tenant_id, id)
);
create index referrals__by_case ON public.referrals USING btree (tenant_id, case_id);
create index referrals__by_client ON public.referrals USING btree (tenant_id, client_id);
create index referrals__by_release ON public.referrals USING btree (tenant_id, release_id);
create uniquE INDEX referrals__external_id ON public.referrals USING btree (tenant_id, external_by, external_id) WHERE (external_id IS NOT NULL);
create index referrals__inbox ON public.referrals USING btree (tenant_id, recipient_organization_id, sent_at DESC, id DESC) WHERE (status <> 'draft'::text);
create uniquE INDEX referrals__one_open_per_client_and_offer ON public.referrals USING btree (tenant_id, compartment_id, client_id, offer_id) WHERE (status = ANY (ARRAY['draft'::text, 'sent'::text, 'waitlisted'::text, 'accepted'::text, 'started'::text, 'not_started'::text]));
create index referrals__outbox ON public.referrals USING btree (tenant_id, compartment_id, created_at DESC, id DESC);
create index referrals__unanswered ON public.referrals USING btree (tenant_id, recipient_organization_id, answer_due_on) WHERE (status = ANY (ARRAY['sent'::text, 'waitlisted'::text]));
alter table referrals enable row level security;
alter table referrals force row level security;
grant insert, select, update on referrals to lotse_service;
create policy compartment on referrals for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on referrals is 'The sending unit sees its referrals.';
create policy compartment_edits on referrals for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_edits on referrals is 'The sending unit edits, sends and withdraws.';
create policy compartment_new on referrals for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())) AND ((external_by IS NULL) OR (external_by = lotse.user_id()))));
comment on policy compartment_new on referrals is 'A referral is drafted by the unit that holds the case, and under nobody else''s key.';
create policy courier on referrals for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'courier'::text) AND (status = ANY (ARRAY['sent'::text, 'waitlisted'::text]))));
comment on policy courier on referrals is 'The courier knows which referrals still wait for an answer: the link to any other does not go out.';
create policy link_holder on referrals for select to public
  using (((tenant_id = lotse.tenant_id()) AND (id = lotse.linked_referral_id())));
comment on policy link_holder on referrals is 'Whoever opened a link sees that one referral.';
create policy link_holder_answers on referrals for update to public
  using (((tenant_id = lotse.tenant_id()) AND (id = lotse.linked_referral_id())));
comment on policy link_holder_answers on referrals is 'And answers it once.';
create policy moved on referrals for select to public
  using (((tenant_id = lotse.tenant_id()) AND (case_id = lotse.moving_case_id()) AND (status = 'draft'::text)));
comment on policy moved on referrals is 'Inside the transaction of its own answer a receiver meets the draft that it proposes.';
create policy moved_new on referrals for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (case_id = lotse.moving_case_id()) AND (status = 'draft'::text)));
comment on policy moved_new on referrals is 'A redirect leaves a draft with the giver; the receiver never sends on.';
create policy recipient on referrals for select to public
  using (((tenant_id = lotse.tenant_id()) AND (recipient_organization_id = lotse.receiving_organization_id()) AND (sent_at IS NOT NULL)));
comment on policy recipient on referrals is 'The recipient sees what was sent to it, never a draft. The thread holds no fact about the person.';
create policy recipient_answers on referrals for update to public
  using (((tenant_id = lotse.tenant_id()) AND (recipient_organization_id = lotse.receiving_organization_id()) AND (sent_at IS NOT NULL)));
comment on policy recipient_answers on referrals is 'The recipient opens, takes, answers and concludes.';

-- releases
create table releases (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  case_id uuid not null,
  client_id uuid not null,
  status text not null,
  discloser_organization_id uuid not null,
  recipient_organization_id uuid not null,
  recipient_person text,
  purpose text not null,
  purpose_detail text not null,
  categories text[] not null,
  direction text not null,
  valid_until timestamp with time zone not null,
  ends_with text,
  proof text not null,
  proof_reason text,
  information_version integer not null,
  information_language text not null,
  interpreter_used boolean not null,
  capacity text not null,
  capacity_note text,
  copy_given boolean not null,
  signed_on date,
  activated_at timestamp with time zone,
  refused_at timestamp with time zone,
  withdrawn_at timestamp with time zone,
  withdrawn_way text,
  superseded_by_id uuid,
  created_by_user_id uuid not null,
  created_at timestamp with time zone default now() not null,
  version integer default 1 not null,
  constraint releases_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint releases__active_is_signed CHECK (((status = ANY (ARRAY['draft'::text, 'refused'::text])) OR (signed_on IS NOT NULL))),
  constraint releases__at_least_one_category CHECK ((cardinality(categories) > 0)),
  constraint releases__categories CHECK ((categories <@ ARRAY['existence_of_contact'::text, 'identity_contact'::text, 'substance_use'::text, 'clearing_summary'::text, 'screening_scores'::text, 'health_somatic'::text, 'health_mental'::text, 'medication'::text, 'family_children'::text, 'housing_finance'::text, 'legal_matters'::text, 'work_education'::text, 'help_plan'::text, 'attendance_only'::text, 'drug_test_results'::text, 'violence_safety'::text, 'existing_help'::text])),
  constraint releases__purpose CHECK ((purpose = ANY (ARRAY['referral'::text, 'coordination'::text, 'case_conference'::text, 'funding'::text, 'feedback'::text]))),
  constraint releases__status CHECK ((status = ANY (ARRAY['draft'::text, 'active'::text, 'withdrawn'::text, 'superseded'::text, 'refused'::text]))),
  constraint releases__withdrawn_at CHECK (((status = 'withdrawn'::text) = (withdrawn_at IS NOT NULL))),
  constraint releases__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint releases__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint releases__created_by FOREIGN KEY (tenant_id, created_by_user_id) REFERENCES users(tenant_id, id),
  constraint releases__discloser FOREIGN KEY (tenant_id, discloser_organization_id) REFERENCES organizations(tenant_id, id),
  constraint releases__recipient FOREIGN KEY (tenant_id, recipient_organization_id) REFERENCES organizations(tenant_id, id),
  constraint releases__superseded_by FOREIGN KEY (tenant_id, superseded_by_id) REFERENCES releases(tenant_id, id)
);
create index releases__by_case ON public.releases USING btree (tenant_id, case_id, created_at DESC);
alter table releases enable row level security;
alter table releases force row level security;
grant insert, select, update on releases to lotse_service;
create policy compartment on releases for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on releases is 'A release is kept by the unit that obtained it.';
create policy compartment_edits on releases for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())) AND (status = ANY (ARRAY['draft'::text, 'active'::text]))))
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_edits on releases is 'A release is signed, refused, withdrawn or replaced; after its end it never changes.';
create policy compartment_new on releases for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on releases is 'A release is obtained in one''s own unit.';

-- scope_rules
create table scope_rules (
  tenant_id uuid not null,
  id uuid not null,
  problem text not null,
  sector text not null,
  organization_id uuid,
  note text not null,
  ended_at timestamp with time zone,
  version integer default 1 not null,
  constraint scope_rules_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint scope_rules__problem CHECK ((problem = ANY (ARRAY['alcohol'::text, 'heroin'::text, 'methadone_misused'::text, 'buprenorphine_misused'::text, 'fentanyl'::text, 'other_opioid'::text, 'cocaine_powder'::text, 'crack'::text, 'cocaine_other'::text, 'amphetamine'::text, 'methamphetamine'::text, 'mdma'::text, 'synthetic_cathinone'::text, 'other_stimulant'::text, 'barbiturate'::text, 'benzodiazepine'::text, 'ghb_gbl'::text, 'pregabalinoid'::text, 'other_sedative'::text, 'lsd'::text, 'ketamine'::text, 'other_hallucinogen'::text, 'volatile'::text, 'cannabis'::text, 'synthetic_cannabinoid'::text, 'tobacco'::text, 'other_substance'::text, 'polydrug_unspecified'::text, 'gambling'::text, 'gaming'::text, 'internet_media'::text, 'eating'::text, 'buying'::text, 'other_behaviour'::text, 'none_relative'::text, 'unknown'::text]))),
  constraint scope_rules__sector CHECK ((sector = ANY (ARRAY['addiction'::text, 'health'::text, 'psychiatry'::text, 'social_psychiatry'::text, 'youth'::text, 'work'::text, 'housing'::text, 'debt'::text, 'justice'::text, 'education'::text, 'workplace'::text, 'self_help'::text, 'prevention'::text, 'transport'::text]))),
  constraint scope_rules__organization FOREIGN KEY (tenant_id, organization_id) REFERENCES organizations(tenant_id, id)
);
create uniquE INDEX scope_rules__one_per_problem ON public.scope_rules USING btree (tenant_id, problem) WHERE (ended_at IS NULL);
alter table scope_rules enable row level security;
alter table scope_rules force row level security;
grant insert, select, update (sector, organization_id, note, ended_at, version) on scope_rules to lotse_service;
create policy editor on scope_rules for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text]))));
comment on policy editor on scope_rules is 'Administrator and coordinator change the scope, and widen it again.';
create policy everyone on scope_rules for select to public
  using ((tenant_id = lotse.tenant_id()));
comment on policy everyone on scope_rules is 'All members know what the municipality helps with itself, and who else does.';
create policy keeper on scope_rules for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text]))));
comment on policy keeper on scope_rules is 'Administrator and coordinator set the scope.';

-- second_factors
create table second_factors (
  tenant_id uuid not null,
  id uuid not null,
  wrapped_key bytea not null,
  sealed bytea not null,
  confirmed_at timestamp with time zone,
  last_step bigint,
  recovery_codes text[] not null,
  created_at timestamp with time zone default now() not null,
  constraint second_factors_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint second_factors__user FOREIGN KEY (tenant_id, id) REFERENCES users(tenant_id, id)
);
alter table second_factors enable row level security;
alter table second_factors force row level security;
grant delete, insert, select, update (wrapped_key, sealed, confirmed_at, last_step, recovery_codes) on second_factors to lotse_service;
create policy own on second_factors for select to public
  using (((tenant_id = lotse.tenant_id()) AND ((id = lotse.user_id()) OR (lotse.acts_as() = 'login'::text))));
comment on policy own on second_factors is 'One''s own second factor; the login checks its codes.';
create policy own_edits on second_factors for update to public
  using (((tenant_id = lotse.tenant_id()) AND ((id = lotse.user_id()) OR (lotse.acts_as() = 'login'::text))));
comment on policy own_edits on second_factors is 'Switched on by oneself; the login notes which code was used.';
create policy own_new on second_factors for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (id = lotse.user_id())));
comment on policy own_new on second_factors is 'Everybody sets up only their own.';
create policy remover on second_factors for delete to public
  using (((tenant_id = lotse.tenant_id()) AND (id = lotse.credentials_of()) AND ((id = lotse.user_id()) OR (lotse.acts_as() = 'tenant_admin'::text))));
comment on policy remover on second_factors is 'One''s own, and by the administrator that of the one person who is named.';
create policy remover_finds on second_factors for select to public
  using (((tenant_id = lotse.tenant_id()) AND (id = lotse.credentials_of()) AND (lotse.acts_as() = 'tenant_admin'::text)));
comment on policy remover_finds on second_factors is 'While it is taken away, by the administrator, that of the one person who is named.';

-- secrecy_obligations
create table secrecy_obligations (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  basis text not null,
  bound_on date not null,
  recorded_by_user_id uuid not null,
  recorded_at timestamp with time zone default now() not null,
  constraint secrecy_obligations_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint secrecy_obligations__basis CHECK ((basis = ANY (ARRAY['profession_203'::text, 'public_official'::text, 'assisting_person'::text, 'declared'::text]))),
  constraint secrecy_obligations__by_somebody_else CHECK ((user_id <> recorded_by_user_id)),
  constraint secrecy_obligations__not_in_the_future CHECK ((bound_on <= (((recorded_at AT TIME ZONE 'UTC'::text))::date + 1))),
  constraint secrecy_obligations__recorded_by FOREIGN KEY (tenant_id, recorded_by_user_id) REFERENCES users(tenant_id, id),
  constraint secrecy_obligations__user FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id)
);
alter table secrecy_obligations enable row level security;
alter table secrecy_obligations force row level security;
grant insert, select on secrecy_obligations to lotse_service;
create policy everyone on secrecy_obligations for select to public
  using (((tenant_id = lotse.tenant_id()) AND ((user_id = lotse.user_id()) OR (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'navigation_head'::text, 'dpo'::text])))));
comment on policy everyone on secrecy_obligations is 'One''s own obligation; all of them for administrator, head and data protection officer.';
create policy recorder on secrecy_obligations for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (recorded_by_user_id = lotse.user_id()) AND (user_id <> lotse.user_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'navigation_head'::text]))));
comment on policy recorder on secrecy_obligations is 'Recorded by administrator or head, never for oneself.';

-- service_account_keys
create table service_account_keys (
  tenant_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  kind text not null,
  label text not null,
  secret_hash bytea,
  jwk jsonb,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  created_by_user_id uuid not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  constraint service_account_keys_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint service_account_keys__kind CHECK ((kind = ANY (ARRAY['secret'::text, 'public_key'::text]))),
  constraint service_account_keys__one_of_both CHECK ((((secret_hash IS NOT NULL) = (kind = 'secret'::text)) AND ((jwk IS NOT NULL) = (kind = 'public_key'::text)))),
  constraint service_account_keys__two_years CHECK ((expires_at <= (created_at + '2 years 1 day'::interval))),
  constraint service_account_keys__account FOREIGN KEY (tenant_id, account_id) REFERENCES service_accounts(tenant_id, id),
  constraint service_account_keys__created_by FOREIGN KEY (tenant_id, created_by_user_id) REFERENCES users(tenant_id, id)
);
create index service_account_keys__of_account ON public.service_account_keys USING btree (tenant_id, account_id);
alter table service_account_keys enable row level security;
alter table service_account_keys force row level security;
grant insert, select, update (used_at, revoked_at, version) on service_account_keys to lotse_service;
create policy admin on service_account_keys for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'login'::text]))));
comment on policy admin on service_account_keys is 'The administrator looks after keys; the sign-in compares with them.';
create policy admin_adds on service_account_keys for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'tenant_admin'::text)));
comment on policy admin_adds on service_account_keys is 'The administrator makes keys.';
create policy admin_edits on service_account_keys for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'login'::text]))));
comment on policy admin_edits on service_account_keys is 'The administrator revokes a key; the sign-in notes that it was used.';

-- service_accounts
create table service_accounts (
  tenant_id uuid not null,
  id uuid not null,
  membership_id uuid not null,
  scopes text[] not null,
  expires_on date,
  addresses text[] not null,
  responsible_user_id uuid not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  constraint service_accounts_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint service_accounts__not_responsible_for_itself CHECK ((responsible_user_id <> id)),
  constraint service_accounts__membership FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships(tenant_id, id),
  constraint service_accounts__responsible FOREIGN KEY (tenant_id, responsible_user_id) REFERENCES users(tenant_id, id),
  constraint service_accounts__user FOREIGN KEY (tenant_id, id) REFERENCES users(tenant_id, id)
);
alter table service_accounts enable row level security;
alter table service_accounts force row level security;
grant insert, select, update on service_accounts to lotse_service;
create policy admin on service_accounts for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'login'::text, 'provider'::text]))));
comment on policy admin on service_accounts is 'The administrator sees other systems'' accounts; so does whoever lets one of them in.';
create policy admin_adds on service_accounts for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'tenant_admin'::text)));
comment on policy admin_adds on service_accounts is 'The administrator adds service accounts.';
create policy admin_edits on service_accounts for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'tenant_admin'::text)));
comment on policy admin_edits on service_accounts is 'The administrator changes service accounts.';

-- sessions
create table sessions (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  membership_id uuid not null,
  generation integer default 1 not null,
  started_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  scopes text[],
  origin_id uuid,
  constraint sessions_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint sessions__membership FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships(tenant_id, id),
  constraint sessions__user FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id)
);
create index sessions__by_origin ON public.sessions USING btree (tenant_id, origin_id) WHERE ((origin_id IS NOT NULL) AND (revoked_at IS NULL));
create index sessions__by_user ON public.sessions USING btree (tenant_id, user_id) WHERE (revoked_at IS NULL);
alter table sessions enable row level security;
alter table sessions force row level security;
grant delete, insert, select, update (generation, expires_at, revoked_at) on sessions to lotse_service;
create policy admin on sessions for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'tenant_admin'::text)));
comment on policy admin on sessions is 'The administrator finds the sessions that are to end.';
create policy clock_forgets on sessions for delete to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'clock'::text) AND (expires_at < (now() - '7 days'::interval))));
comment on policy clock_forgets on sessions is 'When somebody was at work is forgotten after a week; what was ended stays ended until then.';
create policy forgotten on sessions for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'clock'::text) AND (expires_at < (now() - '7 days'::interval))));
comment on policy forgotten on sessions is 'The clock finds what would have ended more than a week ago.';
create policy login on sessions for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'login'::text)));
comment on policy login on sessions is 'A session begins at login.';
create policy own on sessions for select to public
  using (((tenant_id = lotse.tenant_id()) AND ((user_id = lotse.user_id()) OR (lotse.acts_as() = 'login'::text))));
comment on policy own on sessions is 'One''s own sessions; the login and the refresh find theirs by its id.';
create policy own_edits on sessions for update to public
  using (((tenant_id = lotse.tenant_id()) AND ((user_id = lotse.user_id()) OR (lotse.acts_as() = ANY (ARRAY['login'::text, 'tenant_admin'::text])))));
comment on policy own_edits on sessions is 'Refreshing, logging out, and ending the sessions of somebody who leaves.';
create policy provider on sessions for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'provider'::text) AND (origin_id IS NOT NULL)));
comment on policy provider on sessions is 'A token of a provider has a session like every other, so that it can be ended.';
create policy provider_sees on sessions for select to public
  using (((tenant_id = lotse.tenant_id()) AND (origin_id IS NOT NULL) AND (lotse.acts_as() = 'provider'::text)));
comment on policy provider_sees on sessions is 'Whoever checks a token of a provider looks whether it has a session already.';

-- substitutions
create table substitutions (
  tenant_id uuid not null,
  id uuid not null,
  organization_id uuid not null,
  absent_membership_id uuid not null,
  substitute_membership_id uuid not null,
  from_on date not null,
  until_on date not null,
  ended_at timestamp with time zone,
  hand_back_note text,
  created_by_user_id uuid not null,
  created_at timestamp with time zone default now() not null,
  version integer default 1 not null,
  constraint substitutions_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint substitutions__ends_after_it_begins CHECK ((until_on >= from_on)),
  constraint substitutions__somebody_else CHECK ((absent_membership_id <> substitute_membership_id)),
  constraint substitutions__absent FOREIGN KEY (tenant_id, absent_membership_id) REFERENCES memberships(tenant_id, id),
  constraint substitutions__created_by FOREIGN KEY (tenant_id, created_by_user_id) REFERENCES users(tenant_id, id),
  constraint substitutions__organization FOREIGN KEY (tenant_id, organization_id) REFERENCES organizations(tenant_id, id),
  constraint substitutions__substitute FOREIGN KEY (tenant_id, substitute_membership_id) REFERENCES memberships(tenant_id, id)
);
create index substitutions__by_absent ON public.substitutions USING btree (tenant_id, absent_membership_id) WHERE (ended_at IS NULL);
create index substitutions__by_substitute ON public.substitutions USING btree (tenant_id, substitute_membership_id) WHERE (ended_at IS NULL);
alter table substitutions enable row level security;
alter table substitutions force row level security;
grant insert, select, update (ended_at, hand_back_note, version) on substitutions to lotse_service;
create policy clock on substitutions for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'clock'::text)));
comment on policy clock on substitutions is 'The clock looks which ones end today.';
create policy clock_ends on substitutions for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'clock'::text) AND (ended_at IS NULL)))
  with check ((tenant_id = lotse.tenant_id()));
comment on policy clock_ends on substitutions is 'The clock ends one whose last day has passed.';
create policy courier on substitutions for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'courier'::text)));
comment on policy courier on substitutions is 'The courier writes to whoever stands in.';
create policy unit on substitutions for select to public
  using (((tenant_id = lotse.tenant_id()) AND (organization_id = lotse.receiving_organization_id())));
comment on policy unit on substitutions is 'Colleagues of an organisation see who stands in for whom.';
create policy unit_ends on substitutions for update to public
  using (((tenant_id = lotse.tenant_id()) AND (organization_id = lotse.receiving_organization_id()) AND (ended_at IS NULL)))
  with check ((tenant_id = lotse.tenant_id()));
comment on policy unit_ends on substitutions is 'Handed back once.';
create policy unit_new on substitutions for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (organization_id = lotse.receiving_organization_id())));
comment on policy unit_new on substitutions is 'Arranged inside the own organisation.';

-- tasks
create table tasks (
  tenant_id uuid not null,
  id uuid not null,
  compartment_id uuid not null,
  case_id uuid not null,
  client_id uuid not null,
  kind text not null,
  due_on date not null,
  origin_id uuid not null,
  done_at timestamp with time zone,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  title text,
  owner_membership_id uuid,
  done_by_user_id uuid,
  constraint tasks_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint tasks__kind CHECK ((kind = ANY (ARRAY['next_step'::text, 'recontact'::text, 'answer_referral'::text, 'confirm_arrival'::text, 'redirect'::text, 'review_plan'::text, 'safety_prompt'::text, 'verify_entry'::text, 'stability_check'::text, 'follow_up'::text, 'take_back'::text, 'other'::text]))),
  constraint tasks__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint tasks__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint tasks__done_by FOREIGN KEY (tenant_id, done_by_user_id) REFERENCES users(tenant_id, id),
  constraint tasks__owner FOREIGN KEY (tenant_id, owner_membership_id) REFERENCES memberships(tenant_id, id)
);
create index tasks__by_case ON public.tasks USING btree (tenant_id, case_id, due_on);
create index tasks__open ON public.tasks USING btree (tenant_id, compartment_id, due_on, id) WHERE (done_at IS NULL);
alter table tasks enable row level security;
alter table tasks force row level security;
grant insert, select, update (due_on, done_at, version, title, owner_membership_id, done_by_user_id) on tasks to lotse_service;
create policy compartment on tasks for select to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment on tasks is 'The unit sees what is to be done in its cases.';
create policy compartment_done on tasks for update to public
  using (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments())) AND (done_at IS NULL)))
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_done on tasks is 'A task is done once.';
create policy compartment_new on tasks for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on tasks is 'The unit gives itself tasks.';
create policy moved on tasks for select to public
  using (((tenant_id = lotse.tenant_id()) AND (case_id = lotse.moving_case_id())));
comment on policy moved on tasks is 'Inside the transaction of its own answer a receiver writes the tasks that follow from it.';
create policy moved_done on tasks for update to public
  using (((tenant_id = lotse.tenant_id()) AND (case_id = lotse.moving_case_id()) AND (done_at IS NULL)))
  with check (((tenant_id = lotse.tenant_id()) AND (case_id = lotse.moving_case_id())));
comment on policy moved_done on tasks is 'Arrival settles the tasks of contacting again.';
create policy moved_new on tasks for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (case_id = lotse.moving_case_id())));
comment on policy moved_new on tasks is 'Arrival and no-show give the giver its dated tasks.';

-- tenants
create table tenants (
  tenant_id uuid not null,
  id uuid not null,
  slug text not null,
  name text not null,
  kind text not null,
  country text not null,
  time_zone text not null,
  language text not null,
  audit_c_cutoffs jsonb not null,
  created_at timestamp with time zone default now() not null,
  second_factor_required text default 'none'::text not null,
  version integer default 1 not null,
  constraint tenants_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint tenants__one_slug UNIQUE (tenant_id, slug),
  constraint tenants__country CHECK ((country = ANY (ARRAY['de'::text, 'dk'::text]))),
  constraint tenants__is_its_own_tenant CHECK ((tenant_id = id)),
  constraint tenants__kind CHECK ((kind = ANY (ARRAY['city'::text, 'district'::text, 'district_member'::text, 'kommune'::text]))),
  constraint tenants__second_factor_required CHECK ((second_factor_required = ANY (ARRAY['none'::text, 'content_roles'::text, 'everyone'::text])))
);
alter table tenants enable row level security;
alter table tenants force row level security;
grant insert, select, update (second_factor_required, version) on tenants to lotse_service;
create policy admin_edits on tenants for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'tenant_admin'::text)));
comment on policy admin_edits on tenants is 'The administrator says who needs a second factor.';
create policy everyone on tenants for select to public
  using ((tenant_id = lotse.tenant_id()));
comment on policy everyone on tenants is 'Everybody sees the municipality in which they act, and no other.';
create policy installer on tenants for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'installer'::text)));
comment on policy installer on tenants is 'Only the command that sets up a municipality makes one.';

-- used_assertions
create table used_assertions (
  tenant_id uuid not null,
  account_id uuid not null,
  jti bytea not null,
  expires_at timestamp with time zone not null,
  constraint used_assertions_tenant_id_account_id_jti_pk PRIMARY KEY (tenant_id, account_id, jti),
  constraint used_assertions__account FOREIGN KEY (tenant_id, account_id) REFERENCES service_accounts(tenant_id, id)
);
alter table used_assertions enable row level security;
alter table used_assertions force row level security;
grant delete, insert, select on used_assertions to lotse_service;
create policy login on used_assertions for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'login'::text)));
comment on policy login on used_assertions is 'The sign-in looks whether an assertion was used before.';
create policy login_adds on used_assertions for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'login'::text)));
comment on policy login_adds on used_assertions is 'The sign-in notes that an assertion was used.';
create policy login_forgets on used_assertions for delete to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'login'::text) AND (expires_at < now())));
comment on policy login_forgets on used_assertions is 'The sign-in forgets what has expired and could not be used again anyway.';

-- users
create table users (
  tenant_id uuid not null,
  id uuid not null,
  email text,
  name text not null,
  language text not null,
  active boolean default true not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  kind text default 'person'::text not null,
  constraint users_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint users__email_lower_case CHECK ((email = lower(email))),
  constraint users__email_of_people CHECK (((kind = 'person'::text) = (email IS NOT NULL))),
  constraint users__kind CHECK ((kind = ANY (ARRAY['person'::text, 'service'::text])))
);
create index users__by_email ON public.users USING btree (tenant_id, email, id);
create uniquE INDEX users__one_email ON public.users USING btree (tenant_id, email) WHERE active;
alter table users enable row level security;
alter table users force row level security;
grant insert, select, update on users to lotse_service;
create policy admin on users for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'installer'::text]))));
comment on policy admin on users is 'The administrator adds people with a login.';
create policy admin_edits on users for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'tenant_admin'::text)));
comment on policy admin_edits on users is 'The administrator changes and deactivates people with a login.';
create policy everyone on users for select to public
  using ((tenant_id = lotse.tenant_id()));
comment on policy everyone on users is 'Colleagues of a municipality see each other''s names; passwords are kept elsewhere.';
create policy provider on users for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'provider'::text) AND (kind = 'person'::text)));
comment on policy provider on users is 'A provider that is allowed to adds people with a login.';

-- webhook_deliveries
create table webhook_deliveries (
  tenant_id uuid not null,
  id uuid not null,
  webhook_id uuid not null,
  organization_id uuid not null,
  event_id uuid,
  event_type text,
  subject_kind text,
  subject_id uuid,
  happened_at timestamp with time zone not null,
  status text not null,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone,
  last_attempt_at timestamp with time zone,
  last_status integer,
  last_error text,
  last_ms integer,
  delivered_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  version integer default 1 not null,
  constraint webhook_deliveries_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint webhook_deliveries__once UNIQUE (tenant_id, webhook_id, event_id),
  constraint webhook_deliveries__event_is_whole CHECK ((num_nonnulls(event_id, event_type, subject_kind, subject_id) = ANY (ARRAY[0, 4]))),
  constraint webhook_deliveries__event_type CHECK ((event_type = ANY (ARRAY['client.recorded'::text, 'client.updated'::text, 'case.opened'::text, 'case.updated'::text, 'case.next_step_set'::text, 'case.assigned'::text, 'case.paused'::text, 'case.resumed'::text, 'case.closed'::text, 'contact.registered'::text, 'contact.updated'::text, 'contact.guided'::text, 'contact.confirmed'::text, 'contact.taken_up'::text, 'contact.declined'::text, 'clearing.started'::text, 'clearing.updated'::text, 'clearing.paused'::text, 'clearing.resumed'::text, 'clearing.finished'::text, 'clearing.discarded'::text, 'release.drafted'::text, 'release.signed'::text, 'release.refused'::text, 'release.withdrawn'::text, 'release.superseded'::text, 'referral.drafted'::text, 'referral.updated'::text, 'referral.sent'::text, 'referral.accepted'::text, 'referral.declined'::text, 'referral.waitlisted'::text, 'referral.redirected'::text, 'referral.taken'::text, 'referral.withdrawn'::text, 'referral.concluded'::text, 'referral.message_written'::text, 'handover.prepared'::text, 'handover.updated'::text, 'handover.offered'::text, 'handover.accepted'::text, 'handover.refused'::text, 'handover.cancelled'::text, 'handover.arrived'::text, 'handover.failed'::text, 'handover.joint_talk_held'::text, 'handover.checked'::text, 'handover.returned'::text, 'appointment.planned'::text, 'appointment.changed'::text, 'appointment.ended'::text, 'attempt.recorded'::text, 'task.created'::text, 'task.updated'::text, 'task.done'::text, 'deadline.started'::text, 'deadline.stopped'::text, 'deadline.missed'::text, 'offer.added'::text, 'offer.changed'::text, 'offer.capacity_changed'::text]))),
  constraint webhook_deliveries__pending_is_dated CHECK (((status = 'pending'::text) = (next_attempt_at IS NOT NULL))),
  constraint webhook_deliveries__status CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'exhausted'::text]))),
  constraint webhook_deliveries__subject_kind CHECK ((subject_kind = ANY (ARRAY['client'::text, 'case'::text, 'contact'::text, 'clearing'::text, 'release'::text, 'referral'::text, 'handover'::text, 'appointment'::text, 'attempt'::text, 'task'::text, 'deadline'::text, 'offer'::text]))),
  constraint webhook_deliveries__webhook FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks(tenant_id, id)
);
create index webhook_deliveries__by_age ON public.webhook_deliveries USING btree (tenant_id, created_at);
create index webhook_deliveries__due ON public.webhook_deliveries USING btree (tenant_id, webhook_id, next_attempt_at) WHERE (status = 'pending'::text);
create index webhook_deliveries__log ON public.webhook_deliveries USING btree (tenant_id, webhook_id, created_at DESC, id DESC);
alter table webhook_deliveries enable row level security;
alter table webhook_deliveries force row level security;
grant delete, insert, select, update (status, attempts, next_attempt_at, last_attempt_at, last_status, last_error, last_ms, delivered_at, version) on webhook_deliveries to lotse_service;
create policy clock_forgets on webhook_deliveries for delete to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'clock'::text) AND (created_at < (now() - '90 days'::interval))));
comment on policy clock_forgets on webhook_deliveries is 'The log goes back ninety days.';
create policy forgotten on webhook_deliveries for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'clock'::text) AND (created_at < (now() - '90 days'::interval))));
comment on policy forgotten on webhook_deliveries is 'The clock finds what is older than ninety days.';
create policy keeper on webhook_deliveries for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text]))));
comment on policy keeper on webhook_deliveries is 'Administrator and coordinator see what webhooks were called for: kinds and ids.';
create policy keeper_removes on webhook_deliveries for delete to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text]))));
comment on policy keeper_removes on webhook_deliveries is 'With the webhook its deliveries go.';
create policy keeper_repeats on webhook_deliveries for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text]))));
comment on policy keeper_repeats on webhook_deliveries is 'Administrator and coordinator let it be called for once more.';
create policy keeper_tries on webhook_deliveries for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (event_id IS NULL) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text]))));
comment on policy keeper_tries on webhook_deliveries is 'Administrator and coordinator try whether somebody is there.';
create policy messenger on webhook_deliveries for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'messenger'::text)));
comment on policy messenger on webhook_deliveries is 'The messenger knows what waits.';
create policy messenger_new on webhook_deliveries for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'messenger'::text)));
comment on policy messenger_new on webhook_deliveries is 'The messenger makes a delivery of what happened.';
create policy messenger_notes on webhook_deliveries for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'messenger'::text)));
comment on policy messenger_notes on webhook_deliveries is 'The messenger notes how each attempt went.';
create policy own on webhook_deliveries for select to public
  using (((tenant_id = lotse.tenant_id()) AND (organization_id = lotse.organization_id()) AND (lotse.acts_as() = ANY (ARRAY['network_professional'::text, 'youth_welfare_professional'::text, 'navigation_head'::text]))));
comment on policy own on webhook_deliveries is 'Whoever connects systems of an organisation sees what they were called for.';
create policy own_removes on webhook_deliveries for delete to public
  using (((tenant_id = lotse.tenant_id()) AND (organization_id = lotse.organization_id()) AND (lotse.acts_as() = ANY (ARRAY['network_professional'::text, 'youth_welfare_professional'::text, 'navigation_head'::text]))));
comment on policy own_removes on webhook_deliveries is 'With the webhook its deliveries go.';
create policy own_repeats on webhook_deliveries for update to public
  using (((tenant_id = lotse.tenant_id()) AND (organization_id = lotse.organization_id()) AND (lotse.acts_as() = ANY (ARRAY['network_professional'::text, 'youth_welfare_professional'::text, 'navigation_head'::text]))));
comment on policy own_repeats on webhook_deliveries is 'So do those who connect systems of the organisation.';
create policy own_tries on webhook_deliveries for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (event_id IS NULL) AND (organization_id = lotse.organization_id()) AND (lotse.acts_as() = ANY (ARRAY['network_professional'::text, 'youth_welfare_professional'::text, 'navigation_head'::text]))));
comment on policy own_tries on webhook_deliveries is 'So do those who connect systems of the organisation; nobody of them invents an event.';

-- webhooks
create table webhooks (
  tenant_id uuid not null,
  id uuid not null,
  organization_id uuid not null,
  url text not null,
  event_types text[] not null,
  status text not null,
  stopped_because text,
  wrapped_key bytea not null,
  sealed bytea not null,
  former_wrapped_key bytea,
  former_sealed bytea,
  former_until timestamp with time zone,
  read_xid xid8 not null,
  read_id uuid not null,
  failing_since timestamp with time zone,
  given_up integer default 0 not null,
  called_until timestamp with time zone,
  created_by_user_id uuid not null,
  created_at timestamp with time zone default now() not null,
  version integer default 1 not null,
  constraint webhooks_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint webhooks__event_types CHECK ((event_types <@ ARRAY['client.recorded'::text, 'client.updated'::text, 'case.opened'::text, 'case.updated'::text, 'case.next_step_set'::text, 'case.assigned'::text, 'case.paused'::text, 'case.resumed'::text, 'case.closed'::text, 'contact.registered'::text, 'contact.updated'::text, 'contact.guided'::text, 'contact.confirmed'::text, 'contact.taken_up'::text, 'contact.declined'::text, 'clearing.started'::text, 'clearing.updated'::text, 'clearing.paused'::text, 'clearing.resumed'::text, 'clearing.finished'::text, 'clearing.discarded'::text, 'release.drafted'::text, 'release.signed'::text, 'release.refused'::text, 'release.withdrawn'::text, 'release.superseded'::text, 'referral.drafted'::text, 'referral.updated'::text, 'referral.sent'::text, 'referral.accepted'::text, 'referral.declined'::text, 'referral.waitlisted'::text, 'referral.redirected'::text, 'referral.taken'::text, 'referral.withdrawn'::text, 'referral.concluded'::text, 'referral.message_written'::text, 'handover.prepared'::text, 'handover.updated'::text, 'handover.offered'::text, 'handover.accepted'::text, 'handover.refused'::text, 'handover.cancelled'::text, 'handover.arrived'::text, 'handover.failed'::text, 'handover.joint_talk_held'::text, 'handover.checked'::text, 'handover.returned'::text, 'appointment.planned'::text, 'appointment.changed'::text, 'appointment.ended'::text, 'attempt.recorded'::text, 'task.created'::text, 'task.updated'::text, 'task.done'::text, 'deadline.started'::text, 'deadline.stopped'::text, 'deadline.missed'::text, 'offer.added'::text, 'offer.changed'::text, 'offer.capacity_changed'::text])),
  constraint webhooks__former_secret_is_whole CHECK ((num_nonnulls(former_wrapped_key, former_sealed, former_until) = ANY (ARRAY[0, 3]))),
  constraint webhooks__something_is_wanted CHECK ((cardinality(event_types) > 0)),
  constraint webhooks__status CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'failing'::text]))),
  constraint webhooks__stopped_because CHECK ((stopped_because = ANY (ARRAY['failures'::text, 'gone'::text]))),
  constraint webhooks__stopped_for_a_reason CHECK (((status = 'failing'::text) = (stopped_because IS NOT NULL))),
  constraint webhooks__created_by FOREIGN KEY (tenant_id, created_by_user_id) REFERENCES users(tenant_id, id),
  constraint webhooks__organization FOREIGN KEY (tenant_id, organization_id) REFERENCES organizations(tenant_id, id)
);
create index webhooks__of_organization ON public.webhooks USING btree (tenant_id, organization_id, created_at DESC, id DESC);
alter table webhooks enable row level security;
alter table webhooks force row level security;
grant delete, insert, select, update (url, event_types, status, stopped_because, wrapped_key, sealed, former_wrapped_key, former_sealed, former_until, read_xid, read_id, failing_since, given_up, called_until, version) on webhooks to lotse_service;
create policy keeper on webhooks for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text]))));
comment on policy keeper on webhooks is 'Administrator and coordinator see all webhooks of the municipality.';
create policy keeper_edits on webhooks for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text]))));
comment on policy keeper_edits on webhooks is 'Administrator and coordinator change webhooks.';
create policy keeper_new on webhooks for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text]))));
comment on policy keeper_new on webhooks is 'Administrator and coordinator set up webhooks for any organisation.';
create policy keeper_removes on webhooks for delete to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'coordinator'::text]))));
comment on policy keeper_removes on webhooks is 'Administrator and coordinator take webhooks away.';
create policy messenger on webhooks for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'messenger'::text)));
comment on policy messenger on webhooks is 'The messenger knows whom to call.';
create policy messenger_notes on webhooks for update to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'messenger'::text)));
comment on policy messenger_notes on webhooks is 'The messenger notes how far it has come, and stops calling where nobody answers.';
create policy own on webhooks for select to public
  using (((tenant_id = lotse.tenant_id()) AND (organization_id = lotse.organization_id()) AND (lotse.acts_as() = ANY (ARRAY['network_professional'::text, 'youth_welfare_professional'::text, 'navigation_head'::text]))));
comment on policy own on webhooks is 'Whoever connects systems of an organisation sees its webhooks.';
create policy own_edits on webhooks for update to public
  using (((tenant_id = lotse.tenant_id()) AND (organization_id = lotse.organization_id()) AND (lotse.acts_as() = ANY (ARRAY['network_professional'::text, 'youth_welfare_professional'::text, 'navigation_head'::text]))));
comment on policy own_edits on webhooks is 'So do those who connect systems of the organisation.';
create policy own_new on webhooks for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (organization_id = lotse.organization_id()) AND (lotse.acts_as() = ANY (ARRAY['network_professional'::text, 'youth_welfare_professional'::text, 'navigation_head'::text]))));
comment on policy own_new on webhooks is 'Everybody else for the own organisation.';
create policy own_removes on webhooks for delete to public
  using (((tenant_id = lotse.tenant_id()) AND (organization_id = lotse.organization_id()) AND (lotse.acts_as() = ANY (ARRAY['network_professional'::text, 'youth_welfare_professional'::text, 'navigation_head'::text]))));
comment on policy own_removes on webhooks is 'So do those who connect systems of the organisation.';

-- login.issuers
create table login.issuers (
  issuer text not null,
  audience text not null,
  tenant_id uuid not null,
  provider_id uuid not null,
  constraint issuers_pkey PRIMARY KEY (issuer, audience)
);

-- jobs.municipalities
create table jobs.municipalities (
  id uuid not null,
  constraint municipalities_pkey PRIMARY KEY (id)
);
grant insert on jobs.municipalities to lotse_service;
grant select on jobs.municipalities to lotse_worker;
