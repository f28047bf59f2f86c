-- How does the service queue a job, in its own transaction, without any right in the queue? Run as lotse_worker, again
-- whenever this file or graphile-worker changes.
-- A payload names records and says nothing about them: jobs live longer than a transaction and stand in another schema.
create or replace function jobs.enqueue(p_task text, p_payload jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if jsonb_typeof(p_payload) is distinct from 'object' or exists (
    select from jsonb_each_text(p_payload) as field
    where field.value is null or field.value !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
  ) then
    raise exception 'the payload of a job holds ids only' using errcode = '22023';
  end if;
  perform graphile_worker.add_job(p_task, p_payload::json);
end $$;
revoke all on function jobs.enqueue(text, jsonb) from public;
grant execute on function jobs.enqueue(text, jsonb) to lotse_service;
