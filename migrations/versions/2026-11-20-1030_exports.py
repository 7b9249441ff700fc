"""Jobs, exports, and the outbox that hands their attempts to the queue.

Revision: 20261120_1030, after 20261120_1020.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

from migrations import functions, row_security

revision = "20261120_1030"
down_revision = "20261120_1020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger
ID = UUID(as_uuid=True)
TIME = sa.DateTime(timezone=True)
CLOCK = sa.text("clock_timestamp()")
APP, WORKER = "timeline_app", "timeline_worker"
JOB_KEY = ["job.id", "job.workspace_id"]
HEAD_KEY = ["timeline_head.timeline_id", "timeline_head.workspace_id"]


def upgrade() -> None:
    """Apply."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    create_job()
    create_export()
    create_outbox()
    for table in ("job", "export", "outbox"):
        row_security.isolate(table)
        op.execute(f"grant select, insert, update on {table} to {APP}, {WORKER}")
    # A canceled job takes its waiting attempt with it, whoever cancels.
    op.execute(f"grant delete on outbox to {APP}, {WORKER}")
    create_functions()


def downgrade() -> None:
    """Forward only: see migrations/README.md."""
    raise NotImplementedError("migrations go forward only; write a new one")


def create_job() -> None:
    """The truth about each unit of work."""
    op.create_table(
        "job",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="queued"),
        sa.Column("phase", sa.Text, nullable=False, server_default="queued"),
        sa.Column("progress", sa.Double, nullable=False, server_default="0", comment="0 to 1, never goes back"),
        sa.Column("frames_done", BIG, nullable=False, server_default="0"),
        sa.Column("frames_total", BIG),
        sa.Column("attempt", sa.Integer, nullable=False, server_default="1"),
        sa.Column("max_attempts", sa.Integer, nullable=False),
        sa.Column("request_hash", sa.LargeBinary, nullable=False, comment="same hash, same artifact"),
        sa.Column("lease_owner", sa.Text),
        sa.Column("lease_until", TIME),
        sa.Column("fencing_token", BIG, nullable=False, server_default="0", comment="grows with each claim"),
        sa.Column("cancel_requested", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("error_code", sa.Text),
        sa.Column("error_message", sa.Text),
        sa.Column("error_retryable", sa.Boolean),
        sa.Column("error_details", JSONB),
        sa.Column("renderer_handle", JSONB, comment="what the renderer answered, to find its call again"),
        sa.Column("revision", BIG, nullable=False, server_default="1", comment="grows with each change"),
        sa.Column("created_by", ID, nullable=False),
        sa.Column("created_at", TIME, nullable=False, server_default=CLOCK),
        sa.Column("started_at", TIME),
        sa.Column("finished_at", TIME),
        sa.Column("updated_at", TIME, nullable=False, server_default=CLOCK),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("id", "workspace_id", name="uq_job_id_workspace_id"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_job_workspace_id"),
        sa.CheckConstraint("kind in ('export')", name="ck_job_kind"),
        sa.CheckConstraint("state in ('queued', 'running', 'completed', 'failed', 'canceled')", name="ck_job_state"),
        sa.CheckConstraint("progress between 0 and 1", name="ck_job_progress"),
        sa.CheckConstraint("attempt between 1 and max_attempts", name="ck_job_attempt"),
        sa.CheckConstraint("(state = 'running') = (lease_until is not null)", name="ck_job_lease"),
        sa.CheckConstraint("state <> 'failed' or error_code is not null", name="ck_job_error"),
        comment="the truth about a unit of work; the queue only executes it",
    )
    op.create_index(
        "uq_job_workspace_id_request_hash",
        "job",
        ["workspace_id", "request_hash"],
        unique=True,
        postgresql_where=sa.text("state in ('queued', 'running', 'completed')"),
    )
    op.create_index("ix_job_lease_until", "job", ["lease_until"], postgresql_where=sa.text("state = 'running'"))
    op.create_index("ix_job_workspace_id_created_at", "job", ["workspace_id", "created_at"])


def create_export() -> None:
    """What an export job renders, and what came of it."""
    op.create_table(
        "export",
        sa.Column("job_id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("timeline_id", ID, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("preset", sa.Text, nullable=False),
        sa.Column("preset_values", JSONB, nullable=False, comment="the preset as it was when it was asked for"),
        sa.Column("engine_version", sa.Text, nullable=False),
        sa.Column("artifact_key", sa.Text),
        sa.Column("filename", sa.Text),
        sa.Column("content_type", sa.Text),
        sa.Column("size", BIG, comment="bytes"),
        sa.Column("sha256", sa.Text, comment="hex"),
        sa.Column("duration", BIG, comment="ticks"),
        sa.Column("frames", BIG),
        sa.Column("report", JSONB, comment="what could not be shown as asked"),
        sa.PrimaryKeyConstraint("job_id", name="pk_export"),
        sa.ForeignKeyConstraint(["job_id", "workspace_id"], JOB_KEY, name="fk_export_job_id_workspace_id"),
        sa.ForeignKeyConstraint(["timeline_id", "workspace_id"], HEAD_KEY, name="fk_export_timeline_id_workspace_id"),
        sa.CheckConstraint("version > 0", name="ck_export_version"),
        sa.CheckConstraint("(artifact_key is null) = (sha256 is null)", name="ck_export_artifact"),
        comment="what an export job renders, and what came of it",
    )
    op.create_index("ix_export_timeline_id", "export", ["timeline_id", "version"])


def create_outbox() -> None:
    """What is yet to be handed to the queue: one row per attempt."""
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False, server_default=sa.text("gen_random_uuid()")),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("job_id", ID, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False, server_default=CLOCK),
        sa.Column("available_at", TIME, nullable=False, server_default=CLOCK, comment="not to be handed over before"),
        sa.Column("sent_at", TIME, comment="last handed to the queue"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("job_id", "attempt", name="uq_outbox_job_id_attempt"),
        sa.ForeignKeyConstraint(["job_id", "workspace_id"], JOB_KEY, name="fk_outbox_job_id_workspace_id"),
        comment="attempts that the queue is to run; written with the job, removed when the attempt is over",
    )
    op.create_index("ix_outbox_created_at", "outbox", ["created_at"])


def create_functions() -> None:
    """What must be known before a transaction can be bound to a workspace, and who comes next, over all of them."""
    op.execute("grant select on job to timeline_owner")
    op.execute("create policy job_lookup on job for select to timeline_owner using (true)")
    op.execute("grant create on schema public to timeline_owner")
    functions.create("job_workspace_v1")
    functions.entrust("job_workspace", execute=(APP,))
    op.execute("revoke create on schema public from timeline_owner")
    functions.create("release_attempts_v1")
    op.execute("revoke execute on function release_attempts from public")
    op.execute(f"grant execute on function release_attempts to {WORKER}")
