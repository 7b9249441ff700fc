-- The head of a timeline, locked until the transaction ends; no row when it is not there.
-- For the retry after a lost race: lock, read the tail, decide, append, commit.
create function lock_head(p_workspace uuid, p_timeline uuid)
returns table (version bigint, head_hash bytea, current_version bigint, epoch int)
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
    if not enter_workspace(p_workspace) then
        return;
    end if;
    return query
    select h.version, h.head_hash, h.current_version, h.epoch
      from timeline_head h
     where h.timeline_id = p_timeline and h.workspace_id = p_workspace
       for no key update;
end
$$
