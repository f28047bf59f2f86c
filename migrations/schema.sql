-- What all migrations together make. Written by `npm run openapi`, compared in CI; never edited, never run.

create schema lotse;
create extension btree_gist schema public;
grant usage on schema lotse to lotse_audit;
grant usage on schema lotse to lotse_service;
grant usage on schema public to public;

CREATE OR REPLACE FUNCTION lotse.acts_as()
 RETURNS text
 LANGUAGE sql
 STABLE
RETURN NULLIF(current_setting('app.role'::text, true), ''::text);

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

CREATE OR REPLACE FUNCTION lotse.enter(p_tenant uuid, p_user uuid, p_membership uuid, p_session uuid, p_as text, p_roles text[], p_content boolean, OUT role text, OUT organization_id uuid, OUT now timestamp with time zone, OUT today date)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
declare
  zone text;
  bound boolean;
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
          set_config('app.moving_contact_id', '', true);
  now := pg_catalog.now();

  if p_as is not null then
    role := p_as;
    select t.time_zone into zone from tenants t where t.tenant_id = p_tenant and t.id = p_tenant;
    today := (now at time zone coalesce(zone, 'UTC'))::date;
    perform set_config('app.today', today::text, true);
    return;
  end if;

  -- All that is to be known of a member, in one statement: every statement here is paid for by every request.
  select m.role, m.organization_id, t.time_zone,
    exists (select from secrecy_obligations o where o.tenant_id = p_tenant and o.user_id = p_user),
    array(select n.compartment_id from named_members n where n.tenant_id = p_tenant and n.membership_id = p_membership)
  into role, organization_id, zone, bound, named
  from sessions s
  join memberships m on m.tenant_id = p_tenant and m.id = p_membership
  join users u on u.tenant_id = p_tenant and u.id = p_user
  join tenants t on t.tenant_id = p_tenant and t.id = p_tenant
  where s.tenant_id = p_tenant and s.id = p_session and s.user_id = p_user and s.membership_id = p_membership
    and s.revoked_at is null and s.expires_at > pg_catalog.now() and m.ended_at is null and u.active;
  if not found then
    raise exception 'not_signed_in' using errcode = 'LT401';
  end if;
  if not (role = any (p_roles)) then
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
          set_config('app.compartments', case when keeps then (named || organization_id)::text else '{}' end, true),
          set_config('app.receiving_organization_id',
            case when keeps or role in ('network_professional', 'youth_welfare_professional', 'self_help_rep')
            then organization_id::text else '' end, true);
end $function$;

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

CREATE OR REPLACE FUNCTION lotse.receiving_organization_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE
RETURN (NULLIF(current_setting('app.receiving_organization_id'::text, true), ''::text))::uuid;

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
  constraint audit_events_tenant_id_id_pk PRIMARY KEY (tenant_id, id)
);
create index audit_events__by_time ON public.audit_events USING btree (tenant_id, at DESC, id DESC);
create index audit_events__by_user ON public.audit_events USING btree (tenant_id, user_id, at DESC);
alter table audit_events enable row level security;
alter table audit_events force row level security;
grant insert on audit_events to lotse_audit;
grant insert, select on audit_events to lotse_service;
create policy dpo on audit_events for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'dpo'::text)));
comment on policy dpo on audit_events is 'Only the data protection officer reads the trail.';
create policy writer on audit_events for insert to public
  with check ((tenant_id = lotse.tenant_id()));
comment on policy writer on audit_events is 'Every act in a municipality leaves its row in that municipality''s trail; nobody changes or deletes one.';

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
  constraint cases_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint cases__closed_with_end_and_outcome CHECK ((((status = 'closed'::text) = (num_nonnulls(closed_at, end_type, outcome) = 3)) AND ((status = 'closed'::text) OR (num_nonnulls(closed_at, end_type, outcome) = 0)))),
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
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on cases is 'A case is opened in one''s own unit.';
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
  constraint clients_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint clients__age_band CHECK ((age_band = ANY (ARRAY['u15'::text, 'a15_19'::text, 'a20_24'::text, 'a25_29'::text, 'a30_34'::text, 'a35_39'::text, 'a40_44'::text, 'a45_49'::text, 'a50_54'::text, 'a55_59'::text, 'a60_64'::text, 'o65'::text, 'unknown'::text]))),
  constraint clients__anonymous_means_anonymous CHECK (((identification_level <> 'anonymous'::text) OR (num_nonnulls(alias, person_code, sealed, ags, family_name_index, given_name_index, birth_date_index) = 0))),
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
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on clients is 'A person is recorded in one''s own unit, or shielded with oneself named.';

