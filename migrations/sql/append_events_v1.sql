-- Append a batch of events to one timeline, all or nothing, and answer what happened as a row:
--   appended   the batch is stored; versions head_version - n + 1 .. head_version, their hashes in order
--   duplicate  at least one gesture is known already; nothing is stored; known_* say which, in version order
--   conflict   the head is not at p_expected; nothing is stored; head_* say where it is
--   absent     there is no such timeline in this workspace
-- The row lock on the head orders writers of one timeline; writers of different timelines never wait for each other.
-- Each statement below takes its own snapshot (READ COMMITTED), so what the lock waited for is seen.
-- Byte layout of the hashes: timeline_service/domain/chain.py and tests/golden/chain.json.
create function append_events(
    p_workspace uuid, p_timeline uuid, p_expected bigint,
    p_gestures text[], p_types text[], p_schemas int[], p_actors uuid[], p_bodies bytea[],
    p_digests bytea[], p_correlations text[], p_transactions text[],
    out outcome text, out head_version bigint, out head_hash bytea, out current_version bigint, out epoch int,
    out recorded_at timestamptz, out hashes bytea[],
    out known_gestures text[], out known_versions bigint[], out known_digests bytea[])
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
    v_base bigint;
    v_hash bytea;
    v_leaf bytea;
    v_leaves bytea[];
    v_hashes bytea[] := '{}';
    v_stamp timestamptz;
    v_fixed bytea;
begin
    if not enter_workspace(p_workspace) then
        outcome := 'absent';
        return;
    end if;

    select h.version, h.head_hash, h.current_version, h.epoch, h.recorded_at
      into v_base, v_hash, current_version, epoch, v_stamp
      from timeline_head h
     where h.timeline_id = p_timeline and h.workspace_id = p_workspace
       for no key update;
    if not found then
        outcome := 'absent';
        return;
    end if;
    head_version := v_base;
    head_hash := v_hash;

    -- One look-up in the unique index for each id, whatever the planner knows: with `= any` it may read all events of
    -- the timeline instead.
    select array_agg(k.gesture_id order by k.version), array_agg(k.version order by k.version),
           array_agg(k.request_digest order by k.version)
      into known_gestures, known_versions, known_digests
      from unnest(p_gestures) as g (gesture)
     cross join lateral (
           select e.gesture_id, e.version, e.request_digest
             from timeline_event e
            where e.timeline_id = p_timeline and e.gesture_id = g.gesture
            limit 1) k;
    if known_gestures is not null then
        outcome := 'duplicate';
        return;
    end if;

    if p_expected <> v_base then
        outcome := 'conflict';
        return;
    end if;

    -- A clock that steps back never makes history run backwards.
    v_stamp := greatest(clock_timestamp(), v_stamp);
    v_fixed := int8send((extract(epoch from v_stamp) * 1000000)::bigint);

    select array_agg(
             sha256('\x00'::bytea || uuid_send(p_timeline) || int8send(v_base + g.nth) || v_fixed || int4send(g.schema)
               || int2send(octet_length(g.gesture)::int2) || convert_to(g.gesture, 'UTF8')
               || int2send(octet_length(g.type)::int2) || convert_to(g.type, 'UTF8')
               || '\x0024'::bytea || convert_to(g.actor::text, 'UTF8')
               || sha256(g.body))
             order by g.nth)
      into v_leaves
      from unnest(p_gestures, p_types, p_schemas, p_actors, p_bodies)
           with ordinality as g (gesture, type, schema, actor, body, nth);

    foreach v_leaf in array v_leaves loop
        v_hash := sha256('\x01'::bytea || v_hash || v_leaf);
        v_hashes := v_hashes || v_hash;
    end loop;

    insert into timeline_event
           (timeline_id, version, workspace_id, gesture_id, type, schema_version, actor_id, recorded_at,
            correlation_id, transaction_id, body, request_digest, hash)
    select p_timeline, v_base + g.nth, p_workspace, g.gesture, g.type, g.schema, g.actor, v_stamp,
           g.correlation, g.transaction, g.body, g.digest, g.hash
      from unnest(p_gestures, p_types, p_schemas, p_actors, p_bodies, p_digests, p_correlations, p_transactions,
                  v_hashes)
           with ordinality as g (gesture, type, schema, actor, body, digest, correlation, transaction, hash, nth);

    update timeline_head h
       set version = v_base + cardinality(v_hashes), head_hash = v_hash, recorded_at = v_stamp
     where h.timeline_id = p_timeline;

    outcome := 'appended';
    head_version := v_base + cardinality(v_hashes);
    head_hash := v_hash;
    recorded_at := v_stamp;
    hashes := v_hashes;
end
$$
