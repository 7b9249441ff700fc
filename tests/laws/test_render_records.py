"""From records to a plan: every kind of record is drawn, heard, or named in the notes."""

import json

import pytest

from timeline_service.domain import records, time
from workers.render import errors, plan_input, plan_parts, plan_records, scenes
from workers.render import plan as plans

PRESET = plan_input.Preset("law")
RATE = time.Rate(25, 1)
FRAME = RATE.ticks_per_frame
FACTS = {
    "film": plan_input.MediaFacts("film", 64, 64, RATE, 100 * FRAME, has_audio=True),
    "song": plan_input.MediaFacts("song", 0, 0, None, 100 * FRAME, has_audio=True),
    "still": plan_input.MediaFacts("still", 64, 64),
}


def record(kind: str, id: str, /, **given) -> dict:
    return {"id": id, **records.new(kind, **given)}


def clip(id: str, start: int, frames: int, media: dict | None = None, **given) -> dict:
    given = {"track_id": "v", "media": media or {"asset_id": "film"}, **given}
    return record("clip", id, start=start * FRAME, duration=frames * FRAME, **given)


def state_of(*clips: dict, **given) -> dict:
    """A state of one video track "v"; `given`: more lists of records, tracks in front."""
    tracks = [record("track", "v", kind="video", order="a"), *given.pop("tracks", ())]
    timeline = record("timeline", "tl", name="", rate={"num": 25, "den": 1}, width=64, height=64)
    return {"timeline": timeline, "tracks": tracks, "clips": list(clips), **given}


def plan_of(state: dict) -> plans.RenderPlan:
    plan = plans.build_plan(plan_records.from_records(state, FACTS), PRESET)
    assert plans.from_dict(json.loads(json.dumps(plan.as_dict()))) == plan
    return plan


def notes(*clips: dict, **given) -> list[dict]:
    return list(plan_of(state_of(*clips, **given)).notes)


def test_what_is_plain_has_no_notes():
    assert notes(clip("c", 0, 10)) == []


@pytest.mark.parametrize(
    ("media", "code"),
    [
        ({"missing": True}, "missing_media"),
        ({"asset_id": "nobody-knows"}, "media_facts_unknown"),
        ({"url": "https://example.org/a.mp4"}, "media_facts_unknown"),
        ({"timeline_id": "other", "version": 3}, "unsupported_media"),
    ],
)
def test_media_that_cannot_be_rendered_is_refused_before_any_work(media, code):
    with pytest.raises(errors.PlanError) as refused:
        plan_of(state_of(clip("c", 0, 1, media)))
    assert refused.value.code == code and refused.value.details["clip_id"] == "c"
    assert not refused.value.retryable


@pytest.mark.parametrize(
    ("kind", "params"),
    [("color", {"color": "RED"}), ("title", {}), ("tone", {"hertz": -1}), ("bars", None)],
)
def test_a_generator_of_which_nothing_can_be_made_is_named(kind, params):
    media = {"generator": kind} | ({"params": params} if params is not None else {})
    assert notes(clip("c", 0, 1, media)) == [{"code": "generator_not_drawn", "clip_id": "c", "generator": kind}]


@pytest.mark.parametrize("enabled", ["clip", "track"])
def test_what_is_disabled_may_lack_its_media_and_keeps_its_time(enabled):
    state = state_of(clip("c", 0, 3, {"missing": True}))
    state[f"{enabled}s"][0]["enabled"] = False
    plan = plan_of(state)
    assert plan.frames == 3 and scenes.Scenes(plan).at(0) == ()


def test_what_has_no_picture_is_named_with_its_clip():
    effects = [
        record("effect", "e1", parent_id="c", kind="otio", order="a"),
        record("effect", "e2", parent_id="c", kind="blur", order="b", enabled=False),
        record("effect", "e3", parent_id="c", kind="blur", order="c", **{"params.radius": 10_000}),
        record("effect", "e4", parent_id="c", kind="brightness", order="d", **{"params.level": 7}),
        record("effect", "e5", parent_id="v", kind="vignette", order="a"),
        record("effect", "e6", parent_id="off", kind="vignette", order="a"),
    ]
    keyframes = [record("keyframe", f"k{n}", parent_id="c", property="hue", time=n, value=0) for n in range(3)]
    drawings = [record("annotation", f"a{n}", parent_id="c", time=0, shape={"type": "line"}) for n in range(2)]
    found = notes(
        clip("c", 0, 10), clip("off", 20, 5, enabled=False), effects=effects, keyframes=keyframes, annotations=drawings
    )
    assert sorted(found, key=str) == sorted(
        [
            {"code": "effect_not_drawn", "clip_id": "c", "kind": "otio"},
            {"code": "effect_not_drawn", "clip_id": "c", "kind": "brightness"},
            {"code": "effect_not_drawn", "track_id": "v", "kind": "vignette"},
            {"code": "keyframes_not_drawn", "property": "hue", "count": 3},
            {"code": "annotations_not_drawn", "count": 2},
        ],
        key=str,
    )