-- credentials
create table credentials (
  tenant_id uuid not null,
  id uuid not null,
  password_hash text not null,
  changed_at timestamp with time zone default now() not null,
  constraint credentials_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint credentials__user FOREIGN KEY (tenant_id, id) REFERENCES users(tenant_id, id)
);
alter table credentials enable row level security;
alter table credentials force row level security;
grant insert, select on credentials to lotse_service;
create policy admin on credentials for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = ANY (ARRAY['tenant_admin'::text, 'installer'::text]))));
comment on policy admin on credentials is 'The administrator sets a first password.';
create policy login on credentials for select to public
  using (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'login'::text)));
comment on policy login on credentials is 'A password hash is read at login and nowhere else.';

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
create policy recipient on disclosures for select to public
  using (((tenant_id = lotse.tenant_id()) AND (recipient_organization_id = lotse.receiving_organization_id()) AND (valid_until > now())));
comment on policy recipient on disclosures is 'The recipient reads what was disclosed to it, as long as that is valid.';
create policy recipient_ends on disclosures for update to public
  using (((tenant_id = lotse.tenant_id()) AND (recipient_organization_id = lotse.receiving_organization_id()) AND (valid_until > now())));
comment on policy recipient_ends on disclosures is 'By declining, the recipient ends its own view; only valid_until can change.';

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
  responsible_organization_id uuid generated always as (
CASE
    WHEN (status = 'arrived'::text) THEN receiver_organization_id
    ELSE giver_organization_id
END) stored not null,
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
  constraint handovers_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint handovers__arrival_has_a_source CHECK (((status = 'arrived'::text) = (num_nonnulls(arrived_at, arrival_confirmed_by) = 2))),
  constraint handovers__categories CHECK ((categories <@ ARRAY['existence_of_contact'::text, 'identity_contact'::text, 'substance_use'::text, 'clearing_summary'::text, 'screening_scores'::text, 'health_somatic'::text, 'health_mental'::text, 'medication'::text, 'family_children'::text, 'housing_finance'::text, 'legal_matters'::text, 'work_education'::text, 'help_plan'::text, 'attendance_only'::text, 'drug_test_results'::text, 'violence_safety'::text, 'existing_help'::text])),
  constraint handovers__refusal_has_a_reason CHECK (((status <> 'refused'::text) OR (refusal_reason IS NOT NULL))),
  constraint handovers__status CHECK ((status = ANY (ARRAY['prepared'::text, 'offered'::text, 'accepted'::text, 'refused'::text, 'arrived'::text, 'failed'::text, 'cancelled'::text]))),
  constraint handovers__type CHECK ((type = ANY (ARRAY['warm_joint'::text, 'warm_phone'::text, 'accompanied'::text, 'written'::text, 'emergency'::text, 'internal'::text]))),
  constraint handovers__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint handovers__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint handovers__created_by FOREIGN KEY (tenant_id, created_by_user_id) REFERENCES users(tenant_id, id),
  constraint handovers__giver FOREIGN KEY (tenant_id, giver_organization_id) REFERENCES organizations(tenant_id, id),
  constraint handovers__receiver FOREIGN KEY (tenant_id, receiver_organization_id) REFERENCES organizations(tenant_id, id),
  constraint handovers__referral FOREIGN KEY (tenant_id, referral_id) REFERENCES referrals(tenant_id, id),
  constraint handovers__release FOREIGN KEY (tenant_id, release_id) REFERENCES releases(tenant_id, id)
);
create index handovers__by_case ON public.handovers USING btree (tenant_id, case_id);
create index handovers__by_release ON public.handovers USING btree (tenant_id, release_id);
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
comment on policy compartment_edits on handovers is 'The giving unit offers, cancels and records arrival from the person''s own word.';
create policy compartment_new on handovers for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on handovers is 'A handover is prepared by the unit that holds the case.';
create policy receiver on handovers for select to public
  using (((tenant_id = lotse.tenant_id()) AND (receiver_organization_id = lotse.receiving_organization_id()) AND (offered_at IS NOT NULL)));
