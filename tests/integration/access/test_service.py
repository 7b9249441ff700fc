"""Access over a real database, as the application's role."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.fixtures_servers import DatabaseUrls
from timeline_service.access import roles, service, tokens, tokens_cli
from timeline_service.kit import clock, database, errors
from timeline_service.settings import Database, Settings


class Seconds:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def settings(tmp_path: Path, database_urls: DatabaseUrls) -> Settings:
    return Settings(data_dir=tmp_path, database=Database(url=database_urls.app))


@pytest.fixture
def access(engine: AsyncEngine, settings: Settings, seconds: Seconds) -> service.Access:
    return service.Access(engine, tokens.create_verifier(settings), clock=seconds)


async def person(access: service.Access, settings: Settings) -> service.Actor:
    """Somebody new."""
    return await access.authenticate(tokens.development_issuer(settings).sign(f"p-{clock.new_id()}"))


async def make_timeline(owner_engine: AsyncEngine, workspace_id: UUID) -> UUID:
    timeline_id = clock.new_id()
    async with owner_engine.begin() as connection:
        await connection.execute(
            sa.text("insert into timeline_head (timeline_id, workspace_id, head_hash) values (:t, :w, sha256('x'))"),
            {"t": timeline_id, "w": workspace_id},
        )
    return timeline_id


async def test_the_same_subject_is_the_same_person(access: service.Access, settings: Settings) -> None:
    issuer = tokens.development_issuer(settings)
    subject = f"p-{clock.new_id()}"
    first = await access.authenticate(issuer.sign(subject, name="One"))
    access._people.forget(lambda _: True)
    again = await access.authenticate(issuer.sign(subject, name="Another"))
    assert first.id == again.id
    assert (first.name, again.name) == ("One", "Another")
    assert again.token_expires_at is not None


async def test_a_workspace_belongs_to_who_made_it(access: service.Access, settings: Settings) -> None:
    alice, bob = await person(access, settings), await person(access, settings)
    workspace = await access.create_workspace(alice, "Film")
    assert await access.workspaces(alice) == [workspace]
    assert await access.workspaces(bob) == []
    assert (await access.grant_workspace(alice, workspace.id, "manage")).role == "owner"
    with pytest.raises(errors.NotFound):
        await access.grant_workspace(bob, workspace.id, "read")
    with pytest.raises(errors.NotFound):
        await access.grant_workspace(bob, clock.new_id(), "read")


async def test_every_role_may_what_the_table_says(
    access: service.Access, settings: Settings, owner_engine: AsyncEngine
) -> None:
    alice = await person(access, settings)
    workspace = await access.create_workspace(alice, "Film")
    timeline_id = await make_timeline(owner_engine, workspace.id)
    for role in roles.ROLES:
        member = await person(access, settings)
        await access.set_member(alice, workspace.id, member.id, role)
        for permission in roles.PERMISSIONS:
            if roles.may(role, permission):
                grant = await access.grant(member, timeline_id, permission)
                assert grant == service.Grant(workspace.id, role)
            else:
                with pytest.raises(errors.Forbidden):
                    await access.grant(member, timeline_id, permission)


async def test_a_timeline_of_others_is_not_there(
    access: service.Access, settings: Settings, owner_engine: AsyncEngine
) -> None:
    alice, bob = await person(access, settings), await person(access, settings)
    timeline_id = await make_timeline(owner_engine, (await access.create_workspace(alice, "Film")).id)
    await access.create_workspace(bob, "Other")
    with pytest.raises(errors.NotFound) as foreign:
        await access.grant(bob, timeline_id, "read")
    with pytest.raises(errors.NotFound) as invented:
        await access.grant(bob, clock.new_id(), "read")
    assert (foreign.value.stable_code, foreign.value.message) == (invented.value.stable_code, invented.value.message)


async def test_a_changed_role_is_believed_after_five_seconds_at_most(
    access: service.Access, settings: Settings, seconds: Seconds, engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    alice, bob = await person(access, settings), await person(access, settings)
    workspace = await access.create_workspace(alice, "Film")
    timeline_id = await make_timeline(owner_engine, workspace.id)
    await access.set_member(alice, workspace.id, bob.id, "editor")
    await access.grant(bob, timeline_id, "edit")
    elsewhere = service.Access(engine, tokens.create_verifier(settings))  # another process
    await elsewhere.set_member(alice, workspace.id, bob.id, "viewer")
    await access.grant(bob, timeline_id, "edit")
    seconds.now += service.ROLE_CACHE_S
    with pytest.raises(errors.Forbidden):
        await access.grant(bob, timeline_id, "edit")
    # In the process that changed it, at once.
    await elsewhere.grant(bob, timeline_id, "read")
    await elsewhere.remove_member(alice, workspace.id, bob.id)
    with pytest.raises(errors.NotFound):
        await elsewhere.grant(bob, timeline_id, "read")


async def test_only_owners_manage_and_the_last_one_stays(access: service.Access, settings: Settings) -> None:
    alice, bob = await person(access, settings), await person(access, settings)
    workspace = await access.create_workspace(alice, "Film")
    await access.set_member(alice, workspace.id, bob.id, "editor")
    with pytest.raises(errors.Forbidden):
        await access.set_member(bob, workspace.id, bob.id, "owner")
    with pytest.raises(errors.Forbidden):
        await access.remove_member(bob, workspace.id, alice.id)
    with pytest.raises(errors.Conflict):
        await access.set_member(alice, workspace.id, alice.id, "viewer")
    with pytest.raises(errors.NotFound):
        await access.set_member(alice, workspace.id, clock.new_id(), "viewer")
    assert [(member.person_id, member.role) for member in await access.members(bob, workspace.id)] == [
        (alice.id, "owner"),
        (bob.id, "editor"),
    ]


async def test_rows_of_other_workspaces_are_out_of_reach(
    access: service.Access, settings: Settings, engine: AsyncEngine
) -> None:
    alice = await person(access, settings)
    mine, other = await access.create_workspace(alice, "A"), await access.create_workspace(alice, "B")
    count = sa.text("select count(*) from member where workspace_id = :w")
    async with database.transaction(engine, workspace_id=mine.id) as connection:
        assert (await connection.execute(count, {"w": mine.id})).scalar_one() == 1
        assert (await connection.execute(count, {"w": other.id})).scalar_one() == 0
    async with database.transaction(engine) as connection:
        assert (await connection.execute(count, {"w": mine.id})).scalar_one() == 0


async def test_the_command_line_makes_person_workspace_and_membership(
    access: service.Access, settings: Settings
) -> None:
    alice = await access.authenticate(await tokens_cli.issue_token(settings, f"a-{clock.new_id()}"))
    [personal] = await access.workspaces(alice)
    assert personal.role == "owner"
    subject = f"b-{clock.new_id()}"
    bob = await access.authenticate(await tokens_cli.issue_token(settings, subject, personal.id, "viewer"))
    assert [(mine.id, mine.role) for mine in await access.workspaces(bob)] == [(personal.id, "viewer")]
    # A later token leaves the role alone unless it names one.
    await tokens_cli.issue_token(settings, subject, personal.id)
    assert [mine.role for mine in await access.workspaces(bob)] == ["viewer"]
    with pytest.raises(RuntimeError):
        await tokens_cli.issue_token(settings, subject, clock.new_id(), "viewer")
    with pytest.raises(RuntimeError):
        await tokens_cli.issue_token(settings, subject, personal.id, "emperor")
    with pytest.raises(RuntimeError):
        await tokens_cli.issue_token(settings, subject, None, "editor")


async def test_an_expired_token_is_refused(access: service.Access, settings: Settings) -> None:
    stale = tokens.development_issuer(settings).sign("carol", lifetime=timedelta(hours=-1))
    with pytest.raises(errors.Unauthenticated):
        await access.authenticate(stale)
