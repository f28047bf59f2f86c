-- The roles of an installation, made by a superuser (the embedded database and docker-compose do it). Can be run again:
-- what is missing is made, and what is there keeps its password.
-- lotse_owner   owns the tables and runs migrations; never used by the service
-- lotse_service what the service connects as: owns nothing, cannot bypass row-level security
-- lotse_audit   may only insert into the audit trail; the service changes into it for its second, small pool
-- lotse_worker  owns the queue of jobs (the schema graphile_worker) and sees nothing else but which municipalities there are
do $$ begin
  if not exists (select from pg_roles where rolname = 'lotse_owner') then
    create role lotse_owner login nosuperuser nocreatedb nocreaterole nobypassrls;
  end if;
  if not exists (select from pg_roles where rolname = 'lotse_service') then
    create role lotse_service login nosuperuser nocreatedb nocreaterole nobypassrls;
  end if;
  if not exists (select from pg_roles where rolname = 'lotse_audit') then
    create role lotse_audit nologin nosuperuser nocreatedb nocreaterole nobypassrls;
  end if;
  if not exists (select from pg_roles where rolname = 'lotse_worker') then
    create role lotse_worker login nosuperuser nocreatedb nocreaterole nobypassrls;
  end if;
end $$;
grant lotse_audit to lotse_service with inherit false, set true;
-- Migrations make the queue as the role that owns it.
grant lotse_worker to lotse_owner with inherit false, set true;
