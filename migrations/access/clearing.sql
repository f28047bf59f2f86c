-- Who sees clearing guides and clearings?

grant select, insert on clearing_guides to lotse_service;
create policy everyone on clearing_guides for select using (tenant_id = lotse.tenant_id());
comment on policy everyone on clearing_guides is 'A guide holds questions and no answers: all members may read it.';
create policy publisher on clearing_guides for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('installer', 'navigation_head', 'coordinator'));
comment on policy publisher on clearing_guides is 'Head and coordinator publish guides; a published one never changes.';

-- Case, person and guide stay as they were at the start.
grant select, insert, update (status, answers, ratings, strengths, wishes, audit_c_answers, audit_c_language, audit_c,
  safety_prompts, finished_at, version) on clearings to lotse_service;
create policy compartment on clearings for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on clearings is 'A clearing is seen by the responsible unit.';
create policy compartment_new on clearings for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_new on clearings is 'A clearing is begun in one''s own unit.';
create policy compartment_draft on clearings for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()) and status in ('started', 'paused'))
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_draft on clearings is 'Only a draft changes; a finished or discarded clearing never does.';
