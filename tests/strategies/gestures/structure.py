"""Payloads about tracks, transitions, links and groups."""

from typing import Any

from hypothesis import strategies as st

from tests.strategies.parts import Payload, fresh, ids, lengths, living, positions, seldom
from tests.strategies.payloads import payload, some
from timeline_service.domain.state import State

KINDS = st.sampled_from(("dissolve", "wipe", "fade"))


# ---------------------------------------------------------------- transitions
def cuts(state: State) -> list[tuple[str, str]]:
    """Pairs of clips that touch."""
    clips = list(state.living("clip"))
    starts = {(clip.value["track_id"], clip.value["start"]): clip.id for clip in clips}
    ends = ((clip.id, clip.value["track_id"], clip.value["start"] + clip.value["duration"]) for clip in clips)
    return sorted((id, starts[track, end]) for id, track, end in ends if (track, end) in starts)


@st.composite
def _sides(draw: st.DrawFn, state: State) -> Payload:
    found = cuts(state)
    choice = draw(st.integers(0, 5))
    if found and choice > 1:
        left, right = draw(st.sampled_from(found))
        return {"left_id": left, "right_id": right}
    if choice == 0:
        return {"left_id": draw(ids(state, "clip"))}
    if choice == 1:
        return {"right_id": draw(ids(state, "clip"))}
    return {"left_id": draw(ids(state, "clip")), "right_id": draw(ids(state, "clip"))}


@payload
def add_transition(draw: st.DrawFn, state: State) -> Payload:
    sides = draw(_sides(state))
    offsets = {}
    if "left_id" in sides:
        offsets["in_offset"] = draw(lengths(state, 0, 2))
    if "right_id" in sides:
        offsets["out_offset"] = draw(lengths(state, 0, 2))
    return some(draw, sides | offsets, transition_id=fresh(state), kind=KINDS, name=st.just("Soft"))


@payload
def set_transition(draw: st.DrawFn, state: State) -> Payload:
    return some(
        draw,
        {"transition_id": draw(ids(state, "transition"))},
        kind=KINDS,
        in_offset=lengths(state, 0, 3),
        out_offset=lengths(state, 0, 3),
        name=st.sampled_from(("", "Hard")),
    )


@payload
def remove_transition(draw: st.DrawFn, state: State) -> Payload:
    return {"transition_id": draw(ids(state, "transition"))}


# ---------------------------------------------------------------- tracks
@payload
def remove_track(draw: st.DrawFn, state: State) -> Payload:
    content = draw(st.sampled_from(("refuse", "remove", "remove")))
    return {"track_id": draw(ids(state, "track")), "content": content}


@payload
def rename_track(draw: st.DrawFn, state: State) -> Payload:
    return {"track_id": draw(ids(state, "track")), "name": draw(st.sampled_from(("", "Top", "音声")))}


def _beside(draw: st.DrawFn, state: State, kind: str, container: str) -> Payload:
    """One of a kind beside another, mostly of the same pile."""
    moved = draw(ids(state, kind))
    record = state.find(moved, kind)
    pile = [] if record is None else [r.id for r in state.inside(record.value[container], kind) if r.id != moved]
    beside = draw(st.sampled_from(sorted(pile)) if pile and draw(seldom(True, False)) else ids(state, kind))
    return {f"{kind}_id": moved, draw(st.sampled_from(("before_id", "after_id"))): beside}


@payload
def reorder_track(draw: st.DrawFn, state: State) -> Payload:
    return _beside(draw, state, "track", "sequence_id")


def _switch(draw: st.DrawFn, state: State, name: str) -> Payload:
    """Mostly the other way."""
    track_id = draw(ids(state, "track"))
    track = state.find(track_id, "track")
    on = track is not None and (not track.value["enabled"] if name == "hidden" else track.value[name])
    return {"track_id": track_id, name: draw(seldom(not on, on))}


@payload
def lock_track(draw: st.DrawFn, state: State) -> Payload:
    return _switch(draw, state, "locked")


@payload
def mute_track(draw: st.DrawFn, state: State) -> Payload:
    return _switch(draw, state, "muted")


@payload
def solo_track(draw: st.DrawFn, state: State) -> Payload:
    return _switch(draw, state, "solo")