def test_an_unknown_transition_is_a_dissolve_and_says_so():
    clips = (clip("a", 0, 10, source_in=20 * FRAME), clip("b", 10, 10, source_in=20 * FRAME))
    given = {"left_id": "a", "right_id": "b", "in_offset": 2 * FRAME, "out_offset": 3 * FRAME}
    plan = plan_of(state_of(*clips, transitions=[record("transition", "t", kind="page_curl", **given)]))
    assert plan.notes == ({"code": "transition_drawn_as_dissolve", "kind": "page_curl"},)
    shown = [scenes.Scenes(plan).at(n)[0] for n in range(20)]
    assert [n for n, item in enumerate(shown) if isinstance(item, plan_parts.Mix)] == [8, 9, 10, 11, 12]
    assert [item.part for item in shown[8:13]] == [0, 200_000, 400_000, 600_000, 800_000]
    assert [item.left.source_frame for item in shown[8:13]] == [28, 29, 30, 31, 32]
    assert [item.right.source_frame for item in shown[8:13]] == [18, 19, 20, 21, 22]


def test_parameters_of_a_transition_are_named():
    wipe = record("transition", "t", left_id=None, right_id="c", kind="wipe", out_offset=FRAME, **{"params.angle": 45})
    due = {"code": "transition_params_not_drawn", "kind": "wipe", "params": ["angle"]}
    assert notes(clip("c", 0, 10), transitions=[wipe]) == [due]


def test_a_transition_whose_clips_have_too_little_media_says_so():
    clips = (clip("a", 0, 10, source_in=90 * FRAME), clip("b", 10, 10))
    given = {"left_id": "a", "right_id": "b", "in_offset": FRAME, "out_offset": FRAME}
    plan = plan_of(state_of(*clips, transitions=[record("transition", "t", **given)]))
    assert plan.notes == tuple({"code": "transition_without_handle", "clip_id": clip_id} for clip_id in "ab")


def test_stills_and_generators_have_handles_for_ever():
    clips = (clip("a", 0, 10, {"asset_id": "still"}), clip("b", 10, 10, {"generator": "black"}))
    given = {"left_id": "a", "right_id": "b", "in_offset": FRAME, "out_offset": FRAME}
    assert notes(*clips, transitions=[record("transition", "t", **given)]) == []


def test_a_caption_after_the_last_clip_is_named():
    tracks = [record("track", "s", kind="caption", order="z")]
    captions = [
        record("caption", f"s{n}", track_id="s", start=n * FRAME, duration=5 * FRAME, text="Hi") for n in (0, 8, 20)
    ]
    plan = plan_of(state_of(clip("c", 0, 10), tracks=tracks, captions=captions))
    assert plan.notes == ({"code": "captions_after_the_end", "count": 2},)
    assert [len(scenes.Scenes(plan).at(n)) for n in range(10)] == [2, 2, 2, 2, 2, 1, 1, 1, 2, 2]


def test_a_hidden_caption_track_shows_nothing():
    tracks = [record("track", "s", kind="caption", order="z", enabled=False)]
    captions = [record("caption", "s1", track_id="s", start=0, duration=5 * FRAME, text="Hi")]
    plan = plan_of(state_of(clip("c", 0, 10), tracks=tracks, captions=captions))
    assert plan.root.captions == () and len(scenes.Scenes(plan).at(0)) == 1


def nested(*inner: dict, **outer) -> dict:
    tracks = [record("track", "n", kind="video", order="a", sequence_id="s")]
    media = {"sequence_id": "s"}
    return state_of(clip("nest", 0, 10, media, **outer), *inner, tracks=tracks)


