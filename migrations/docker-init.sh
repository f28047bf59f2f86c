#!/bin/sh
# How does the database of docker-compose.yml begin? With its roles, their passwords and one empty database.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 --file /lotse/roles.sql
# psql puts the values in quotes; they never stand in a command line.
psql --username postgres --set ON_ERROR_STOP=1 <<'SQL'
\getenv owner_password OWNER_PASSWORD
\getenv service_password SERVICE_PASSWORD
\getenv worker_password WORKER_PASSWORD
alter role lotse_owner password :'owner_password';
alter role lotse_service password :'service_password';
alter role lotse_worker password :'worker_password';
create database lotse owner lotse_owner;
revoke all on database lotse from public;
grant connect on database lotse to lotse_service, lotse_worker;
SQL
