-- Write the projection of a timeline anew, whole, and move the checkpoint with it; answers the checkpoint after it.
-- Nothing is written when that would take the checkpoint back or past the head. Readers never wait: they see the rows
-- of before until this commits. p_records: all records as of p_version, also those that are gone.
create function rewrite_timeline(
    p_workspace uuid, p_timeline uuid, p_version bigint,
    p_name text, p_rate_num int, p_rate_den int, p_width int, p_height int, p_duration bigint,
    p_records text[], p_kinds text[], p_alive boolean[])
returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    v_current bigint;
    v_version bigint;
begin
    if not enter_workspace(p_workspace) then
        return null;
    end if;

    select h.current_version, h.version into v_current, v_version
      from timeline_head h
     where h.timeline_id = p_timeline and h.workspace_id = p_workspace
       for no key update;
    if not found or p_version < v_current or p_version > v_version then
        return v_current;
    end if;

    if p_version > v_current then
        update timeline_head h set current_version = p_version where h.timeline_id = p_timeline;
    end if;

    -- Rows that say the same already stay as they are: a list in the order of `updated_at` is not shuffled.
    insert into timeline as t
           (id, workspace_id, name, rate_num, rate_den, width, height, current_version, duration, updated_at)
    values (p_timeline, p_workspace, p_name, p_rate_num, p_rate_den, p_width, p_height, p_version, p_duration,
            clock_timestamp())
        on conflict (id) do update
       set name = excluded.name, rate_num = excluded.rate_num, rate_den = excluded.rate_den,
           width = excluded.width, height = excluded.height, current_version = excluded.current_version,
           duration = excluded.duration, updated_at = excluded.updated_at
     where (t.name, t.rate_num, t.rate_den, t.width, t.height, t.current_version, t.duration)
           is distinct from (excluded.name, excluded.rate_num, excluded.rate_den, excluded.width, excluded.height,
                             excluded.current_version, excluded.duration);

    delete from timeline_record r
     where r.timeline_id = p_timeline
       and not exists (select from unnest(p_records) as g (record) where g.record = r.record_id);

    insert into timeline_record as r (timeline_id, record_id, workspace_id, kind, alive)
    select p_timeline, g.record, p_workspace, g.kind, g.alive
      from unnest(p_records, p_kinds, p_alive) as g (record, kind, alive)
        on conflict (timeline_id, record_id) do update
       set kind = excluded.kind, alive = excluded.alive
     where (r.kind, r.alive) is distinct from (excluded.kind, excluded.alive);
    return p_version;
end
$$
