"""Tables of uploads and assets."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from timeline_service.kit.metadata import metadata

UUID = postgresql.UUID(as_uuid=True)
TIME = sa.DateTime(timezone=True)
CLOCK = sa.text("clock_timestamp()")

upload = sa.Table(
    "upload",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("workspace_id", UUID, sa.ForeignKey("workspace.id"), nullable=False),
    sa.Column("actor_id", UUID, nullable=False),
    sa.Column("filename", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False, comment="bytes, as announced"),
    sa.Column("sha256", sa.Text, comment="hex, as announced"),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False, comment="in the object store"),
    sa.Column("multipart_id", sa.Text, comment="the store's name of the multipart upload; null for a single PUT"),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("reason", sa.Text, comment="the code of what was wrong, when canceled by the service"),
    sa.Column("created_at", TIME, nullable=False, server_default=CLOCK),
    sa.Column("expires_at", TIME, nullable=False),
    sa.UniqueConstraint("workspace_id", "id"),
    sa.CheckConstraint("state in ('waiting', 'completed', 'canceled', 'expired')", name="state"),
    sa.CheckConstraint("size > 0", name="size"),
    sa.Index("ix_upload_expires_at", "expires_at", postgresql_where=sa.text("state = 'waiting'")),
)

asset = sa.Table(
    "asset",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("workspace_id", UUID, sa.ForeignKey("workspace.id"), nullable=False),
    sa.Column("upload_id", UUID, nullable=False),
    sa.Column("status", sa.Text, nullable=False, server_default="uploaded"),
    sa.Column("error_code", sa.Text, comment="why it failed"),
    sa.Column("probing_since", TIME, comment="who probes has it for a while from then"),
    sa.Column("filename", sa.Text, nullable=False),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False, comment="bytes"),
    sa.Column("sha256", sa.Text, comment="hex, as measured"),
    sa.Column("key", sa.Text, nullable=False, comment="in the object store"),
    sa.Column("created_at", TIME, nullable=False, server_default=CLOCK),
    sa.Column("kind", sa.Text, comment="what is below is known when ready"),
    sa.Column("duration", sa.BigInteger, comment="ticks; null for a still"),
    sa.Column("width", sa.Integer, comment="pixels, upright"),
    sa.Column("height", sa.Integer, comment="pixels, upright"),
    sa.Column("rotation", sa.Integer, comment="clockwise degrees to turn a decoded frame by"),
    sa.Column("rate_num", sa.Integer),
    sa.Column("rate_den", sa.Integer),
    sa.Column("variable_rate", sa.Boolean),
    sa.Column("frame_count", sa.BigInteger),
    sa.Column("video_start", sa.BigInteger, comment="ticks, by the container's clock"),
    sa.Column("has_audio", sa.Boolean),
    sa.Column("audio_rate", sa.Integer, comment="samples per second"),
    sa.Column("channels", sa.Integer),
    sa.Column("audio_start", sa.BigInteger, comment="ticks, by the container's clock"),
    sa.Column("audio_duration", sa.BigInteger, comment="ticks"),
    sa.Column("colour", postgresql.JSONB, comment="primaries, transfer, matrix, range"),
    sa.Column("encoding", postgresql.JSONB, comment="container, codecs, pixel format and aspect, average rate"),
    sa.Column("keyframes", postgresql.ARRAY(sa.Integer), comment="numbers of the frames where decoding can begin"),
    sa.UniqueConstraint("workspace_id", "id"),
    sa.UniqueConstraint("upload_id"),
    sa.ForeignKeyConstraint(["workspace_id", "upload_id"], ["upload.workspace_id", "upload.id"]),
    sa.CheckConstraint("status in ('uploaded', 'probing', 'ready', 'failed')", name="status"),
    sa.CheckConstraint("kind in ('video', 'audio', 'image')", name="kind"),
    sa.CheckConstraint("(status = 'failed') = (error_code is not null)", name="error"),
    sa.CheckConstraint("(status = 'ready') = (kind is not null)", name="ready"),
    sa.Index("ix_asset_workspace_id_created_at", "workspace_id", "created_at"),
    sa.Index("ix_asset_probing", "created_at", postgresql_where=sa.text("status in ('uploaded', 'probing')")),
)
