"""Who is asking, and what they may do where. Roles are checked here, per command, and not per route.

actor = await access.authenticate(token)
grant = await access.grant(actor, timeline_id, "edit")      # then work in grant.workspace_id
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from timeline_service.access import roles, tables, tokens
from timeline_service.kit import clock, database, errors

ROLE_CACHE_S = 2.0
"""With the time between two looks at an open stream it makes less than the five seconds that are promised."""
PERSON_CACHE_S = 300.0
CACHE_SIZE = 10_000

_TIMELINE_WORKSPACE = "select workspace_id, role from timeline_workspace($1, $2)"
_PERSON_WORKSPACES = sa.text("select workspace_id, name, role, created_at from person_workspaces(:person)").columns(
    sa.column("workspace_id", sa.Uuid),
    sa.column("name", sa.Text),
    sa.column("role", sa.Text),
    sa.column("created_at", sa.DateTime(timezone=True)),
)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Actor:
    """A person with a valid token; `id` is what events hold."""

    id: UUID
    subject: str
    name: str
    token_expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Grant:
    """That an actor may: in which workspace, by which role."""

    workspace_id: UUID
    role: str

    def may(self, permission: str) -> bool:
        """Whether the role allows more than what was asked for."""
        return roles.may(self.role, permission)


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace as one of its members sees it."""

    id: UUID
    name: str
    role: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a workspace."""

    person_id: UUID
    subject: str
    name: str
    role: str


class _Fresh(Generic[K, V]):
    """Values that are believed for some seconds; the oldest go when there are too many."""

    def __init__(self, lifetime_s: float, clock: Callable[[], float]) -> None:
        self._lifetime_s = lifetime_s
        self._clock = clock
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        entry = self._entries.get(key)
        return entry[1] if entry is not None and self._clock() < entry[0] else None

    def put(self, key: K, value: V) -> None:
        self._entries[key] = (self._clock() + self._lifetime_s, value)
        self._entries.move_to_end(key)
        if len(self._entries) > CACHE_SIZE:
            self._entries.popitem(last=False)

    def forget(self, belongs: Callable[[K], bool]) -> None:
        for key in [key for key in self._entries if belongs(key)]:
            del self._entries[key]


class Access:
    """Authentication and authorisation over PostgreSQL. Roles are believed for two seconds."""

    def __init__(
        self, engine: AsyncEngine, verifier: tokens.Verifier, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._verifier = verifier
        self._people: _Fresh[tuple[str, str], tuple[UUID, str]] = _Fresh(PERSON_CACHE_S, clock)
        # Keyed (person, timeline) and (person, workspace); both are UUIDs of their own.
        self._grants: _Fresh[tuple[UUID, UUID], Grant] = _Fresh(ROLE_CACHE_S, clock)

    async def authenticate(self, token: str) -> Actor:
        """Whom the token speaks for; a person who comes for the first time is entered. Raises Unauthenticated."""
        claims = await self._verifier.verify(token)
        key = (claims.issuer, claims.subject)
        known = self._people.get(key)
        if known is None:
            known = await self.enter(*key, claims.name)
            self._people.put(key, known)
        return Actor(known[0], claims.subject, known[1], claims.expires_at)

    async def enter(self, issuer: str, subject: str, name: str) -> tuple[UUID, str]:
        """The id and name of a person, who is made if unknown and renamed if the provider says so."""

        async def work(connection: AsyncConnection) -> tuple[UUID, str]:
            person = tables.person
            mine = (person.c.issuer == issuer) & (person.c.subject == subject)
            found = (await connection.execute(sa.select(person.c.id, person.c.name).where(mine))).one_or_none()
            if found is None:
                row = {"id": clock.new_id(), "issuer": issuer, "subject": subject, "name": name}
                await connection.execute(insert(person).values(row).on_conflict_do_nothing())
                found = (await connection.execute(sa.select(person.c.id, person.c.name).where(mine))).one()
            if found.name != name:
                await connection.execute(sa.update(person).where(mine).values(name=name))
            return found.id, name

        return await database.run_transaction(self._engine, work)

    async def grant(self, actor: Actor, timeline_id: UUID, permission: str) -> Grant:
        """May the actor do this to the timeline? NotFound unless a member of its workspace, Forbidden by role."""
        found = self._grants.get((actor.id, timeline_id))
        if found is None:
            found = await self._look_up(actor.id, timeline_id)
            if found is None:
                raise errors.NotFound("There is no such timeline, or it is not yours.", code="timeline_missing")
            self._grants.put((actor.id, timeline_id), found)
        return _allowed(found, permission)

    async def grant_workspace(self, actor: Actor, workspace_id: UUID, permission: str) -> Grant:
        """May the actor do this in the workspace? NotFound unless a member, Forbidden by role."""
        found = self._grants.get((actor.id, workspace_id))
        if found is None:
            role = await self._role(actor.id, workspace_id)
            if role is None:
                raise errors.NotFound("There is no such workspace, or it is not yours.", code="workspace_missing")
            found = Grant(workspace_id, role)
            self._grants.put((actor.id, workspace_id), found)
        return _allowed(found, permission)

    async def create_workspace(self, actor: Actor, name: str) -> Workspace:
        """A new workspace; the actor is its owner."""
        workspace_id = clock.new_id()

        async def work(connection: AsyncConnection) -> datetime:
            # Run again after a lost answer, it finds its own row.
            made = insert(tables.workspace).values(id=workspace_id, name=name).on_conflict_do_nothing()
            await connection.execute(made)
            await connection.execute(_membership(workspace_id, actor.id, "owner"))
            row = await connection.execute(
                sa.select(tables.workspace.c.created_at).where(tables.workspace.c.id == workspace_id)
            )
            made_at: datetime = row.scalar_one()
            return made_at

        created_at = await database.run_transaction(self._engine, work, workspace_id=workspace_id)
        return Workspace(workspace_id, name, "owner", created_at)

    async def workspaces(self, actor: Actor) -> list[Workspace]:
        """Where the actor is a member, oldest first."""

        async def work(connection: AsyncConnection) -> list[Workspace]:
            rows = await connection.execute(_PERSON_WORKSPACES, {"person": actor.id})
            return [Workspace(row.workspace_id, row.name, row.role, row.created_at) for row in rows]

        return await database.run_transaction(self._engine, work)

    async def workspaces_of(self, actor: Actor) -> list[UUID]:
        """The ids of the same."""
        return [workspace.id for workspace in await self.workspaces(actor)]

    async def members(self, actor: Actor, workspace_id: UUID) -> list[Member]:
        """Who is in the workspace."""
        await self.grant_workspace(actor, workspace_id, "read")

        async def work(connection: AsyncConnection) -> list[Member]:
            person, member = tables.person, tables.member
            query = (
                sa.select(person.c.id, person.c.subject, person.c.name, member.c.role)
                .join(person, person.c.id == member.c.person_id)
                .where(member.c.workspace_id == workspace_id)
                .order_by(member.c.created_at, person.c.id)
            )
            return [Member(*row) for row in await connection.execute(query)]

        return await database.run_transaction(self._engine, work, workspace_id=workspace_id)

    async def set_member(self, actor: Actor, workspace_id: UUID, person_id: UUID, role: roles.Role) -> None:
        """Give a person a role. Only owners; the last owner stays one (`last_owner`)."""
        await self.grant_workspace(actor, workspace_id, "manage")
        await self.put_member(workspace_id, person_id, role)

    async def put_member(self, workspace_id: UUID, person_id: UUID, role: roles.Role) -> None:
        """The same without asking: for the command line, whose user has the database anyway."""

        async def work(connection: AsyncConnection) -> None:
            member, person, workspace = tables.member, tables.person, tables.workspace
            known = await connection.execute(sa.select(person.c.id).where(person.c.id == person_id))
            if known.one_or_none() is None:
                raise errors.NotFound("There is no such person.", code="person_missing")
            known = await connection.execute(sa.select(workspace.c.id).where(workspace.c.id == workspace_id))
            if known.one_or_none() is None:
                raise errors.NotFound("There is no such workspace.", code="workspace_missing")
            owners = (
                sa.select(member.c.person_id)
                .where(member.c.workspace_id == workspace_id, member.c.role == "owner")
                .with_for_update()
            )
            if role != "owner" and [row.person_id for row in await connection.execute(owners)] == [person_id]:
                raise errors.Conflict("A workspace has at least one owner.", code="last_owner")
            await connection.execute(_membership(workspace_id, person_id, role))

        await database.run_transaction(self._engine, work, workspace_id=workspace_id)
        self._forget(person_id)

    async def remove_member(self, actor: Actor, workspace_id: UUID, person_id: UUID) -> None:
        """Take a person out of the workspace; open streams of theirs end within seconds."""
        await self.grant_workspace(actor, workspace_id, "manage")
        if person_id == actor.id:
            raise errors.Conflict("Somebody else must take you out.", code="last_owner")

        async def work(connection: AsyncConnection) -> None:
            member = tables.member
            mine = (member.c.workspace_id == workspace_id) & (member.c.person_id == person_id)
            await connection.execute(sa.delete(member).where(mine))

        await database.run_transaction(self._engine, work, workspace_id=workspace_id)
        self._forget(person_id)

    def _forget(self, person_id: UUID) -> None:
        self._grants.forget(lambda key: key[0] == person_id)

    async def _look_up(self, person_id: UUID, timeline_id: UUID) -> Grant | None:
        async def work(raw: database.Driver) -> Grant | None:
            row = await raw.fetchrow(_TIMELINE_WORKSPACE, timeline_id, person_id)
            return None if row is None else Grant(UUID(int=row["workspace_id"].int), row["role"])

        # Every open stream asks this every few seconds.
        return await database.run_driver(self._engine, work, is_spoiled=database.is_unread)

    async def _role(self, person_id: UUID, workspace_id: UUID) -> str | None:
        async def work(connection: AsyncConnection) -> str | None:
            member = tables.member
            mine = (member.c.workspace_id == workspace_id) & (member.c.person_id == person_id)
            return (await connection.execute(sa.select(member.c.role).where(mine))).scalar_one_or_none()

        return await database.run_transaction(self._engine, work, workspace_id=workspace_id)


def _allowed(grant: Grant, permission: str) -> Grant:
    if not roles.may(grant.role, permission):
        raise errors.Forbidden(role=grant.role, permission=permission)
    return grant


def _membership(workspace_id: UUID, person_id: UUID, role: str) -> sa.Executable:
    values = insert(tables.member).values(workspace_id=workspace_id, person_id=person_id, role=role)
    return values.on_conflict_do_update(index_elements=["workspace_id", "person_id"], set_={"role": role})