def test_a_nest_is_shown_through_at_the_time_its_clip_says():
    inner = (clip("a", 0, 5, track_id="n", source_in=50 * FRAME), clip("b", 5, 50, track_id="n"))
    for outer, due in (
        ({}, [50, 51, 52, 53, 54, 0, 1, 2, 3, 4]),
        ({"source_in": 3 * FRAME}, [53, 54, 0, 1, 2, 3, 4, 5, 6, 7]),
        ({"speed": {"num": 2, "den": 1}}, [50, 52, 54, 1, 3, 5, 7, 9, 11, 13]),
        ({"reversed": True}, [4, 3, 2, 1, 0, 54, 53, 52, 51, 50]),
        ({"speed": {"num": 0, "den": 1}, "source_in": 6 * FRAME}, [1] * 10),
    ):
        plan = plan_of(nested(*inner, **outer))
        frames = [scenes.Scenes(plan).at(n)[0].inner[0].source_frame for n in range(10)]
        assert frames == due
        assert plan.notes == ()


def test_a_nest_is_heard_unless_it_stands_still_or_its_track_is_muted():
    inner = clip("a", 0, 10, track_id="n")
    assert [sound.nest for sound in plan_of(nested(inner)).sounds] == [0]
    assert plan_of(nested(inner, speed={"num": 0, "den": 1})).sounds == ()
    state = nested(inner)
    state["tracks"][1]["muted"] = True
    assert plan_of(state).sounds == ()


def test_an_unused_nest_needs_no_media_and_a_used_one_is_built_once():
    tracks = [record("track", "n", kind="video", order="a", sequence_id="s")]
    lost = clip("x", 0, 5, {"missing": True}, track_id="n")
    plan = plan_of(state_of(clip("c", 0, 5), lost, tracks=tracks))
    assert plan.nests == ()
    inner = clip("a", 0, 5, track_id="n")
    twice = [clip(f"n{n}", n * 5, 5, {"sequence_id": "s"}) for n in range(2)]
    assert len(plan_of(state_of(*twice, inner, tracks=tracks)).nests) == 1


def test_a_sequence_that_contains_itself_is_refused():
    with pytest.raises(errors.UnsupportedMedia):
        plan_of(nested(clip("a", 0, 5, {"sequence_id": "s"}, track_id="n")))


def test_detached_sound_is_silent():
    assert plan_of(state_of(clip("c", 0, 5, **{"params.sound": False}))).sounds == ()
    assert plan_of(nested(clip("a", 0, 10, track_id="n"), **{"params.sound": False})).sounds == ()


def test_a_clip_on_the_timelines_upper_tracks_keeps_what_is_below_only_where_it_may_be_seen():
    tracks = [record("track", "w", kind="video", order="b")]
    for fields, seen in (
        ({}, ["up"]),
        ({"params.opacity": 500_000}, ["c", "up"]),
        ({"params.opacity": 0}, ["c"]),
        ({"params.rotation": 1}, ["c", "up"]),
        ({"params.transform": {"scale_x": 500_000}}, ["c", "up"]),
        ({"params.transform": {"x": 0, "y": 0, "scale_x": 0, "scale_y": 0}}, ["c"]),
        ({"media": {"asset_id": "still"}}, ["c", "up"]),
        ({"media": {"generator": "color", "params": {"color": "#102030"}}}, ["up"]),
    ):
        upper = clip("up", 0, 5, **{"track_id": "w", "media": {"asset_id": "film"}, **fields})
        scene = scenes.Scenes(plan_of(state_of(clip("c", 0, 5), upper, tracks=tracks))).at(2)
        assert [layer.clip_id for layer in scene] == seen, fields


def test_keyframes_override_what_is_static_and_fades_multiply():
    keys = [
        record("keyframe", f"k{n}", parent_id="c", property="opacity", time=n * FRAME, value=value)
        for n, value in ((0, 0), (10, 1_000_000))
    ]
    fields = {"params.opacity": 123, "fade_out": 4 * FRAME}
    scene = scenes.Scenes(plan_of(state_of(clip("c", 0, 10, **fields), keyframes=keys)))
    found = [scene.at(n)[0].opacity if scene.at(n) else 0 for n in range(10)]
    assert found == [0, 100_000, 200_000, 300_000, 400_000, 500_000, 600_000, 525_000, 400_000, 225_000]


def test_keyframes_of_an_effect_count_from_its_clip_or_on_a_track_from_the_timelines_start():
    for parent, due in (("c", [0, 100, 200]), ("v", [500, 600, 700])):
        given = {"kind": "blur", "order": "a", "params.radius": 9}
        keys = [
            record("keyframe", f"k{n}", parent_id="e", property="params.radius", time=n * FRAME, value=n * 100)
            for n in (0, 10)
        ]
        state = state_of(clip("c", 5, 5), effects=[record("effect", "e", parent_id=parent, **given)], keyframes=keys)
        scene = scenes.Scenes(plan_of(state))
        assert [scene.at(n)[0].effects for n in (5, 6, 7)] == [(("blur", value),) for value in due]
