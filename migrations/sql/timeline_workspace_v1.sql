-- In which workspace a timeline lies and what this person is there; no row when it is not there or not theirs, so that
-- nobody learns whether an id exists. Asked before anything else: row level security needs the workspace first.
create function timeline_workspace(p_timeline uuid, p_person uuid)
returns table (workspace_id uuid, role text)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select m.workspace_id, m.role
      from timeline_head h
      join member m on m.workspace_id = h.workspace_id and m.person_id = p_person
     where h.timeline_id = p_timeline
$$
