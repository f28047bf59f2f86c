-- Who sees service accounts, their keys, identity providers, and whom these know?

grant select, insert, update on service_accounts to lotse_service;
create policy admin on service_accounts for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'login', 'provider'));
comment on policy admin on service_accounts is 'The administrator sees other systems'' accounts; so does whoever lets one of them in.';
create policy admin_adds on service_accounts for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'tenant_admin');
comment on policy admin_adds on service_accounts is 'The administrator adds service accounts.';
create policy admin_edits on service_accounts for update
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'tenant_admin');
comment on policy admin_edits on service_accounts is 'The administrator changes service accounts.';

grant select, insert, update (used_at, revoked_at, version) on service_account_keys to lotse_service;
create policy admin on service_account_keys for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'login'));
comment on policy admin on service_account_keys is 'The administrator looks after keys; the sign-in compares with them.';
create policy admin_adds on service_account_keys for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'tenant_admin');
comment on policy admin_adds on service_account_keys is 'The administrator makes keys.';
create policy admin_edits on service_account_keys for update
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'login'));
comment on policy admin_edits on service_account_keys is 'The administrator revokes a key; the sign-in notes that it was used.';

grant select, insert, delete on used_assertions to lotse_service;
create policy login on used_assertions for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'login');
comment on policy login on used_assertions is 'The sign-in looks whether an assertion was used before.';
create policy login_adds on used_assertions for insert with check (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'login');
comment on policy login_adds on used_assertions is 'The sign-in notes that an assertion was used.';
create policy login_forgets on used_assertions for delete
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'login' and expires_at < now());
comment on policy login_forgets on used_assertions is 'The sign-in forgets what has expired and could not be used again anyway.';

grant select, insert, update on identity_providers to lotse_service;
create policy admin on identity_providers for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('tenant_admin', 'provider'));
comment on policy admin on identity_providers is 'The administrator sees the identity providers; so does whoever checks one''s tokens.';
create policy admin_adds on identity_providers for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'tenant_admin');
comment on policy admin_adds on identity_providers is 'The administrator adds identity providers.';
create policy admin_edits on identity_providers for update
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'tenant_admin');
comment on policy admin_edits on identity_providers is 'The administrator changes identity providers.';

grant select, insert, update (newest_iat) on provider_subjects to lotse_service;
create policy provider on provider_subjects for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'provider');
comment on policy provider on provider_subjects is 'Who somebody is to the provider is known only while a token of it is checked.';
create policy provider_adds on provider_subjects for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'provider');
comment on policy provider_adds on provider_subjects is 'A token of the provider links its subject to a person here.';
create policy provider_edits on provider_subjects for update
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'provider');
comment on policy provider_edits on provider_subjects is 'A token of the provider notes that it is the newest.';

-- What a provider may do to what belongs to others: no secrecy obligation, no password, nothing that was given by hand.
create policy provider on users for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'provider' and kind = 'person');
comment on policy provider on users is 'A provider that is allowed to adds people with a login.';
create policy provider on memberships for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'provider' and provider_id is not null);
comment on policy provider on memberships is 'A provider gives memberships that bear its mark.';
create policy provider_edits on memberships for update
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'provider' and provider_id is not null);
comment on policy provider_edits on memberships is 'A provider ends memberships that bear its mark, and no others.';
create policy provider on sessions for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'provider' and origin_id is not null);
comment on policy provider on sessions is 'A token of a provider has a session like every other, so that it can be ended.';
create policy provider_sees on sessions for select
  using (tenant_id = lotse.tenant_id() and origin_id is not null and lotse.acts_as() = 'provider');
comment on policy provider_sees on sessions is 'Whoever checks a token of a provider looks whether it has a session already.';

-- The one way in: an exact pair. Whoever knows neither learns nothing, and nobody lists what there is.
create or replace function login.provider_of(p_issuer text, p_audiences text[])
returns table (tenant_id uuid, provider_id uuid) language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select i.tenant_id, i.provider_id from login.issuers i where i.issuer = p_issuer and i.audience = any (p_audiences)
$$;
-- A pair belongs to the first municipality that names it (23505 for every other), and for good.
create or replace function login.claim_issuer(p_issuer text, p_audience text, p_provider uuid)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if lotse.acts_as() is distinct from 'tenant_admin' then
    raise exception 'only the administrator names an issuer' using errcode = '42501';
  end if;
  insert into login.issuers (issuer, audience, tenant_id, provider_id) values (p_issuer, p_audience, lotse.tenant_id(), p_provider);
end $$;
revoke all on function login.provider_of(text, text[]), login.claim_issuer(text, text, uuid) from public;
grant usage on schema login to lotse_service;
grant execute on function login.provider_of(text, text[]), login.claim_issuer(text, text, uuid) to lotse_service;
