"""Say what a timeline's length is like, so that a gesture id is looked up in its own index.

Revision: 20261120_1050, after 20261120_1040.

Where most timelines are short, ANALYZE finds about one event in each; the planner then thinks the primary key's prefix
as good as the unique index of gesture ids, takes either, and on a long timeline reads all of its events for every id.
The same goes for a plan that a connection made while the table was nearly empty, and keeps.
"""

from alembic import op

revision = "20261120_1050"
down_revision = "20261120_1040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """About a thousand events for each timeline, whatever a sample says (from the next ANALYZE on); no plan is kept."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("alter table timeline_event alter column timeline_id set (n_distinct = -0.001)")
    # Planning costs 0.1 ms a call; a kept plan cost 5 ms and more, growing with the timeline.
    op.execute("alter function append_events set plan_cache_mode = force_custom_plan")


def downgrade() -> None:
    """Forward only: see migrations/README.md."""
    raise NotImplementedError("migrations go forward only; write a new one")
