"""Tables of who may do what."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from timeline_service.kit.metadata import metadata

workspace = sa.Table(
    "workspace",
    metadata,
    sa.Column("id", postgresql.UUID(as_uuid=True), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
)

person = sa.Table(
    "person",
    metadata,
    sa.Column("id", postgresql.UUID(as_uuid=True), primary_key=True),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
    sa.UniqueConstraint("issuer", "subject"),
    comment="who a token speaks for; events hold the id, never the name",
)

member = sa.Table(
    "member",
    metadata,
    sa.Column("workspace_id", postgresql.UUID(as_uuid=True), sa.ForeignKey("workspace.id"), nullable=False),
    sa.Column("person_id", postgresql.UUID(as_uuid=True), sa.ForeignKey("person.id"), nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
    sa.PrimaryKeyConstraint("workspace_id", "person_id"),
    sa.CheckConstraint("role in ('owner', 'editor', 'reviewer', 'viewer')", name="role"),
    sa.Index("ix_member_person_id", "person_id"),
    comment="who may do what where",
)
