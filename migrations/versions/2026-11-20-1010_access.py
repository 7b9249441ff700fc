"""People, their memberships, and the two functions that look over all workspaces for one person.

Revision: 20261120_1010, after 20261120_1000.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

from migrations import functions, row_security

revision = "20261120_1010"
down_revision = "20261120_1000"
branch_labels = None
depends_on = None

ID = UUID(as_uuid=True)
TIME = sa.DateTime(timezone=True)
CLOCK = sa.text("clock_timestamp()")
APP, WORKER = "timeline_app", "timeline_worker"


def upgrade() -> None:
    """Apply."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    create_person()
    create_member()
    create_functions()


def downgrade() -> None:
    """Forward only: see migrations/README.md."""
    raise NotImplementedError("migrations go forward only; write a new one")


def create_person() -> None:
    """Whom tokens speak for. People belong to no workspace."""
    op.create_table(
        "person",
        sa.Column("id", ID, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False, server_default=CLOCK),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("issuer", "subject", name="uq_person_issuer_subject"),
        comment="who a token speaks for; events hold the id, never the name",
    )
    op.execute(f"grant select, insert on person to {APP}")
    op.execute(f"grant update (name) on person to {APP}")
    op.execute(f"grant select on person to {WORKER}")


def create_member() -> None:
    """Roles of people in workspaces."""
    op.create_table(
        "member",
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False, server_default=CLOCK),
        sa.PrimaryKeyConstraint("workspace_id", "person_id", name="pk_member"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_member_workspace_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_member_person_id"),
        sa.CheckConstraint("role in ('owner', 'editor', 'reviewer', 'viewer')", name="ck_member_role"),
        comment="who may do what where",
    )
    op.create_index("ix_member_person_id", "member", ["person_id"])
    row_security.isolate("member")
    op.execute(f"grant select, insert, update, delete on member to {APP}")
    op.execute(f"grant select on member to {WORKER}")


def create_functions() -> None:
    """What must be known before a transaction can be bound to a workspace."""
    op.execute("grant select on member, workspace to timeline_owner")
    op.execute("create policy member_lookup on member for select to timeline_owner using (true)")
    op.execute("grant create on schema public to timeline_owner")
    for name in ("timeline_workspace", "person_workspaces"):
        functions.create(f"{name}_v1")
        functions.entrust(name, execute=(APP, WORKER))
    op.execute("revoke create on schema public from timeline_owner")
