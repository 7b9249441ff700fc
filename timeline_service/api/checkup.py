"""A health audit of a cut: flash frames, tiny gaps, missing media, drift, transitions without handles, captions."""

from collections import Counter
from dataclasses import asdict, fields
from fractions import Fraction
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response

from projections import health, health_sync
from projections.health_rules import Limits
from timeline_service.api import answers, aside, deps, problems, wire
from timeline_service.api.rooms import Rooms
from timeline_service.api.routing import Route
from timeline_service.domain.state import State

MAX_FINDINGS: Final = 1000
MAX_RECALLED: Final = 8
"""Links of different media are held against the state in which they were linked: so many old states are read."""
TOLD: Final = {limit.name: limit.metadata["told"] for limit in fields(Limits)}

router = APIRouter(route_class=Route, tags=["history"])


@router.get(
    "/timelines/{timeline_id}/health",
    operation_id="checkHealth",
    response_model=wire.Health,
    responses=problems.documented(401, 404, 422),
)
async def check_health(
    timeline_id: deps.TimelineId,
    actor: deps.Caller,
    rooms: deps.House,
    version: deps.AtVersion = None,
    flash_frames: Annotated[int, Query(ge=0, le=1000, description=TOLD["flash_frames"])] = Limits.flash_frames,
    gap_frames: Annotated[int, Query(ge=0, le=1000, description=TOLD["gap_frames"])] = Limits.gap_frames,
    drift_ticks: Annotated[int, Query(ge=0, le=deps.MAX_VERSION, description=TOLD["drift_ticks"])] = Limits.drift_ticks,
    caption_ms: Annotated[int, Query(ge=0, le=60_000, description=TOLD["caption_ms"])] = Limits.caption_ms,
    caption_cps: Annotated[int, Query(ge=1, le=1000, description=TOLD["caption_cps"])] = Limits.caption_cps,
) -> Response:
    """What may be wrong with the cut, the worst first: codes, records, times in ticks, and what to do about it."""
    grant = await rooms.access.grant(actor, timeline_id, "read")
    state = await rooms.editing.reader.state_at(timeline_id, grant.workspace_id, version)
    limits = Limits(flash_frames, gap_frames, drift_ticks, caption_ms, caption_cps)
    missing = await rooms.assets.missing(sorted(health.asset_ids(state)), grant.workspace_id)
    synced, unchecked = await _recall(rooms, timeline_id, grant.workspace_id, state)
    found = await aside.on(state, health.audit, state, missing, limits, synced)
    answer: dict[str, Any] = {
        "id": timeline_id,
        "version": state.version,
        "limits": asdict(limits),
        "counts": dict(sorted(Counter(finding.code for finding in found).items())),
        "findings": [finding.shown() for finding in found[:MAX_FINDINGS]],
        "truncated": len(found) > MAX_FINDINGS,
        "links_unchecked": unchecked,
    }
    return answers.json(answer)


async def _recall(
    rooms: Rooms, timeline_id: UUID, workspace_id: UUID, state: State
) -> tuple[dict[str, Fraction], list[str]]:
    """What in sync was for links of different media, and the links that are too many to ask about."""
    linked = health_sync.links_to_recall(state)
    versions = sorted(set(linked.values()), reverse=True)[:MAX_RECALLED]
    synced: dict[str, Fraction] = {}
    for version in versions:
        then = await rooms.editing.reader.state_at(timeline_id, workspace_id, version)
        for label in (label for label, at in linked.items() if at == version):
            synced |= health_sync.anchors(then, label)
    return synced, sorted(label for label, at in linked.items() if at not in versions)