@payload
def hide_track(draw: st.DrawFn, state: State) -> Payload:
    return _switch(draw, state, "hidden")


# ---------------------------------------------------------------- effects
def effect_params() -> st.SearchStrategy[Payload]:
    values: st.SearchStrategy[Any] = st.sampled_from((1, -5, None, "soft", [1, 2], {"deep": True}))
    return st.dictionaries(st.sampled_from(("radius", "amount", "a.b")), values, max_size=2)


@payload
def add_effect(draw: st.DrawFn, state: State) -> Payload:
    return some(
        draw,
        {
            "parent_id": draw(st.one_of(ids(state, "clip"), ids(state, "track"))),
            "kind": draw(st.sampled_from(("blur", "brightness"))),
        },
        effect_id=fresh(state),
        params=effect_params(),
        order=st.sampled_from(("0", "V", "V", "W5")),
        name=st.just("Glow"),
    )


@payload
def update_effect(draw: st.DrawFn, state: State) -> Payload:
    payload = {"effect_id": draw(ids(state, "effect"))}
    return some(draw, payload, params=effect_params(), name=st.sampled_from(("", "Glow")), enabled=st.booleans())


@payload
def remove_effect(draw: st.DrawFn, state: State) -> Payload:
    return {"effect_id": draw(ids(state, "effect"))}


@payload
def reorder_effect(draw: st.DrawFn, state: State) -> Payload:
    return _beside(draw, state, "effect", "parent_id")


