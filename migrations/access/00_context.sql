-- Who is asking? The settings of one transaction, and the one-line functions in which policies name them.
-- This file runs first: it takes back every grant and policy, so that the files after it are the whole truth.

do $$ declare p record; t record; begin
  for p in select schemaname, tablename, policyname from pg_policies where schemaname = 'public' loop
    execute format('drop policy %I on %I.%I', p.policyname, p.schemaname, p.tablename);
  end loop;
  for t in select c.oid::regclass as name from pg_class c
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') loop
    execute format('alter table %s enable row level security', t.name);
    execute format('alter table %s force row level security', t.name);
    execute format('revoke all on %s from public, lotse_service, lotse_audit', t.name);
  end loop;
end $$;

grant usage on schema lotse to lotse_service, lotse_audit;

-- After a transaction a local setting is '' and not null, hence nullif. All of these are inlined by the planner.
create or replace function lotse.tenant_id() returns uuid language sql stable
  return nullif(current_setting('app.tenant_id', true), '')::uuid;
create or replace function lotse.user_id() returns uuid language sql stable
  return nullif(current_setting('app.user_id', true), '')::uuid;
create or replace function lotse.membership_id() returns uuid language sql stable
  return nullif(current_setting('app.membership_id', true), '')::uuid;
create or replace function lotse.acts_as() returns text language sql stable
  return nullif(current_setting('app.role', true), '');
-- The units whose case content this member may see, and the shielded people on whom the member is named.
create or replace function lotse.compartments() returns uuid[] language sql stable
  return coalesce(nullif(current_setting('app.compartments', true), ''), '{}')::uuid[];
-- The organisation for which this member receives referrals and handovers.
create or replace function lotse.receiving_organization_id() returns uuid language sql stable
  return nullif(current_setting('app.receiving_organization_id', true), '')::uuid;
-- The organisation in which this member works, whatever the role.
create or replace function lotse.organization_id() returns uuid language sql stable
  return nullif(current_setting('app.organization_id', true), '')::uuid;
-- The link that was followed, and the one referral that it opens after the right code.
create or replace function lotse.link_id() returns uuid language sql stable
  return nullif(current_setting('app.link_id', true), '')::uuid;
create or replace function lotse.linked_referral_id() returns uuid language sql stable
  return nullif(current_setting('app.linked_referral_id', true), '')::uuid;
-- The calendar day in the municipality's time zone.
create or replace function lotse.today() returns date language sql stable
  return nullif(current_setting('app.today', true), '')::date;
-- The one case that a receiver's answer moves on (arrival, no-show), for the rest of this transaction.
create or replace function lotse.moving_case_id() returns uuid language sql stable
  return nullif(current_setting('app.moving_case_id', true), '')::uuid;
-- The one contact that guiding moves on or an answer ends, for the rest of this transaction.
create or replace function lotse.moving_contact_id() returns uuid language sql stable
  return nullif(current_setting('app.moving_contact_id', true), '')::uuid;
-- Whose password or second factor this transaction sets or takes away.
create or replace function lotse.credentials_of() returns uuid language sql stable
  return nullif(current_setting('app.credentials_of', true), '')::uuid;