comment on policy receiver on handovers is 'The receiver sees what was offered to it. The row holds no fact about the person.';
create policy receiver_answers on handovers for update to public
  using (((tenant_id = lotse.tenant_id()) AND (receiver_organization_id = lotse.receiving_organization_id()) AND (offered_at IS NOT NULL)));
comment on policy receiver_answers on handovers is 'The receiver accepts, refuses, confirms arrival and reports a no-show.';

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
grant insert, select on idempotency_keys to lotse_service;
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
  constraint memberships_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint memberships__role CHECK ((role = ANY (ARRAY['navigator'::text, 'navigation_head'::text, 'network_professional'::text, 'youth_welfare_professional'::text, 'self_help_rep'::text, 'coordinator'::text, 'planner'::text, 'board_member'::text, 'prevention_officer'::text, 'safeguarding_expert'::text, 'dpo'::text, 'tenant_admin'::text, 'auditor'::text]))),
  constraint memberships__organization FOREIGN KEY (tenant_id, organization_id) REFERENCES organizations(tenant_id, id),
  constraint memberships__user FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id)
);
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
  constraint offers_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
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
  constraint referrals_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint referrals__categories CHECK ((categories <@ ARRAY['existence_of_contact'::text, 'identity_contact'::text, 'substance_use'::text, 'clearing_summary'::text, 'screening_scores'::text, 'health_somatic'::text, 'health_mental'::text, 'medication'::text, 'family_children'::text, 'housing_finance'::text, 'legal_matters'::text, 'work_education'::text, 'help_plan'::text, 'attendance_only'::text, 'drug_test_results'::text, 'violence_safety'::text, 'existing_help'::text])),
  constraint referrals__decline_has_reason_and_side CHECK (((status <> 'declined'::text) OR (num_nonnulls(decline_reason, decline_side) = 2))),
  constraint referrals__other_needs_a_sentence CHECK (((decline_reason <> 'other'::text) OR (decline_note IS NOT NULL))),
  constraint referrals__sent_with_a_deadline CHECK (((status = 'draft'::text) OR (withdrawn_by IS NOT NULL) OR (num_nonnulls(sent_at, answer_due_on) = 2))),
  constraint referrals__status CHECK ((status = ANY (ARRAY['draft'::text, 'sent'::text, 'accepted'::text, 'waitlisted'::text, 'declined'::text, 'redirected'::text, 'started'::text, 'not_started'::text, 'withdrawn'::text, 'closed_engaged'::text]))),
  constraint referrals__urgency CHECK ((urgency = ANY (ARRAY['routine'::text, 'soon'::text, 'urgent'::text]))),
  constraint referrals__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint referrals__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id),
  constraint referrals__created_by FOREIGN KEY (tenant_id, created_by_user_id) REFERENCES users(tenant_id, id),
  constraint referrals__offer FOREIGN KEY (tenant_id, offer_id) REFERENCES offers(tenant_id, id),
  constraint referrals__recipient FOREIGN KEY (tenant_id, recipient_organization_id) REFERENCES organizations(tenant_id, id),
  constraint referrals__release FOREIGN KEY (tenant_id, release_id) REFERENCES releases(tenant_id, id),
  constraint referrals__sender FOREIGN KEY (tenant_id, sender_organization_id) REFERENCES organizations(tenant_id, id)
);
create index referrals__by_case ON public.referrals USING btree (tenant_id, case_id);
create index referrals__by_client ON public.referrals USING btree (tenant_id, client_id);
create index referrals__by_release ON public.referrals USING btree (tenant_id, release_id);
create index referrals__inbox ON public.referrals USING btree (tenant_id, recipient_organization_id, sent_at DESC, id DESC) WHERE (status <> 'draft'::text);
create uniquE INDEX referrals__one_open_per_client_and_offer ON public.referrals USING btree (tenant_id, compartment_id, client_id, offer_id) WHERE (status = ANY (ARRAY['draft'::text, 'sent'::text, 'waitlisted'::text, 'accepted'::text, 'started'::text, 'not_started'::text]));
create index referrals__outbox ON public.referrals USING btree (tenant_id, compartment_id, created_at DESC, id DESC);
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
  with check (((tenant_id = lotse.tenant_id()) AND (compartment_id = ANY (lotse.compartments()))));
