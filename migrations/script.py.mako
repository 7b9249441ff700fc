"""${message}

Revision: ${up_revision}, after ${down_revision | comma,n}. Created ${create_date}.
"""

from alembic import op
import sqlalchemy as sa
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Apply. A lock that is not had in time is given up: a waiting ALTER would stop every reader behind it."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Forward only: see migrations/README.md."""
    raise NotImplementedError("migrations go forward only; write a new one")
