"""`timeline-service token`: a token of the development issuer, and whatever its first use needs."""

import asyncio
from uuid import UUID

from timeline_service.access import roles, service, tokens
from timeline_service.kit import database, errors
from timeline_service.settings import Settings


def issue(settings: Settings, subject: str, workspace: UUID | None, role: str | None) -> str:
    """A token for `subject`. Blocking.

    First use makes the person and, unless they are in a workspace already, a personal one. With `workspace` the person
    becomes a member there, as `role` (editor where none is given). Raises RuntimeError with what to do about it.
    """
    return asyncio.run(issue_token(settings, subject, workspace, role))


async def issue_token(settings: Settings, subject: str, workspace: UUID | None = None, role: str | None = None) -> str:
    """`issue` for callers that have an event loop."""
    _check(subject, workspace, role)
    issuer = tokens.development_issuer(settings)
    engine = database.create_engine(settings.database.url, pool_size=1, application_name="token")
    try:
        access = service.Access(engine, tokens.create_verifier(settings))
        actor = await access.authenticate(issuer.sign(subject))
        if workspace is not None:
            await _join(access, actor, workspace, role)
        elif not await access.workspaces(actor):
            await access.create_workspace(actor, f"{subject}'s workspace")
        return issuer.sign(subject)
    finally:
        await engine.dispose()


def _check(subject: str, workspace: UUID | None, role: str | None) -> None:
    if not 0 < len(subject) <= tokens.MAX_CLAIM:
        raise RuntimeError(f"a subject has 1 to {tokens.MAX_CLAIM} characters")
    if role is not None and role not in roles.ROLES:
        raise RuntimeError(f"no such role: {role}; there are {', '.join(roles.ROLES)}")
    if role is not None and workspace is None:
        raise RuntimeError("a role is held in a workspace: say which with --workspace")


async def _join(access: service.Access, actor: service.Actor, workspace: UUID, role: str | None) -> None:
    if role is None and any(mine.id == workspace for mine in await access.workspaces(actor)):
        return
    chosen = next(known for known in roles.ROLES if known == (role or "editor"))
    try:
        await access.put_member(workspace, actor.id, chosen)
    except errors.NotFound as missing:
        raise RuntimeError(f"there is no workspace {workspace}") from missing
