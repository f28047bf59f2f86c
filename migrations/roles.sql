-- The three roles of an installation, made once by a superuser (the embedded database and docker-compose do it).
-- lotse_owner   owns the tables and runs migrations; never used by the service
-- lotse_service what the service connects as: owns nothing, cannot bypass row-level security
-- lotse_audit   may only insert into the audit trail; the service changes into it for its second, small pool
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
end $$;
grant lotse_audit to lotse_service with inherit false, set true;
