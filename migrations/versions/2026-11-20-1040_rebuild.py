"""What a rebuild needs: to write a projection anew, and to hold a head as a worker.

Revision: 20261120_1040, after 20261120_1030.
"""

from alembic import op

from migrations import functions

revision = "20261120_1040"
down_revision = "20261120_1030"
branch_labels = None
depends_on = None

APP, WORKER = "timeline_app", "timeline_worker"


def upgrade() -> None:
    """Apply."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    # Rows about records that the log does not know have to go.
    op.execute("grant delete on timeline_record to timeline_owner")
    op.execute("grant create on schema public to timeline_owner")
    functions.create("rewrite_timeline_v1")
    functions.entrust("rewrite_timeline", execute=(APP, WORKER))
    op.execute("revoke create on schema public from timeline_owner")
    op.execute(f"grant execute on function lock_head to {WORKER}")


def downgrade() -> None:
    """Forward only: see migrations/README.md."""
    raise NotImplementedError("migrations go forward only; write a new one")
