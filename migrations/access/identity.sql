-- Who sees municipalities, organisations, staff and memberships?

grant select, insert, update (second_factor_required, version) on tenants to lotse_service;
create policy everyone on tenants for select using (tenant_id = lotse.tenant_id());
comment on policy everyone on tenants is 'Everybody sees the municipality in which they act, and no other.';
create policy installer on tenants for insert with check (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'installer');
comment on policy installer on tenants is 'Only the command that sets up a municipality makes one.';
create policy admin_edits on tenants for update using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'tenant_admin');
comment on policy admin_edits on tenants is 'The administrator says who needs a second factor.';

grant select, insert, update on organizations to lotse_service;
create policy everyone on organizations for select using (tenant_id = lotse.tenant_id());
comment on policy everyone on organizations is 'All members of a municipality know all organisations of its network.';
create policy keeper on organizations for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'coordinator', 'installer'));
comment on policy keeper on organizations is 'Administrator and coordinator add organisations.';
create policy editor on organizations for update
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'coordinator'));
comment on policy editor on organizations is 'Administrator and coordinator change organisations.';

grant select, insert, update on users to lotse_service;
create policy everyone on users for select using (tenant_id = lotse.tenant_id());
comment on policy everyone on users is 'Colleagues of a municipality see each other''s names; passwords are kept elsewhere.';
create policy admin on users for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'installer'));
comment on policy admin on users is 'The administrator adds people with a login.';
create policy admin_edits on users for update
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'tenant_admin');
comment on policy admin_edits on users is 'The administrator changes and deactivates people with a login.';

grant select, insert, update (password_hash, changed_at, temporary_until) on credentials to lotse_service;
create policy login on credentials for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'login');
comment on policy login on credentials is 'A password hash is read at login and nowhere else.';
create policy admin on credentials for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'installer'));
comment on policy admin on credentials is 'The administrator sets a first password.';
create policy setter_finds on credentials for select
  using (tenant_id = lotse.tenant_id() and id = lotse.credentials_of() and (id = lotse.user_id() or lotse.acts_as() = 'tenant_admin'));
comment on policy setter_finds on credentials is 'While it is set, one''s own password, or by the administrator that of the one person who is named.';
create policy setter on credentials for update
  using (tenant_id = lotse.tenant_id() and id = lotse.credentials_of() and (id = lotse.user_id() or lotse.acts_as() = 'tenant_admin'));
comment on policy setter on credentials is 'One''s own password, and by the administrator that of the one person who is named.';

grant select, insert, update on memberships to lotse_service;
create policy everyone on memberships for select using (tenant_id = lotse.tenant_id());
comment on policy everyone on memberships is 'Who works where in which role is known inside a municipality.';
create policy admin on memberships for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'installer'));
comment on policy admin on memberships is 'The administrator gives memberships.';
create policy admin_edits on memberships for update
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'tenant_admin');
comment on policy admin_edits on memberships is 'The administrator ends memberships.';

grant select, insert on secrecy_obligations to lotse_service;
create policy everyone on secrecy_obligations for select
  using (tenant_id = lotse.tenant_id() and (user_id = lotse.user_id() or lotse.acts_as() in ('tenant_admin', 'navigation_head', 'dpo')));
comment on policy everyone on secrecy_obligations is 'One''s own obligation; all of them for administrator, head and data protection officer.';
create policy recorder on secrecy_obligations for insert
  with check (tenant_id = lotse.tenant_id() and recorded_by_user_id = lotse.user_id() and user_id <> lotse.user_id()
    and lotse.acts_as() in ('tenant_admin', 'navigation_head'));
comment on policy recorder on secrecy_obligations is 'Recorded by administrator or head, never for oneself.';

grant select, insert on named_members to lotse_service;
create policy named on named_members for select
  using (tenant_id = lotse.tenant_id() and (membership_id = lotse.membership_id() or compartment_id = any (lotse.compartments())));
comment on policy named on named_members is 'Who is named on a shielded person is known to those who are named.';
create policy names on named_members for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy names on named_members is 'Whoever is named on a shielded person may name others.';

-- The first statement of every transaction: who asks, whether they may attempt this, and which rows that opens.
-- Raises LT401 (no living session) and LT403 (role not allowed, session limited to other actions, or no secrecy obligation
-- recorded; the detail is the role, for the audit trail).
drop function if exists lotse.enter(uuid, uuid, uuid, uuid, text, text[], boolean);
create or replace function lotse.enter(
  p_tenant uuid, p_user uuid, p_membership uuid, p_session uuid, p_as text, p_roles text[], p_content boolean, p_action text,
  out role text, out organization_id uuid, out now timestamptz, out today date
) language plpgsql as $$
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
end $$;
