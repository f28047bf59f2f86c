-- Who sees a handover?

grant select, insert, update on handovers to lotse_service;
create policy compartment on handovers for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on handovers is 'The giving unit sees its handovers.';
create policy receiver on handovers for select
  using (tenant_id = lotse.tenant_id() and receiver_organization_id = lotse.receiving_organization_id() and offered_at is not null);
comment on policy receiver on handovers is 'The receiver sees what was offered to it. The row holds no fact about the person.';
create policy compartment_new on handovers for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_new on handovers is 'A handover is prepared by the unit that holds the case.';
create policy compartment_edits on handovers for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_edits on handovers is 'The giving unit offers, cancels, records arrival from the person''s own word and whether the help holds, and takes back.';
create policy receiver_answers on handovers for update
  using (tenant_id = lotse.tenant_id() and receiver_organization_id = lotse.receiving_organization_id() and offered_at is not null);
comment on policy receiver_answers on handovers is 'The receiver accepts, refuses, confirms arrival, reports a no-show and returns a person, as a new request.';

grant select, insert, update (sections) on handover_sheets to lotse_service;
create policy compartment on handover_sheets for select
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment on handover_sheets is 'The sheet is seen by the giving unit; the receiver reads the disclosure made of it.';
create policy compartment_new on handover_sheets for insert
  with check (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_new on handover_sheets is 'Written by the unit that holds the case.';
create policy compartment_edits on handover_sheets for update
  using (tenant_id = lotse.tenant_id() and compartment_id = any (lotse.compartments()));
comment on policy compartment_edits on handover_sheets is 'Edited by the unit that holds the case.';

grant select, insert on handover_concepts to lotse_service;
create policy everyone on handover_concepts for select using (tenant_id = lotse.tenant_id());
comment on policy everyone on handover_concepts is 'What a handover needs here is known to all.';
create policy publisher on handover_concepts for insert
  with check (tenant_id = lotse.tenant_id() and lotse.acts_as() in ('coordinator', 'navigation_head'));
comment on policy publisher on handover_concepts is 'Coordinator and head publish a new version; a published one never changes.';
