"""Payloads of paste: records as an answer shows them, of the timeline itself or of another one."""

from typing import Any

from hypothesis import strategies as st

from projections import view
from tests.strategies.gestures.structure import clip_ids, ways
from tests.strategies.parts import Payload, fresh, ids, living, positions, seldom
from tests.strategies.payloads import payload, some
from timeline_service.domain import copying
from timeline_service.domain.state import State


def clipboard(state: State, chosen: list[str], *, nests: bool = True) -> dict[str, list[dict[str, Any]]]:
    """What a client copies: clips or captions with all that is in them, the sequences that they show, their tracks."""
    wanted: list[str] = []
    for id in chosen:
        wanted += [row.id for row in copying.tree(state, id)]
        shown = state.records[id].value.get("media", {}).get("sequence_id")
        if nests and shown is not None and state.find(shown) is not None:
            wanted.append(shown)
            for track in state.inside(shown, "track"):
                clips = state.inside(track.id, "clip")
                wanted += [track.id, *(row.id for clip in clips for row in copying.tree(state, clip.id))]
    wanted += [row.id for row in copying.transitions_among(state, wanted)]
    wanted += [track.id for track in state.inside(None, "track")]
    lists: dict[str, list[dict[str, Any]]] = {}
    for id in dict.fromkeys(wanted):
        record = state.records[id]
        lists.setdefault(view.LISTS[record.kind], []).append(view.nested(record))
    return lists


@payload
def paste(draw: st.DrawFn, state: State) -> Payload:
    living_ids = [id for id in draw(clip_ids(state)) if state.find(id, "clip") is not None]
    captions = living(state, "caption")
    if captions and draw(seldom(False, True)):
        living_ids.append(draw(st.sampled_from(captions)))
    records = clipboard(state, living_ids)
    if draw(seldom(False, True)) and "clips" in records:  # as if it came from a timeline with other tracks
        for track in records.get("tracks", []):
            track["id"] = f"other-{track['id']}"
        for item in (*records["clips"], *records.get("captions", [])):
            item["track_id"] = f"other-{item['track_id']}"
    payload = {"records": records, "at": draw(positions(state)), **draw(ways())}
    return some(
        draw,
        payload,
        id_map=st.dictionaries(st.sampled_from(living_ids or ["x"]), fresh(state), max_size=1),
        track_map=st.dictionaries(ids(state, "track"), ids(state, "track"), max_size=1),
    )
