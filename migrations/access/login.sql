-- Who sees sessions and second factors?

grant select, insert, update (generation, revoked_at, expires_at), delete on sessions to lotse_service;
create policy own on sessions for select using (tenant_id = lotse.tenant_id() and (user_id = lotse.user_id() or lotse.acts_as() = 'login'));
comment on policy own on sessions is 'One''s own sessions; the login and the refresh find theirs by its id.';
create policy login on sessions for insert with check (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'login');
comment on policy login on sessions is 'A session begins at login.';
create policy own_edits on sessions for update
  using (tenant_id = lotse.tenant_id() and (user_id = lotse.user_id() or lotse.acts_as() in ('login', 'tenant_admin')));
comment on policy own_edits on sessions is 'Refreshing, logging out, and ending the sessions of somebody who leaves.';
create policy admin on sessions for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'tenant_admin');
comment on policy admin on sessions is 'The administrator finds the sessions that are to end.';
create policy forgotten on sessions for select
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'clock' and expires_at < now() - interval '7 days');
comment on policy forgotten on sessions is 'The clock finds what would have ended more than a week ago.';
create policy clock_forgets on sessions for delete
  using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'clock' and expires_at < now() - interval '7 days');
comment on policy clock_forgets on sessions is 'When somebody was at work is forgotten after a week; what was ended stays ended until then.';

-- Raises LT401 where what somebody proved a moment ago no longer holds: then nothing of their transaction stays.
create or replace function lotse.still(p_holds boolean) returns void language plpgsql as $$
begin
  if p_holds is not true then
    raise exception 'not_signed_in' using errcode = 'LT401';
  end if;
end $$;

grant select, insert, update (wrapped_key, sealed, confirmed_at, last_step, recovery_codes), delete on second_factors to lotse_service;
create policy own on second_factors for select using (tenant_id = lotse.tenant_id() and (id = lotse.user_id() or lotse.acts_as() = 'login'));
comment on policy own on second_factors is 'One''s own second factor; the login checks its codes.';
create policy own_new on second_factors for insert with check (tenant_id = lotse.tenant_id() and id = lotse.user_id());
comment on policy own_new on second_factors is 'Everybody sets up only their own.';
create policy own_edits on second_factors for update
  using (tenant_id = lotse.tenant_id() and (id = lotse.user_id() or lotse.acts_as() = 'login'));
comment on policy own_edits on second_factors is 'Switched on by oneself; the login notes which code was used.';
create policy remover_finds on second_factors for select
  using (tenant_id = lotse.tenant_id() and id = lotse.credentials_of() and lotse.acts_as() = 'tenant_admin');
comment on policy remover_finds on second_factors is 'While it is taken away, by the administrator, that of the one person who is named.';
create policy remover on second_factors for delete
  using (tenant_id = lotse.tenant_id() and id = lotse.credentials_of() and (id = lotse.user_id() or lotse.acts_as() = 'tenant_admin'));
comment on policy remover on second_factors is 'One''s own, and by the administrator that of the one person who is named.';
