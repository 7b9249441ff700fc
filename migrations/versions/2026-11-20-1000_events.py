"""The event store: roles, workspaces, heads, events, snapshots, projections, and the functions that write them.

Revision: 20261120_1000, the first.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

from migrations import functions, row_security
from timeline_service.eventstore.tables import XID8

revision = "20261120_1000"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger
BYTES = sa.LargeBinary
ID = UUID(as_uuid=True)
TIME = sa.DateTime(timezone=True)
CLOCK = sa.text("clock_timestamp()")
HEAD_KEY = ["timeline_head.timeline_id", "timeline_head.workspace_id"]
APP, WORKER = "timeline_app", "timeline_worker"


def upgrade() -> None:
    """Apply. Roles come first: two databases of one cluster may wait for each other here, without a lock_timeout."""
    for role in ("timeline_owner", APP, WORKER):
        create_role(role)
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    # Whoever may create in a schema of the functions' search_path could shadow what they call.
    op.execute("revoke create on schema public from public")
    op.execute(f"grant usage on schema public to timeline_owner, {APP}, {WORKER}")
    create_workspace()
    create_head()
    create_event()
    create_snapshot()
    create_projection()
    create_functions()
    create_triggers()
    grant_tables()


def downgrade() -> None:
    """Forward only: see migrations/README.md."""
    raise NotImplementedError("migrations go forward only; write a new one")


def create_role(name: str) -> None:
    """A role of the cluster, unless it is there: another database may have made it, or make it at this moment."""
    op.execute(f"""
        do $$ begin
            if not exists (select from pg_roles where rolname = '{name}') then
                create role {name} nologin nosuperuser nobypassrls nocreatedb nocreaterole;
            end if;
        exception when duplicate_object or unique_violation then
            null;
        end $$""")


def create_workspace() -> None:
    """Whose things are."""
    op.create_table(
        "workspace",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False, server_default=CLOCK),
        sa.PrimaryKeyConstraint("id", name="pk_workspace"),
    )


def create_head() -> None:
    """One row per timeline: where its log stands and how far its projection has come."""
    op.create_table(
        "timeline_head",
        sa.Column("timeline_id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("version", BIG, nullable=False, server_default="0"),
        sa.Column("head_hash", BYTES, nullable=False),
        sa.Column("current_version", BIG, nullable=False, server_default="0"),
        sa.Column("epoch", sa.Integer, nullable=False, server_default="0", comment="bumped by a restore from backup"),
        sa.Column("recorded_at", TIME, nullable=False, server_default=CLOCK, comment="of the head event"),
        sa.Column("created_at", TIME, nullable=False, server_default=CLOCK),
        sa.Column("archived_at", TIME),
        sa.Column("forked_from_timeline", ID),
        sa.Column("forked_from_version", BIG),
        sa.Column("forked_from_hash", BYTES),
        sa.PrimaryKeyConstraint("timeline_id", name="pk_timeline_head"),
        sa.UniqueConstraint("timeline_id", "workspace_id", name="uq_timeline_head_timeline_id_workspace_id"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_timeline_head_workspace_id"),
        sa.CheckConstraint("current_version between 0 and version", name="ck_timeline_head_checkpoint"),
        sa.CheckConstraint("octet_length(head_hash) = 32", name="ck_timeline_head_hash"),
        postgresql_with={"fillfactor": "70"},
        comment="the only row of a timeline that changes with each append; fillfactor 70 keeps its updates in the page",
    )


def create_event() -> None:
    """The log."""
    op.create_table(
        "timeline_event",
        sa.Column("timeline_id", ID, nullable=False),
        sa.Column("version", BIG, nullable=False, autoincrement=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("gesture_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("correlation_id", sa.Text),
        sa.Column("transaction_id", sa.Text),
        sa.Column("body", BYTES, nullable=False, comment="exactly as hashed"),
        sa.Column("request_digest", BYTES, nullable=False, comment="SHA-256 of the request as sent"),
        sa.Column("hash", BYTES, nullable=False, comment="h_v of the timeline's chain"),
        sa.Column("xid", XID8, nullable=False, server_default=sa.text("pg_current_xact_id()")),
        sa.PrimaryKeyConstraint("timeline_id", "version", name="pk_timeline_event"),
        sa.UniqueConstraint("timeline_id", "gesture_id", name="uq_timeline_event_timeline_id_gesture_id"),
        sa.CheckConstraint("version > 0", name="ck_timeline_event_version"),
        sa.CheckConstraint(
            "octet_length(hash) = 32 and octet_length(request_digest) = 32", name="ck_timeline_event_hash"
        ),
        comment="append-only; INSERT through append_events, UPDATE, DELETE and TRUNCATE refused by trigger",
    )
    op.create_index("ix_timeline_event_recorded_at", "timeline_event", ["recorded_at"], postgresql_using="brin")
    op.create_index("ix_timeline_event_xid", "timeline_event", ["xid"])


def create_snapshot() -> None:
    """Saved states."""
    op.create_table(
        "timeline_snapshot",
        sa.Column("timeline_id", ID, nullable=False),
        sa.Column("fold_version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("version", BIG, nullable=False, autoincrement=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("state_hash", BYTES, nullable=False),
        sa.Column("created_at", TIME, nullable=False, server_default=CLOCK),
        sa.PrimaryKeyConstraint("timeline_id", "fold_version", "version", name="pk_timeline_snapshot"),
        sa.ForeignKeyConstraint(
            ["timeline_id", "workspace_id"], HEAD_KEY, name="fk_timeline_snapshot_timeline_id_workspace_id"
        ),
        comment="a cache: may be dropped at any time",
    )


def create_projection() -> None:
    """What lists and look-ups read; written with the checkpoint."""
    op.create_table(
        "timeline",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("rate_num", sa.Integer, nullable=False),
        sa.Column("rate_den", sa.Integer, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("current_version", BIG, nullable=False),
        sa.Column("duration", BIG, nullable=False, comment="ticks"),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_timeline"),
        sa.ForeignKeyConstraint(["id", "workspace_id"], HEAD_KEY, name="fk_timeline_id_workspace_id"),
        comment="projection: what a list of timelines shows, as of current_version",
    )
    op.create_index("ix_timeline_workspace_id_updated_at", "timeline", ["workspace_id", "updated_at"])
    op.create_table(
        "timeline_record",
        sa.Column("timeline_id", ID, nullable=False),
        sa.Column("record_id", sa.Text, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("alive", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("timeline_id", "record_id", name="pk_timeline_record"),
        sa.ForeignKeyConstraint(
            ["timeline_id", "workspace_id"], HEAD_KEY, name="fk_timeline_record_timeline_id_workspace_id"
        ),
        comment="projection: which timelines hold a record",
    )
    op.create_index("ix_timeline_record_workspace_id_record_id", "timeline_record", ["workspace_id", "record_id"])


def create_functions() -> None:
    """The only writers of heads, events and projections."""
    # A migrator who is no superuser must be a member of the functions' owner to give them to it. Having made the role
    # is not enough (from PostgreSQL 16 on); where somebody else made both, it is a member already and may not grant.
    op.execute("""
        do $$ begin
            if not (select rolsuper from pg_roles where rolname = current_user) then
                execute format('grant timeline_owner to %I', current_user);
            end if;
        exception when insufficient_privilege then
            null;
        end $$""")
    op.execute("grant create on schema public to timeline_owner")
    functions.create("refuse_change_v1")
    for name, roles in (
        ("enter_workspace", ()),
        ("append_events", (APP,)),
        ("create_timeline", (APP,)),
        ("lock_head", (APP,)),
        ("timeline_heads", (APP, WORKER)),
        ("advance_timeline", (APP, WORKER)),
    ):
        functions.create(f"{name}_v1")
        functions.entrust(name, execute=roles)
    op.execute("revoke create on schema public from timeline_owner")


def create_triggers() -> None:
    """A guard rail (an owner can take it down; the chain is the evidence). ALWAYS: in replication sessions too."""
    op.execute(
        "create trigger keep_rows before update or delete on timeline_event "
        "for each row execute function refuse_change()"
    )
    op.execute(
        "create trigger keep_table before truncate on timeline_event "
        "for each statement execute function refuse_change()"
    )
    op.execute("alter table timeline_event enable always trigger keep_rows, enable always trigger keep_table")


def grant_tables() -> None:
    """Reading for the service, writing for the functions; row level security for both."""
    for table in ("timeline_head", "timeline_event", "timeline_snapshot", "timeline", "timeline_record"):
        row_security.isolate(table)
        op.execute(f"grant select on {table} to {APP}, {WORKER}")
    op.execute(f"grant insert, update, delete on timeline_snapshot to {APP}, {WORKER}")
    op.execute(f"grant select, insert, update on workspace to {APP}")
    op.execute(f"grant select on workspace to {WORKER}")

    for table in ("timeline_head", "timeline_event", "timeline", "timeline_record"):
        row_security.admit_owner(table)
        op.execute(f"grant select, insert on {table} to timeline_owner")
    for table in ("timeline_head", "timeline", "timeline_record"):
        op.execute(f"grant update on {table} to timeline_owner")
    # timeline_heads looks over all workspaces. Locks and writes need the policy above too: append_events stays inside.
    op.execute("create policy timeline_head_poll on timeline_head for select to timeline_owner using (true)")
