"""Assets: uploads that wait for their bytes, and the media they become.

Revision: 20261120_1020, after 20261120_1010.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from migrations import functions, row_security

revision = "20261120_1020"
down_revision = "20261120_1010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger
ID = UUID(as_uuid=True)
TIME = sa.DateTime(timezone=True)
CLOCK = sa.text("clock_timestamp()")


def upgrade() -> None:
    """Apply."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    create_upload()
    create_asset()
    for table in ("upload", "asset"):
        row_security.isolate(table)
        op.execute(f"grant select, insert, update on {table} to timeline_app, timeline_worker")
    create_function()


def downgrade() -> None:
    """Forward only: see migrations/README.md."""
    raise NotImplementedError("migrations go forward only; write a new one")


def create_upload() -> None:
    """What a client said it will send."""
    op.create_table(
        "upload",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("filename", sa.Text, nullable=False),
        sa.Column("size", BIG, nullable=False, comment="bytes, as announced"),
        sa.Column("sha256", sa.Text, comment="hex, as announced"),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False, comment="in the object store"),
        sa.Column("multipart_id", sa.Text, comment="the store's name of the multipart upload; null for a single PUT"),
        sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
        sa.Column("reason", sa.Text, comment="the code of what was wrong, when canceled by the service"),
        sa.Column("created_at", TIME, nullable=False, server_default=CLOCK),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_upload"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_upload_workspace_id_id"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_upload_workspace_id"),
        sa.CheckConstraint("state in ('waiting', 'completed', 'canceled', 'expired')", name="ck_upload_state"),
        sa.CheckConstraint("size > 0", name="ck_upload_size"),
    )
    op.create_index("ix_upload_expires_at", "upload", ["expires_at"], postgresql_where=sa.text("state = 'waiting'"))


def create_asset() -> None:
    """Media whose bytes have arrived."""
    op.create_table(
        "asset",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("upload_id", ID, nullable=False),
        sa.Column("status", sa.Text, nullable=False, server_default="uploaded"),
        sa.Column("error_code", sa.Text, comment="why it failed"),
        sa.Column("probing_since", TIME, comment="who probes has it for a while from then"),
        sa.Column("filename", sa.Text, nullable=False),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("size", BIG, nullable=False, comment="bytes"),
        sa.Column("sha256", sa.Text, comment="hex, as measured"),
        sa.Column("key", sa.Text, nullable=False, comment="in the object store"),
        sa.Column("created_at", TIME, nullable=False, server_default=CLOCK),
        sa.Column("kind", sa.Text, comment="what is below is known when ready"),
        sa.Column("duration", BIG, comment="ticks; null for a still"),
        sa.Column("width", sa.Integer, comment="pixels, upright"),
        sa.Column("height", sa.Integer, comment="pixels, upright"),
        sa.Column("rotation", sa.Integer, comment="clockwise degrees to turn a decoded frame by"),
        sa.Column("rate_num", sa.Integer),
        sa.Column("rate_den", sa.Integer),
        sa.Column("variable_rate", sa.Boolean),
        sa.Column("frame_count", BIG),
        sa.Column("video_start", BIG, comment="ticks, by the container's clock"),
        sa.Column("has_audio", sa.Boolean),
        sa.Column("audio_rate", sa.Integer, comment="samples per second"),
        sa.Column("channels", sa.Integer),
        sa.Column("audio_start", BIG, comment="ticks, by the container's clock"),
        sa.Column("audio_duration", BIG, comment="ticks"),
        sa.Column("colour", JSONB, comment="primaries, transfer, matrix, range"),
        sa.Column("encoding", JSONB, comment="container, codecs, pixel format and aspect, average rate"),
        sa.Column("keyframes", ARRAY(sa.Integer), comment="numbers of the frames where decoding can begin"),
        sa.PrimaryKeyConstraint("id", name="pk_asset"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_asset_workspace_id_id"),
        sa.UniqueConstraint("upload_id", name="uq_asset_upload_id"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_asset_workspace_id"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "upload_id"], ["upload.workspace_id", "upload.id"], name="fk_asset_workspace_id_upload_id"
        ),
        sa.CheckConstraint("status in ('uploaded', 'probing', 'ready', 'failed')", name="ck_asset_status"),
        sa.CheckConstraint("kind in ('video', 'audio', 'image')", name="ck_asset_kind"),
        sa.CheckConstraint("(status = 'failed') = (error_code is not null)", name="ck_asset_error"),
        sa.CheckConstraint("(status = 'ready') = (kind is not null)", name="ck_asset_ready"),
    )
    op.create_index("ix_asset_workspace_id_created_at", "asset", ["workspace_id", "created_at"])
    op.create_index(
        "ix_asset_probing", "asset", ["created_at"], postgresql_where=sa.text("status in ('uploaded', 'probing')")
    )


def create_function() -> None:
    """What must be known before a transaction can be bound to a workspace."""
    for table in ("upload", "asset"):
        op.execute(f"grant select (id, workspace_id) on {table} to timeline_owner")
        op.execute(f"create policy {table}_lookup on {table} for select to timeline_owner using (true)")
    op.execute("grant create on schema public to timeline_owner")
    functions.create("media_workspace_v1")
    functions.entrust("media_workspace", execute=("timeline_app", "timeline_worker"))
    op.execute("revoke create on schema public from timeline_owner")
