-- Bind this transaction to a workspace; false when it is bound to another one already.
-- Folding this into the first statement spares the hot path a round trip. The setting ends with the transaction.
create function enter_workspace(p_workspace uuid) returns boolean
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
    v_session text := nullif(current_setting('timeline.workspace', true), '');
begin
    if p_workspace is null then
        return false;
    end if;
    if v_session is not null then
        return v_session::uuid = p_workspace;
    end if;
    perform set_config('timeline.workspace', p_workspace::text, true);
    return true;
end
$$
