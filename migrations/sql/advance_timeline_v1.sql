-- Move the checkpoint of a timeline forward and write its projection, in one transaction; answers the checkpoint.
-- Never backwards, never past the head: a projector that comes late or twice changes nothing.
-- p_name null: no summary. p_records: what was touched after the checkpoint the caller read, up to p_version.
create function advance_timeline(
    p_workspace uuid, p_timeline uuid, p_version bigint,
    p_name text, p_rate_num int, p_rate_den int, p_width int, p_height int, p_duration bigint,
    p_records text[], p_kinds text[], p_alive boolean[])
returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    v_current bigint;
begin
    if not enter_workspace(p_workspace) then
        return null;
    end if;

    update timeline_head h
       set current_version = p_version
     where h.timeline_id = p_timeline and h.workspace_id = p_workspace
       and h.current_version < p_version and h.version >= p_version;
    if not found then
        select h.current_version into v_current
          from timeline_head h
         where h.timeline_id = p_timeline and h.workspace_id = p_workspace;
        return v_current;
    end if;

    if p_name is not null then
        insert into timeline as t
               (id, workspace_id, name, rate_num, rate_den, width, height, current_version, duration, updated_at)
        values (p_timeline, p_workspace, p_name, p_rate_num, p_rate_den, p_width, p_height, p_version, p_duration,
                clock_timestamp())
            on conflict (id) do update
           set name = excluded.name, rate_num = excluded.rate_num, rate_den = excluded.rate_den,
               width = excluded.width, height = excluded.height, current_version = excluded.current_version,
               duration = excluded.duration, updated_at = excluded.updated_at;
    else
        update timeline t
           set current_version = p_version, updated_at = clock_timestamp()
         where t.id = p_timeline;
    end if;

    insert into timeline_record as r (timeline_id, record_id, workspace_id, kind, alive)
    select p_timeline, g.record, p_workspace, g.kind, g.alive
      from unnest(p_records, p_kinds, p_alive) as g (record, kind, alive)
        on conflict (timeline_id, record_id) do update
       set kind = excluded.kind, alive = excluded.alive
     where (r.kind, r.alive) is distinct from (excluded.kind, excluded.alive);
    return p_version;
end
$$
