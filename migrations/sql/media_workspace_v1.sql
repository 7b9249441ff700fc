-- Whose an asset or an upload is; null when there is none. A transaction must be bound to a workspace before it sees
-- the row itself, and the id alone does not name one. It tells the workspace's id and nothing else.
create function media_workspace(p_id uuid) returns uuid
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select a.workspace_id from asset a where a.id = p_id
    union all
    select u.workspace_id from upload u where u.id = p_id
    limit 1
$$
