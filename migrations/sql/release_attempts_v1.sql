-- Which attempts go to the queue now, in order; they count as handed over from here on.
--
-- A place is taken by what runs and by what was handed over and waits. Whoever has the fewest taken comes next:
-- everybody's first job before anybody's second, however many jobs a workspace has waiting. What was handed over a
-- while ago and has still not begun comes along again: the queue may have lost it, and twice does no harm.
--
-- One call, so that a process that is stopped half way holds no lock; the advisory lock ("exports1") makes those who
-- count places take turns, and the query after it sees what the one before gave away.
create function release_attempts(p_per_workspace int, p_over_all int, p_again_after_s double precision)
returns table (job_id uuid, attempt int)
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
    perform pg_advisory_xact_lock(x'6578706f72747331'::bigint);
    return query
    with taken as (
        select workspace_id, count(*) as places
          from (select workspace_id from job where state = 'running'
                union all
                select workspace_id from outbox where sent_at is not null) as busy
         group by workspace_id
    ), waiting as (
        select o.id, o.created_at,
               coalesce(t.places, 0)
                 + row_number() over (partition by o.workspace_id order by o.created_at, o.id) as place
          from outbox o left join taken t using (workspace_id)
         where o.sent_at is null and o.available_at <= clock_timestamp()
    ), ranked as (
        select id, row_number() over (order by place, created_at, id) as rank
          from waiting where place <= p_per_workspace
    ), chosen as (
        select id, rank from ranked
         where rank <= p_over_all - (select coalesce(sum(places), 0) from taken)
        union all
        select id, 0 from outbox where sent_at < clock_timestamp() - make_interval(secs => p_again_after_s)
    ), handed as (
        update outbox o set sent_at = clock_timestamp() from chosen c where o.id = c.id
        returning o.job_id, o.attempt, c.rank
    )
    select h.job_id, h.attempt from handed h order by h.rank;
end
$$
