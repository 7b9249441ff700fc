-- For triggers: what was recorded stays. Also holds for the owner and for replication (ENABLE ALWAYS).
create function refuse_change() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    raise exception '% is append-only: % is refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end
$$
