-- Where many timelines stand, over all workspaces: what each process polls for the timelines it has open.
-- It tells a holder of an id how far that timeline is and nothing of what is in it.
create function timeline_heads(p_timelines uuid[])
returns table (timeline_id uuid, workspace_id uuid, version bigint, head_hash bytea, current_version bigint, epoch int)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select h.timeline_id, h.workspace_id, h.version, h.head_hash, h.current_version, h.epoch
      from timeline_head h
     where h.timeline_id = any (p_timelines)
$$
