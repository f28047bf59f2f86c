-- Whose token is this? Issuer and audience lead to a municipality, outside the row-level security that needs one to begin
-- with. Nobody has a right here: migrations/access/machines.sql has one function that finds exactly one pair, and one that
-- adds a pair.
create schema login;
create table login.issuers (
  issuer text not null,
  audience text not null,
  tenant_id uuid not null,
  provider_id uuid not null,
  primary key (issuer, audience)
);
-- A session ends together with what it began with, and a membership of a provider with the provider's word.
create index sessions__by_origin on sessions (tenant_id, origin_id) where origin_id is not null and revoked_at is null;
create index memberships__by_provider on memberships (tenant_id, provider_id) where provider_id is not null;
