"""Tables of jobs: the truth about each, what an export is beside it, and what is yet to be handed to the queue."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from timeline_service.kit.metadata import metadata

UUID = postgresql.UUID(as_uuid=True)
TIME = sa.DateTime(timezone=True)
CLOCK = sa.text("clock_timestamp()")
HEAD_KEY = ["timeline_head.timeline_id", "timeline_head.workspace_id"]
OPEN_OR_DONE = sa.text("state in ('queued', 'running', 'completed')")

job = sa.Table(
    "job",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("workspace_id", UUID, sa.ForeignKey("workspace.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="queued"),
    sa.Column("phase", sa.Text, nullable=False, server_default="queued"),
    sa.Column("progress", sa.Double, nullable=False, server_default="0", comment="0 to 1, never goes back"),
    sa.Column("frames_done", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("frames_total", sa.BigInteger),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="1"),
    sa.Column("max_attempts", sa.Integer, nullable=False),
    sa.Column("request_hash", sa.LargeBinary, nullable=False, comment="same hash, same artifact"),
    sa.Column("lease_owner", sa.Text),
    sa.Column("lease_until", TIME),
    sa.Column("fencing_token", sa.BigInteger, nullable=False, server_default="0", comment="grows with each claim"),
    sa.Column("cancel_requested", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("error_code", sa.Text),
    sa.Column("error_message", sa.Text),
    sa.Column("error_retryable", sa.Boolean),
    sa.Column("error_details", postgresql.JSONB),
    sa.Column("renderer_handle", postgresql.JSONB, comment="what the renderer answered, to find its call again"),
    sa.Column("revision", sa.BigInteger, nullable=False, server_default="1", comment="grows with each change"),
    sa.Column("created_by", UUID, nullable=False),
    sa.Column("created_at", TIME, nullable=False, server_default=CLOCK),
    sa.Column("started_at", TIME),
    sa.Column("finished_at", TIME),
    sa.Column("updated_at", TIME, nullable=False, server_default=CLOCK),
    sa.UniqueConstraint("id", "workspace_id"),
    sa.CheckConstraint("kind in ('export')", name="kind"),
    sa.CheckConstraint("state in ('queued', 'running', 'completed', 'failed', 'canceled')", name="state"),
    sa.CheckConstraint("progress between 0 and 1", name="progress"),
    sa.CheckConstraint("attempt between 1 and max_attempts", name="attempt"),
    sa.CheckConstraint("(state = 'running') = (lease_until is not null)", name="lease"),
    sa.CheckConstraint("state <> 'failed' or error_code is not null", name="error"),
    sa.Index(
        "uq_job_workspace_id_request_hash", "workspace_id", "request_hash", unique=True, postgresql_where=OPEN_OR_DONE
    ),
    sa.Index("ix_job_lease_until", "lease_until", postgresql_where=sa.text("state = 'running'")),
    sa.Index("ix_job_workspace_id_created_at", "workspace_id", "created_at"),
    comment="the truth about a unit of work; the queue only executes it",
)

export = sa.Table(
    "export",
    metadata,
    sa.Column("job_id", UUID, nullable=False),
    sa.Column("workspace_id", UUID, nullable=False),
    sa.Column("timeline_id", UUID, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("preset", sa.Text, nullable=False),
    sa.Column("preset_values", postgresql.JSONB, nullable=False, comment="the preset as it was when it was asked for"),
    sa.Column("engine_version", sa.Text, nullable=False),
    sa.Column("artifact_key", sa.Text),
    sa.Column("filename", sa.Text),
    sa.Column("content_type", sa.Text),
    sa.Column("size", sa.BigInteger, comment="bytes"),
    sa.Column("sha256", sa.Text, comment="hex"),
    sa.Column("duration", sa.BigInteger, comment="ticks"),
    sa.Column("frames", sa.BigInteger),
    sa.Column("report", postgresql.JSONB, comment="what could not be shown as asked"),
    sa.PrimaryKeyConstraint("job_id"),
    sa.ForeignKeyConstraint(["job_id", "workspace_id"], ["job.id", "job.workspace_id"]),
    sa.ForeignKeyConstraint(
        ["timeline_id", "workspace_id"], ["timeline_head.timeline_id", "timeline_head.workspace_id"]
    ),
    sa.CheckConstraint("version > 0", name="version"),
    sa.CheckConstraint("(artifact_key is null) = (sha256 is null)", name="artifact"),
    sa.Index("ix_export_timeline_id", "timeline_id", "version"),
    comment="what an export job renders, and what came of it",
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", UUID, primary_key=True, server_default=sa.text("gen_random_uuid()")),
    sa.Column("workspace_id", UUID, nullable=False),
    sa.Column("job_id", UUID, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("created_at", TIME, nullable=False, server_default=CLOCK),
    sa.Column("available_at", TIME, nullable=False, server_default=CLOCK, comment="not to be handed over before"),
    sa.Column("sent_at", TIME, comment="last handed to the queue"),
    sa.UniqueConstraint("job_id", "attempt"),
    sa.ForeignKeyConstraint(["job_id", "workspace_id"], ["job.id", "job.workspace_id"]),
    sa.Index("ix_outbox_created_at", "created_at"),
    comment="attempts that the queue is to run; written with the job, removed when the attempt is over",
)
