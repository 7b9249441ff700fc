-- Whose a job is; null when there is none. A transaction must be bound to a workspace before it sees the job itself,
-- and a job's id alone does not name one. It tells the workspace's id and nothing else.
create function job_workspace(p_job uuid) returns uuid
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select j.workspace_id from job j where j.id = p_job
$$
