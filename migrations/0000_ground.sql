-- The ground under every table: our schema for functions, and the extension that keeps periods of time apart.
create schema lotse;
create extension if not exists btree_gist;
