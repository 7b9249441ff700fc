-- The workspaces that a person is a member of, oldest first.
create function person_workspaces(p_person uuid)
returns table (workspace_id uuid, name text, role text, created_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select w.id, w.name, m.role, w.created_at
      from member m
      join workspace w on w.id = m.workspace_id
     where m.person_id = p_person
     order by w.created_at, w.id
$$
