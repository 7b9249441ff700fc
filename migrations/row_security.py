"""Row level security of a table with a `workspace_id`. Used by migrations, so never changed: add a new function."""

from alembic import op

SESSION_WORKSPACE = "(select nullif(current_setting('timeline.workspace', true), '')::uuid)"
"""The workspace of the transaction, or null, which matches no row. In a subselect so that it is computed once."""


def isolate(table: str) -> None:
    """The app role sees and writes the rows of its transaction's workspace only; the worker role those of all.

    FORCE: the table's owner is not exempt either (a superuser always is).
    """
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(
        f"create policy {table}_app on {table} to timeline_app "
        f"using (workspace_id = {SESSION_WORKSPACE}) with check (workspace_id = {SESSION_WORKSPACE})"
    )
    op.execute(f"create policy {table}_worker on {table} to timeline_worker using (true) with check (true)")


def admit_owner(table: str) -> None:
    """Functions owned by timeline_owner work on this table, in the workspace of the transaction only."""
    op.execute(
        f"create policy {table}_owner on {table} to timeline_owner "
        f"using (workspace_id = {SESSION_WORKSPACE}) with check (workspace_id = {SESSION_WORKSPACE})"
    )
