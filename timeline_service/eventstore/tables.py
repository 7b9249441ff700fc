"""Tables of the event store. Written by SQL functions only (migrations/sql); snapshots, a cache, are written directly.

Every unique key leads with timeline_id, so that partitioning or sharding by it needs no redesign.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.base import ischema_names

from timeline_service.kit.metadata import metadata


class XID8(sa.types.UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id: the commit-ordered position for a feed over all timelines."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name in SQL."""
        return "xid8"


# Reflection (alembic check) meets the type too, and would warn about one it does not know.
ischema_names["xid8"] = XID8

UUID = postgresql.UUID(as_uuid=True)
CLOCK = sa.text("clock_timestamp()")

timeline_head = sa.Table(
    "timeline_head",
    metadata,
    sa.Column("timeline_id", UUID, primary_key=True),
    sa.Column("workspace_id", UUID, sa.ForeignKey("workspace.id"), nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("head_hash", sa.LargeBinary, nullable=False),
    sa.Column("current_version", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("epoch", sa.Integer, nullable=False, server_default="0", comment="bumped by a restore from backup"),
    sa.Column(
        "recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=CLOCK, comment="of the head event"
    ),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=CLOCK),
    sa.Column("archived_at", sa.DateTime(timezone=True)),
    sa.Column("forked_from_timeline", UUID),
    sa.Column("forked_from_version", sa.BigInteger),
    sa.Column("forked_from_hash", sa.LargeBinary),
    sa.UniqueConstraint("timeline_id", "workspace_id"),
    sa.CheckConstraint("current_version between 0 and version", name="checkpoint"),
    sa.CheckConstraint("octet_length(head_hash) = 32", name="hash"),
    postgresql_with={"fillfactor": "70"},
    comment="the only row of a timeline that changes with each append; fillfactor 70 keeps its updates in the page",
)

timeline_event = sa.Table(
    "timeline_event",
    metadata,
    sa.Column("timeline_id", UUID, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False, autoincrement=False),
    sa.Column("workspace_id", UUID, nullable=False),
    sa.Column("gesture_id", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("schema_version", sa.Integer, nullable=False),
    sa.Column("actor_id", UUID, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("correlation_id", sa.Text),
    sa.Column("transaction_id", sa.Text),
    sa.Column("body", sa.LargeBinary, nullable=False, comment="exactly as hashed"),
    sa.Column("request_digest", sa.LargeBinary, nullable=False, comment="SHA-256 of the request as sent"),
    sa.Column("hash", sa.LargeBinary, nullable=False, comment="h_v of the timeline's chain"),
    sa.Column("xid", XID8, nullable=False, server_default=sa.text("pg_current_xact_id()")),
    sa.PrimaryKeyConstraint("timeline_id", "version"),
    sa.UniqueConstraint("timeline_id", "gesture_id"),
    sa.CheckConstraint("version > 0", name="version"),
    sa.CheckConstraint("octet_length(hash) = 32 and octet_length(request_digest) = 32", name="hash"),
    sa.Index("ix_timeline_event_recorded_at", "recorded_at", postgresql_using="brin"),
    sa.Index("ix_timeline_event_xid", "xid"),
    # No foreign key to the head: only append_events inserts, under the head's lock; a check per row buys nothing.
    comment="append-only; INSERT through append_events, UPDATE, DELETE and TRUNCATE refused by trigger",
)

timeline_snapshot = sa.Table(
    "timeline_snapshot",
    metadata,
    sa.Column("timeline_id", UUID, nullable=False),
    sa.Column("fold_version", sa.Integer, nullable=False, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False, autoincrement=False),
    sa.Column("workspace_id", UUID, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.Column("state_hash", sa.LargeBinary, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=CLOCK),
    sa.PrimaryKeyConstraint("timeline_id", "fold_version", "version"),
    sa.ForeignKeyConstraint(
        ["timeline_id", "workspace_id"], ["timeline_head.timeline_id", "timeline_head.workspace_id"]
    ),
    comment="a cache: may be dropped at any time",
)

timeline = sa.Table(
    "timeline",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("workspace_id", UUID, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("rate_num", sa.Integer, nullable=False),
    sa.Column("rate_den", sa.Integer, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("current_version", sa.BigInteger, nullable=False),
    sa.Column("duration", sa.BigInteger, nullable=False, comment="ticks"),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(["id", "workspace_id"], ["timeline_head.timeline_id", "timeline_head.workspace_id"]),
    sa.Index("ix_timeline_workspace_id_updated_at", "workspace_id", "updated_at"),
    comment="projection: what a list of timelines shows, as of current_version",
)

timeline_record = sa.Table(
    "timeline_record",
    metadata,
    sa.Column("timeline_id", UUID, nullable=False),
    sa.Column("record_id", sa.Text, nullable=False),
    sa.Column("workspace_id", UUID, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("alive", sa.Boolean, nullable=False),
    sa.PrimaryKeyConstraint("timeline_id", "record_id"),
    sa.ForeignKeyConstraint(
        ["timeline_id", "workspace_id"], ["timeline_head.timeline_id", "timeline_head.workspace_id"]
    ),
    sa.Index("ix_timeline_record_workspace_id_record_id", "workspace_id", "record_id"),
    comment="projection: which timelines hold a record",
)
