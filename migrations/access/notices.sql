-- Who sees what somebody is to be told?

grant select, insert, update (seen_at, mailed_at) on notices to lotse_service;
create policy member on notices for select using (tenant_id = lotse.tenant_id() and to_membership_id = lotse.membership_id());
comment on policy member on notices is 'What one is told oneself.';
create policy organization on notices for select
  using (tenant_id = lotse.tenant_id() and audience = 'organization' and to_organization_id = lotse.organization_id());
comment on policy organization on notices is 'What the own organisation is told; it may be a door that receives no referrals.';
create policy compartment on notices for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on notices is 'What the lead of a case is told is seen by the unit that holds the case.';
create policy holder on notices for select
  using (tenant_id = lotse.tenant_id() and audience = 'role' and to_role = lotse.acts_as()
    and (to_organization_id is null or to_organization_id = lotse.organization_id()));
comment on policy holder on notices is 'What a role is told: head and coordinator.';
create policy courier on notices for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'courier');
comment on policy courier on notices is 'The courier sees that there is something to tell; a notice holds no word about a person.';
create policy teller on notices for insert with check (tenant_id = lotse.tenant_id());
comment on policy teller on notices is 'Every act may tell somebody of the same municipality; only those who are told read it.';
create policy member_sees on notices for update using (tenant_id = lotse.tenant_id() and to_membership_id = lotse.membership_id());
comment on policy member_sees on notices is 'Marked as seen by whoever is told.';
create policy organization_sees on notices for update
  using (tenant_id = lotse.tenant_id() and audience = 'organization' and to_organization_id = lotse.organization_id());
comment on policy organization_sees on notices is 'Marked as seen by the organisation that is told.';
create policy compartment_sees on notices for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_sees on notices is 'Marked as seen by the unit that holds the case.';
create policy holder_sees on notices for update
  using (tenant_id = lotse.tenant_id() and audience = 'role' and to_role = lotse.acts_as()
    and (to_organization_id is null or to_organization_id = lotse.organization_id()));
comment on policy holder_sees on notices is 'Marked as seen by a holder of the role that is told.';
create policy courier_mails on notices for update using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'courier');
comment on policy courier_mails on notices is 'The courier notes that an e-mail has gone out.';

grant select, insert, update (rhythm, mailed_until, version) on mail_settings to lotse_service;
create policy own on mail_settings for select using (tenant_id = lotse.tenant_id() and id = lotse.membership_id());
comment on policy own on mail_settings is 'One''s own rhythm of e-mails.';
create policy own_new on mail_settings for insert
  with check (tenant_id = lotse.tenant_id() and (id = lotse.membership_id() or lotse.acts_as() = 'courier'));
comment on policy own_new on mail_settings is 'Set by oneself, or noted by the courier with its first e-mail.';
create policy own_edits on mail_settings for update using (tenant_id = lotse.tenant_id() and id = lotse.membership_id());
comment on policy own_edits on mail_settings is 'Changed by oneself.';
create policy courier on mail_settings for select using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'courier');
comment on policy courier on mail_settings is 'The courier keeps to everybody''s rhythm.';
create policy courier_mails on mail_settings for update using (tenant_id = lotse.tenant_id() and lotse.acts_as() = 'courier');
comment on policy courier_mails on mail_settings is 'The courier notes when it last wrote.';
