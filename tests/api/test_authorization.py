"""Who may do what: every route of the app with every kind of person. A route without a row here fails the test."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio
from fastapi.routing import iter_route_contexts

from tests.api.conftest import Person, Studio, open_studio, trim
from timeline_service.access import roles, tokens
from timeline_service.assets.values import NewUpload
from timeline_service.kit import clock

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLIC = {
    "/", "/docs", "/docs/oauth2-redirect", "/openapi.json", "/livez", "/readyz", "/.well-known/jwks.json", "/play",
    "/api/v1/asyncapi.json",
}  # fmt: skip
FILES = ("/_blobs/", "/play/")  # the signature is the permission; pages without anything of anybody
OUTSIDERS = ("anonymous", "malformed", "expired", "other owner", "removed")


@dataclass(frozen=True)
class Row:
    """A request that an insider of the role `least` may make; `harmless` ones are not refused to strangers."""

    least: str | None
    body: Callable[["Scene"], Any] | None = None
    query: str = ""


@dataclass
class Scene:
    """A studio with one person of each kind, an upload, an asset and a job."""

    studio: Studio
    people: dict[str, httpx2.AsyncClient]
    upload_id: str
    job_id: str
    member_id: str

    def fill(self, path: str) -> str:
        known = {
            "timeline_id": self.studio.timeline_id,
            "workspace_id": self.studio.workspace_id,
            "clip_id": "c1",
            "upload_id": self.upload_id,
            "asset_id": self.upload_id,  # of no asset: what matters is who learns it
            "job_id": self.job_id,
            "person_id": self.member_id,
        }
        return path.format(**known)


def gestures(scene: Scene) -> Any:
    return {"gestures": [trim("c1")], "dry_run": True}


ROWS: dict[tuple[str, str], Row] = {
    ("POST", "/api/v1/workspaces"): Row(None, lambda scene: {"name": "Mine"}),
    ("GET", "/api/v1/workspaces"): Row(None),
    ("GET", "/api/v1/me"): Row(None),
    ("GET", "/api/v1/workspaces/{workspace_id}/members"): Row("viewer"),
    ("POST", "/api/v1/workspaces/{workspace_id}/members"): Row(
        "owner", lambda scene: {"person_id": scene.member_id, "role": "viewer"}
    ),
    ("DELETE", "/api/v1/workspaces/{workspace_id}/members/{person_id}"): Row("owner"),
    ("POST", "/api/v1/stream-tickets"): Row("viewer", lambda scene: {"timeline_id": scene.studio.timeline_id}),
    ("POST", "/api/v1/timelines"): Row(
        "editor",
        lambda scene: {
            "workspace_id": scene.studio.workspace_id, "rate": {"num": 25, "den": 1}, "width": 64, "height": 64
        },
    ),
    ("GET", "/api/v1/timelines/{timeline_id}"): Row("viewer"),
    ("POST", "/api/v1/timelines/{timeline_id}/gestures"): Row("editor", gestures),
    ("POST", "/api/v1/timelines/{timeline_id}/undo"): Row("editor", lambda scene: {"dry_run": True}),
    ("POST", "/api/v1/timelines/{timeline_id}/redo"): Row("editor", lambda scene: {"dry_run": True}),
    ("POST", "/api/v1/timelines/{timeline_id}/restore"): Row("editor", lambda scene: {"version": 2, "dry_run": True}),
    ("POST", "/api/v1/clips/{clip_id}/actions"): Row(
        "editor",
        lambda scene: {
            "action": "trim",
            "data": {"edge": "end", "delta": -1},
            "dry_run": True,
            "timeline_id": scene.studio.timeline_id,
        },
    ),
    ("GET", "/api/v1/timelines/{timeline_id}/events"): Row("viewer"),
    ("GET", "/api/v1/timelines/{timeline_id}/diff"): Row("viewer", query="?from=1&to=2"),
    ("GET", "/api/v1/timelines/{timeline_id}/blame"): Row("viewer", query="?record=c1"),
    ("GET", "/api/v1/timelines/{timeline_id}/verify"): Row("viewer"),
    ("GET", "/api/v1/timelines/{timeline_id}/health"): Row("viewer"),
    ("GET", "/api/v1/timelines/{timeline_id}/otio"): Row("viewer"),
    ("GET", "/api/v1/timelines/{timeline_id}/interchange"): Row("viewer", query="?format=edl"),
    ("GET", "/api/v1/timelines/{timeline_id}/interchange/report"): Row("viewer", query="?format=svg"),
    ("POST", "/api/v1/timelines/{timeline_id}/import"): Row("editor", lambda scene: {}),
    ("POST", "/api/v1/uploads"): Row(
        "editor",
        lambda scene: {
            "workspace_id": scene.studio.workspace_id, "filename": "a.mp4", "size": 5, "content_type": "video/mp4"
        },
    ),
    ("GET", "/api/v1/uploads/{upload_id}"): Row("editor"),
    ("POST", "/api/v1/uploads/{upload_id}/complete"): Row("editor"),
    ("GET", "/api/v1/assets/{asset_id}"): Row("viewer"),
    ("POST", "/api/v1/exports"): Row(
        "reviewer", lambda scene: {"timeline_id": scene.studio.timeline_id, "preset": "source"}
    ),
    ("GET", "/api/v1/timelines/{timeline_id}/exports"): Row("viewer"),
    ("GET", "/api/v1/jobs/{job_id}"): Row("viewer"),
    ("POST", "/api/v1/jobs/{job_id}/cancel"): Row("reviewer"),
    ("GET", "/api/v1/jobs/{job_id}/events"): Row("viewer"),
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(shared_studio: Studio) -> Scene:
    studio, service = shared_studio, shared_studio.service
    issuer = tokens.development_issuer(service.settings)
    removed = await studio.member("editor")
    await studio.owner.ok("DELETE", f"/api/v1/workspaces/{studio.workspace_id}/members/{removed.id}")
    other = await open_studio(service)
    people = {role: (await studio.member(role)).http for role in roles.ROLES if role != "owner"}
    people |= {"owner": studio.owner.http, "other owner": other.owner.http, "removed": removed.http}
    for name, token in (
        ("anonymous", None),
        ("malformed", "not.a.token"),
        ("expired", issuer.sign("somebody", lifetime=timedelta(hours=-1))),
    ):
        people[name] = await service.connections.enter_async_context(service.client(token))
    upload = await service.rooms.uploads.create(
        NewUpload("a.mp4", 5, "video/mp4"), workspace_id=UUID(studio.workspace_id), actor_id=studio.owner.id
    )
    job = await studio.owner.ok("POST", "/api/v1/exports", json={"timeline_id": studio.timeline_id, "preset": "source"})
    await studio.owner.ok("POST", f"/api/v1/jobs/{job['id']}/cancel")
    victim: Person = await studio.member("viewer")
    return Scene(studio, people, str(upload.id), job["id"], str(victim.id))


def routes(studio: Studio) -> set[tuple[str, str]]:
    """(method, path) of every HTTP route of the app."""
    found = set()
    for context in iter_route_contexts(studio.service.app.routes):
        for method in (context.methods or set()) - {"HEAD"}:
            found.add((method, context.path))
    return {(method, path) for method, path in found if path not in PUBLIC and not path.startswith(FILES)}


async def ask(scene: Scene, name: str, method: str, path: str, row: Row) -> httpx2.Response:
    body = {} if row.body is None else {"json": row.body(scene)}
    return await scene.people[name].request(method, scene.fill(path) + row.query, **body)


async def test_every_route_has_a_row(shared_studio: Studio) -> None:
    assert routes(shared_studio) == set(ROWS)


@pytest.mark.parametrize(("method", "path"), ROWS)
async def test_outsiders_are_kept_out(scene: Scene, method: str, path: str) -> None:
    row = ROWS[method, path]
    before = await stored(scene)
    for name in OUTSIDERS:
        answer = await ask(scene, name, method, path, row)
        if name in {"anonymous", "malformed", "expired"}:
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), (name, answer.text)
        elif row.least is not None:
            assert answer.status_code == 404, (name, answer.status_code, answer.text)
    assert await stored(scene) == before


@pytest.mark.parametrize(("method", "path"), ROWS)
async def test_what_is_not_mine_looks_like_what_never_was(scene: Scene, method: str, path: str) -> None:
    row = ROWS[method, path]
    if row.least is None or "{clip_id}" in path:
        return
    other = scene.people["other owner"]
    foreign = await ask(scene, "other owner", method, path, row)
    invented_scene = Scene(
        Studio(scene.studio.service, scene.studio.owner, str(clock.new_id()), str(clock.new_id())),
        {"other owner": other}, str(clock.new_id()), str(clock.new_id()), scene.member_id,
    )  # fmt: skip
    invented = await ask(invented_scene, "other owner", method, path, row)
    theirs, nobodys = foreign.json()["error"], invented.json()["error"]
    # Nothing but the ids that were asked for may differ.
    assert (foreign.status_code, theirs["code"], theirs["message"]) == (
        invented.status_code, nobodys["code"], nobodys["message"]
    )  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ROWS)
async def test_insiders_may_what_their_role_says(scene: Scene, method: str, path: str) -> None:
    row = ROWS[method, path]
    if row.least is None:
        return
    before = await stored(scene)
    allowed = roles.ROLES[: roles.ROLES.index(row.least) + 1]  # type: ignore[arg-type]
    for role in reversed(roles.ROLES):
        answer = await ask(scene, role, method, path, row)
        if role in allowed:
            assert answer.status_code not in {401, 403}, (role, answer.status_code, answer.text)
            assert answer.status_code < 500
        else:
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden"), (role, answer.text)
    assert (await stored(scene))[0] == before[0]


async def stored(scene: Scene) -> tuple[int, int, int]:
    """Versions, members and jobs: what a refused request must not change."""
    studio = scene.studio
    members = await studio.owner.ok("GET", f"/api/v1/workspaces/{studio.workspace_id}/members")
    jobs = await studio.owner.ok("GET", f"{studio.timeline}/exports")
    return await studio.version(), len(members["items"]), len(jobs["items"])


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YTpi", "bearer x y", "Token x", "Bearer " + "x" * 9000])
async def test_other_credentials_are_none(scene: Scene, header: str) -> None:
    answer = await scene.people["anonymous"].get("/api/v1/me", headers={"authorization": header})
    assert answer.status_code == 401


async def test_the_public_routes_need_nobody(scene: Scene) -> None:
    for path in sorted(PUBLIC - {"/docs/oauth2-redirect"}):
        assert (await scene.people["anonymous"].get(path)).status_code == 200, path


async def test_a_foreign_asset_cannot_be_named_in_a_gesture(scene: Scene, shared_studio: Studio) -> None:
    other = await open_studio(shared_studio.service)
    gesture = {
        "type": "add_clip", "track_id": "v1", "media": {"asset_id": scene.upload_id}, "start": 500, "duration": 5
    }  # fmt: skip
    assert await other.owner.refused("POST", f"{other.timeline}/gestures", json={"gestures": [gesture]}) == (
        409, "media_missing"
    )  # fmt: skip