# ---------------------------------------------------------------- bonds
def clip_ids(state: State, low: int = 1, high: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(ids(state, "clip"), min_size=low, max_size=high, unique=True)


@st.composite
def _label(draw: st.DrawFn, state: State, bond: str) -> str:
    labels = {clip.value[bond] for clip in state.living("clip")} - {None}
    return str(draw(st.sampled_from([*sorted(labels), "bound"])))


def _join(draw: st.DrawFn, state: State, bond: str) -> Payload:
    return some(draw, {"clip_ids": draw(clip_ids(state, 2))}, **{bond: _label(state, bond)})


def _part(draw: st.DrawFn, state: State, bond: str) -> Payload:
    if draw(st.booleans()):
        return {bond: draw(_label(state, bond))}
    bound = [id for id in living(state, "clip") if state.records[id].value[bond] is not None]
    if bound and draw(seldom(True, False)):
        return {"clip_ids": draw(st.lists(st.sampled_from(bound), min_size=1, max_size=2, unique=True))}
    return {"clip_ids": draw(clip_ids(state))}


@payload
def group(draw: st.DrawFn, state: State) -> Payload:
    return _join(draw, state, "group_id")


@payload
def ungroup(draw: st.DrawFn, state: State) -> Payload:
    return _part(draw, state, "group_id")


@payload
def link(draw: st.DrawFn, state: State) -> Payload:
    return _join(draw, state, "link_id")


@payload
def unlink(draw: st.DrawFn, state: State) -> Payload:
    return _part(draw, state, "link_id")


# ---------------------------------------------------------------- what clips are
def media() -> st.SearchStrategy[Payload]:
    return st.sampled_from(
        (
            {"asset_id": "film"},
            {"asset_id": "sound"},
            {"asset_id": "photo"},
            {"asset_id": "nowhere"},
            {"url": "https://media.example/a.mov", "available": {"start": 0, "duration": 10**10}},
            {"url": "https://media.example/b.mov"},
            {"generator": "black"},
            {"generator": "tone", "params": {"hertz": 440}},
            {"missing": True},
        )
    )


@payload
def enable(draw: st.DrawFn, state: State) -> Payload:
    payload = {"clip_ids": draw(clip_ids(state)), "enabled": draw(seldom(False, True))}
    return some(draw, payload, single=st.booleans())


@payload
def set_color(draw: st.DrawFn, state: State) -> Payload:
    return {"clip_ids": draw(clip_ids(state)), "color": draw(st.sampled_from(("teal", "#ff0000", None)))}


@payload
def replace_media(draw: st.DrawFn, state: State) -> Payload:
    payload = {"clip_id": draw(ids(state, "clip")), "media": draw(media())}
    return some(draw, payload, source_in=lengths(state, -1, 9))


@st.composite
def _on_tracks(draw: st.DrawFn, state: State, kind: str) -> str:
    """A clip on a track of a kind, where there is one."""
    tracks = [track.id for track in state.living("track") if track.value["kind"] == kind]
    found = sorted(clip.id for track in tracks for clip in state.inside(track, "clip"))
    return str(draw(st.sampled_from(found) if found and draw(seldom(True, False)) else ids(state, "clip")))


@payload
def detach_audio(draw: st.DrawFn, state: State) -> Payload:
    tracks = sorted(track.id for track in state.living("track") if track.value["kind"] == "audio")
    payload = {
        "clip_id": draw(_on_tracks(state, "video")),
        "track_id": draw(st.sampled_from(tracks) if tracks else ids(state, "track")),
    }
    return some(draw, payload, new_id=fresh(state), linked=st.booleans())


@payload
def attach_audio(draw: st.DrawFn, state: State) -> Payload:
    silent = sorted(clip.id for clip in state.living("clip") if "params.sound" in clip.value)
    payload = {"clip_id": draw(st.sampled_from(silent) if silent else ids(state, "clip"))}
    return some(draw, payload, audio_id=_on_tracks(state, "audio"))


# ---------------------------------------------------------------- what any record has
@st.composite
def any_id(draw: st.DrawFn, state: State) -> str:
    """A record of any kind, each kind as likely as the others."""
    kinds = sorted({record.kind for record in state.records.values() if record.alive})
    return str(draw(ids(state, draw(st.sampled_from(kinds)))))


@payload
def rename(draw: st.DrawFn, state: State) -> Payload:
    return {"id": draw(any_id(state)), "name": draw(st.sampled_from(("", "Opening", "ß")))}


@payload
def set_metadata(draw: st.DrawFn, state: State) -> Payload:
    json = st.sampled_from((None, 1, True, 1.5, -0.0, "ß", [1, {"a": None}]))
    keys = st.sampled_from(("scene", "a.b", "ключ"))
    return {"id": draw(any_id(state)), "metadata": draw(st.dictionaries(keys, json, min_size=1, max_size=2))}


# ---------------------------------------------------------------- copies
@st.composite
def _destinations(draw: st.DrawFn, state: State) -> Payload:
    return some(draw, {}, start=positions(state), track_id=ids(state, "track"))


@st.composite
def ways(draw: st.DrawFn) -> Payload:
    """How what lies there makes way for what lands."""
    if draw(st.booleans()):
        return {"on_overlap": draw(st.sampled_from(("refuse", "overwrite")))}
    scope = st.sampled_from(("track", "sync_locked", "all"))
    return some(draw, {"on_overlap": "insert"}, scope=scope, ripple_markers=st.booleans())


@payload
def duplicate(draw: st.DrawFn, state: State) -> Payload:
    chosen = draw(clip_ids(state))
    payload = {"clip_ids": chosen, **draw(ways())}
    payload = some(draw, payload, single=st.booleans(), new_ids=st.dictionaries(st.just(chosen[0]), fresh(state)))
    if draw(st.booleans()):
        return payload | {"to": draw(_destinations(state))}
    return some(draw, payload, delta=lengths(state, -3, 12), track_offset=st.integers(-1, 1))


ATTRIBUTES = ("crop", "transform", "opacity", "rotation", "volume", "fades", "effects", "color")


@payload
def paste_attributes(draw: st.DrawFn, state: State) -> Payload:
    source = draw(ids(state, "clip"))
    return {
        "from_id": source,
        "clip_ids": draw(clip_ids(state).filter(lambda chosen: chosen != [source])),
        "attributes": draw(st.lists(st.sampled_from(ATTRIBUTES), min_size=1, max_size=8, unique=True)),
    }


# ---------------------------------------------------------------- nests
@payload
def nest(draw: st.DrawFn, state: State) -> Payload:
    payload = {"clip_ids": draw(clip_ids(state))}
    single, name = st.booleans(), st.sampled_from(("", "Scene"))
    return some(draw, payload, clip_id=fresh(state), sequence_id=fresh(state), name=name, single=single)


@payload
def unnest(draw: st.DrawFn, state: State) -> Payload:
    nests = sorted(clip.id for clip in state.living("clip") if "sequence_id" in clip.value["media"])
    return {"clip_id": draw(st.sampled_from(nests) if nests and draw(seldom(True, False)) else ids(state, "clip"))}
