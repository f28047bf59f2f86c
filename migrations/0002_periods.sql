-- What drizzle cannot say: the periods in which a case has a lead never overlap.
alter table case_leads add constraint case_leads__one_at_a_time
  exclude using gist (tenant_id with =, case_id with =, tstzrange(from_at, until_at) with &&);
