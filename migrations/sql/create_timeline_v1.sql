-- A head at version 0 (h_0 = SHA-256 of the timeline's id) and its first event, in one transaction.
-- Answers like append_events: a repeat of the same gesture is `duplicate`, another first gesture is `conflict`,
-- an id that another workspace holds is `absent`.
create function create_timeline(
    p_workspace uuid, p_timeline uuid, p_gesture text, p_type text, p_schema int, p_actor uuid, p_body bytea,
    p_digest bytea, p_correlation text, p_transaction text,
    out outcome text, out head_version bigint, out head_hash bytea, out current_version bigint, out epoch int,
    out recorded_at timestamptz, out hashes bytea[],
    out known_gestures text[], out known_versions bigint[], out known_digests bytea[])
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
    if not enter_workspace(p_workspace) then
        outcome := 'absent';
        return;
    end if;
    insert into timeline_head (timeline_id, workspace_id, head_hash)
    values (p_timeline, p_workspace, sha256(uuid_send(p_timeline)))
        on conflict do nothing;
    select a.* into outcome, head_version, head_hash, current_version, epoch, recorded_at, hashes,
                    known_gestures, known_versions, known_digests
      from append_events(
             p_workspace, p_timeline, 0, array[p_gesture], array[p_type], array[p_schema], array[p_actor],
             array[p_body], array[p_digest], array[p_correlation], array[p_transaction]) a;
end
$$
