-- Which municipalities does the clock visit? Ids only, outside the row-level security that needs one of them to begin with.
create schema jobs;
create table jobs.municipalities (id uuid primary key);
-- The service adds one and reads none; the function through which it queues (jobs.sql) belongs to the worker.
grant usage on schema jobs to lotse_service, lotse_worker;
grant create on schema jobs to lotse_worker;
grant insert on jobs.municipalities to lotse_service;
grant select on jobs.municipalities to lotse_worker;
-- FORCE binds the owner too; migrations/access forces it again.
alter table tenants no force row level security;
insert into jobs.municipalities select id from tenants;
