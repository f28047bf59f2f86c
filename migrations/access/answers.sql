-- Who sees a link through which an agency without an account answers?

grant select, insert, update (tries, opened_until, mailed_at, answered_at, revoked_at, version) on answer_links to lotse_service;
create policy compartment on answer_links for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on answer_links is 'The sending unit sees to whom it gave a link.';
create policy compartment_new on answer_links for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_new on answer_links is 'Only the sending unit gives one.';
create policy compartment_revokes on answer_links for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()) and answered_at is null and revoked_at is null)
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_revokes on answer_links is 'The sending unit revokes it.';
create policy link_holder on answer_links for select using (tenant_id = lotse.tenant_id() and id = lotse.link_id());
comment on policy link_holder on answer_links is 'Whoever holds a link meets that one.';
create policy link_holder_uses on answer_links for update
  using (tenant_id = lotse.tenant_id() and id = lotse.link_id() and answered_at is null and revoked_at is null)
  with check (tenant_id = lotse.tenant_id() and id = lotse.link_id());
comment on policy link_holder_uses on answer_links is 'Tries are counted, the right code opens it, one answer closes it.';
create policy courier on answer_links for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'courier');
comment on policy courier on answer_links is 'The courier knows where to send the link; the code goes by phone.';
create policy courier_mails on answer_links for update using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'courier');
comment on policy courier_mails on answer_links is 'The courier notes that the link has gone out.';