comment on policy compartment_new on referrals is 'A referral is drafted by the unit that holds the case.';
create policy recipient on referrals for select to public
  using (((tenant_id = lotse.tenant_id()) AND (recipient_organization_id = lotse.receiving_organization_id()) AND (sent_at IS NOT NULL)));
comment on policy recipient on referrals is 'The recipient sees what was sent to it, never a draft. The thread holds no fact about the person.';
create policy recipient_answers on referrals for update to public
  using (((tenant_id = lotse.tenant_id()) AND (recipient_organization_id = lotse.receiving_organization_id()) AND (sent_at IS NOT NULL)));
comment on policy recipient_answers on referrals is 'The recipient opens, accepts and declines.';

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
  constraint sessions_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint sessions__membership FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships(tenant_id, id),
  constraint sessions__user FOREIGN KEY (tenant_id, user_id) REFERENCES users(tenant_id, id)
);
alter table sessions enable row level security;
alter table sessions force row level security;
grant insert, select, update (generation, expires_at, revoked_at) on sessions to lotse_service;
create policy login on sessions for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'login'::text)));
comment on policy login on sessions is 'A session begins at login.';
create policy own on sessions for select to public
  using (((tenant_id = lotse.tenant_id()) AND ((user_id = lotse.user_id()) OR (lotse.acts_as() = 'login'::text))));
comment on policy own on sessions is 'One''s own sessions; the login and the refresh find theirs by its id.';
create policy own_edits on sessions for update to public
  using (((tenant_id = lotse.tenant_id()) AND ((user_id = lotse.user_id()) OR (lotse.acts_as() = ANY (ARRAY['login'::text, 'tenant_admin'::text])))));
comment on policy own_edits on sessions is 'Refreshing, logging out, and ending the sessions of somebody who leaves.';

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
  constraint tasks_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint tasks__kind CHECK ((kind = ANY (ARRAY['next_step'::text, 'recontact'::text, 'answer_referral'::text, 'confirm_arrival'::text, 'redirect'::text, 'review_plan'::text, 'safety_prompt'::text, 'verify_entry'::text, 'other'::text]))),
  constraint tasks__case FOREIGN KEY (tenant_id, case_id) REFERENCES cases(tenant_id, id),
  constraint tasks__client FOREIGN KEY (tenant_id, client_id) REFERENCES clients(tenant_id, id)
);
create index tasks__by_case ON public.tasks USING btree (tenant_id, case_id, due_on);
create index tasks__open ON public.tasks USING btree (tenant_id, compartment_id, due_on, id) WHERE (done_at IS NULL);
alter table tasks enable row level security;
alter table tasks force row level security;
grant insert, select, update (done_at, version) on tasks to lotse_service;
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
  constraint tenants_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint tenants__one_slug UNIQUE (tenant_id, slug),
  constraint tenants__country CHECK ((country = ANY (ARRAY['de'::text, 'dk'::text]))),
  constraint tenants__is_its_own_tenant CHECK ((tenant_id = id)),
  constraint tenants__kind CHECK ((kind = ANY (ARRAY['city'::text, 'district'::text, 'district_member'::text, 'kommune'::text])))
);
alter table tenants enable row level security;
alter table tenants force row level security;
grant insert, select on tenants to lotse_service;
create policy everyone on tenants for select to public
  using ((tenant_id = lotse.tenant_id()));
comment on policy everyone on tenants is 'Everybody sees the municipality in which they act, and no other.';
create policy installer on tenants for insert to public
  with check (((tenant_id = lotse.tenant_id()) AND (lotse.acts_as() = 'installer'::text)));
comment on policy installer on tenants is 'Only the command that sets up a municipality makes one.';

-- users
create table users (
  tenant_id uuid not null,
  id uuid not null,
  email text not null,
  name text not null,
  language text not null,
  active boolean default true not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  constraint users_tenant_id_id_pk PRIMARY KEY (tenant_id, id),
  constraint users__one_email UNIQUE (tenant_id, email),
  constraint users__email_lower_case CHECK ((email = lower(email)))
);
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
