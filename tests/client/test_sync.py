"""The sans-IO client against a service of a few lines: what it shows, sends, tells and asks for."""

import copy
from typing import Any

import pytest

from tests.client.scripted import Seat, Service, events
from tests.world import F
from timeline_service.client import arrivals, errors
from timeline_service.client.effects import Changed, Diverged, Event, Fetch, Refused, Send, Settled, Told, Wait
from timeline_service.client.snapshot import values
from timeline_service.domain.state import State


def trim(clip: str = "t0c2", delta: int = -1, **more: Any) -> dict[str, Any]:
    return {"type": "trim", "clip_id": clip, "edge": "end", "delta": delta, **more}


def name(id: str, name: Any, **more: Any) -> dict[str, Any]:
    return {"type": "rename", "id": id, "name": name, **more}


def shown(seat: Seat, clip: str, field: str = "name") -> Any:
    return seat.sync.state.records[clip].value[field]


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def ann(service: Service) -> Seat:
    return seated(service, "ann")


def seated(service: Service, who: str) -> Seat:
    seat = Seat(service, who)
    seat.connect()
    seat.settle()
    return seat


def same(seat: Seat, service: Service) -> None:
    assert values(seat.sync.confirmed) == values(service.state)
    assert values(seat.sync.state) == values(service.state)
    assert (seat.sync.version, seat.sync.pending, seat.sync.shown) == (service.state.version, [], [])


def test_a_snapshot_is_the_state_that_the_service_has(ann: Seat, service: Service) -> None:
    assert ann.sync.ready
    same(ann, service)


def test_a_snapshot_comes_in_parts(service: Service) -> None:
    seat = Seat(service, "ann")
    seat.connect()
    assert seat.socket is not None
    seat.socket.deliver_up()
    seat.deliver_down()
    whole = seat.socket.down.pop()["data"]
    lists = {key: value for key, value in whole.items() if isinstance(value, list)}
    rest = {key: value for key, value in whole.items() if key not in lists}
    first = {**rest, **{key: value[:1] for key, value in lists.items()}}
    second = {key: value[1:] for key, value in lists.items()}
    for part, data in enumerate((first, second), 1):
        seat.socket.down.append({"t": "snapshot", "version": whole["version"], "part": part, "parts": 2, "data": data})
    seat.settle()
    same(seat, service)


def test_a_gesture_shows_at_once_and_is_the_services_then(ann: Seat, service: Service) -> None:
    before = shown(ann, "t0c2", "duration")
    ann.push(trim())
    assert shown(ann, "t0c2", "duration") == before - F
    assert ann.sync.confirmed.records["t0c2"].value["duration"] == before
    ann.settle()
    same(ann, service)
    [settled] = ann.effects(Settled)
    assert [(result.ok, result.how) for result in settled.results] == [(True, "committed")]


@pytest.mark.parametrize("first", ["result", "events"])
def test_s12_result_and_events_in_either_order(ann: Seat, service: Service, first: str) -> None:
    ann.push(trim())
    assert ann.socket is not None
    ann.socket.deliver_up()
    ann.socket.down.sort(key=lambda frame: frame["t"] != first)
    wanted = values(service.state)
    for _ in range(2):
        ann.deliver_down()
        assert values(ann.sync.state) == wanted  # never twice, never not
    same(ann, service)


def test_a_refused_gesture_leaves_and_is_told(ann: Seat, service: Service) -> None:
    bob = seated(service, "bob")
    bob.push({"type": "remove_clip", "clip_id": "t0c2"})
    bob.settle()
    ann.push(name("t0c2", "mine"))
    assert shown(ann, "t0c2") == "mine"
    ann.settle()
    same(ann, service)
    [refused] = ann.effects(Refused)
    assert (refused.result.code, refused.sent["name"]) == ("record_missing", "mine")


def test_atomic_gestures_show_all_or_none(ann: Seat, service: Service) -> None:
    ann.push(name("t0c0", "new"), name("nothing", "new"))
    assert shown(ann, "t0c0") == ""
    ann.push(name("t0c1", "new"), name("nothing", "new"), atomic=False)
    assert shown(ann, "t0c1") == "new"
    ann.settle()
    same(ann, service)
    assert [refused.result.code for refused in ann.effects(Refused)] == [
        "batch_refused",
        "record_missing",
        "record_missing",
    ]


def test_pending_is_laid_over_what_others_did(ann: Seat, service: Service) -> None:
    bob = seated(service, "bob")
    ann.push(trim(delta=-2))
    bob.push(name("t0c2", "bob's"))
    bob.settle()
    assert ann.socket is not None
    ann.deliver_down()
    assert (shown(ann, "t0c2"), shown(ann, "t0c2", "duration")) == ("bob's", 4 * F)
    ann.settle()
    same(ann, service)


def test_s06_a_gap_is_pulled_page_by_page(ann: Seat, service: Service) -> None:
    bob = seated(service, "bob")
    for number in range(10):
        bob.push(name("t0c0", f"n{number}"))
        bob.settle()
    assert ann.socket is not None
    del ann.socket.down[:-1]
    ann.settle()
    same(ann, service)
    assert [event.item["version"] for event in ann.effects(Event)] == list(
        range(ann.sync.version - 9, ann.sync.version + 1)
    )


def test_s20_a_resync_pulls_until_nothing_is_missing(ann: Seat, service: Service) -> None:
    bob = seated(service, "bob")
    for number in range(8):
        bob.push(name("t0c0", f"n{number}"))
        bob.settle()
    assert ann.socket is not None
    ann.socket.down[:] = [{"t": "resync", "reason": "gap", "after_version": ann.sync.version}]
    ann.settle()
    same(ann, service)


def test_s23_a_large_event_is_fetched_and_what_follows_waits(ann: Seat, service: Service) -> None:
    bob = seated(service, "bob")
    bob.push(name("t0c0", "large"))
    bob.settle()
    bob.push(name("t0c0", "small"))
    bob.settle()
    assert ann.socket is not None
    large, small = ann.socket.down
    large["items"] = [{"version": large["from"], "size": 99_999, "by_ref": True}]
    effects = ann.sync.receive(large)
    assert effects == [Fetch(large["from"])]
    assert shown(ann, "t0c0") == "" and ann.sync.receive(small) == []
    ann.take(ann.sync.supply(effects[0], service.items[large["from"] - 1]))
    ann.socket.down.clear()
    same(ann, service)


def test_s25_a_snapshot_by_url(service: Service) -> None:
    seat = Seat(service, "ann")
    seat.connect()
    assert seat.socket is not None
    seat.socket.deliver_up()
    seat.deliver_down()
    frame = seat.socket.down.pop()
    data = frame.pop("data")
    [fetch] = seat.sync.receive({**frame, "url": "/x", "sha256": "ab"})
    assert fetch == Fetch(frame["version"], "/x", "ab")
    other = seated(service, "bob")
    other.push(trim())
    other.settle()
    seat.deliver_down()
    assert not seat.sync.ready
    seat.take(seat.sync.supply(fetch, data))
    same(seat, service)


def test_s08_what_has_no_result_is_sent_again_and_kept_once(ann: Seat, service: Service) -> None:
    head = service.state.version
    ann.push(trim())
    ann.push(name("t0c1", "x"))
    assert ann.socket is not None
    ann.socket.deliver_up()  # accepted, the answer is lost
    frames = copy.deepcopy(ann.sync.pending)
    ann.connect()
    ann.socket.deliver_up()
    ann.deliver_down()
    assert [frame for frame in ann.socket.up if frame["t"] == "push"] == frames
    ann.settle()
    same(ann, service)
    assert service.state.version == head + 2
    assert [result.how for settled in ann.effects(Settled) for result in settled.results] == ["duplicate", "committed"]


def test_s24_a_restart_with_a_snapshot_shows_nothing_twice(ann: Seat, service: Service) -> None:
    before = shown(ann, "t0c2", "duration")
    ann.push(trim())
    assert ann.socket is not None
    ann.socket.deliver_up()
    ann.restart()
    ann.push(name("t0c1", "offline"))
    ann.connect()
    ann.socket.deliver_up()
    ann.deliver_down()
    ann.deliver_down()  # the snapshot has the trim, which has no result yet
    assert (shown(ann, "t0c2", "duration"), shown(ann, "t0c1")) == (before - F, "offline")
    ann.settle()
    same(ann, service)


@pytest.mark.parametrize("lost", [True, False])
def test_s05_another_epoch_begins_with_a_snapshot(ann: Seat, service: Service, lost: bool) -> None:
    ann.push(trim())
    ann.settle()
    ann.drop()
    ann.push(name("t0c1", "offline"))
    service.back_to(service.state.version - int(lost))
    ann.connect()
    ann.settle()
    same(ann, service)
    assert shown(ann, "t0c1") == "offline"


def test_s05_a_head_behind_the_client_begins_with_a_snapshot(ann: Seat, service: Service) -> None:
    ann.push(trim())
    ann.settle()
    service.back_to(service.state.version - 1)
    service.epoch = 0
    ann.connect()
    ann.settle()
    same(ann, service)


def test_s09_what_was_turned_away_goes_again_in_its_order(ann: Seat, service: Service) -> None:
    service.busy = 1
    ann.push({"type": "add_track", "track_id": "new", "kind": "video"})
    ann.push({"type": "rename_track", "track_id": "new", "name": "first"})
    ann.push({"type": "rename_track", "track_id": "new", "name": "second"})
    ann.settle()
    assert list(ann.effects(Wait)) == [Wait(70)]
    assert not list(ann.effects(Refused)) and len(ann.sync.pending) == 3
    ann.take(ann.sync.resumed())
    ann.settle()
    same(ann, service)
    assert service.state.records["new"].value["name"] == "second"


def test_s16_what_was_turned_away_goes_alone(ann: Seat, service: Service) -> None:
    """What is sent behind it would use up what the service gives next, and come to nothing before it has run."""
    service.busy = 3
    for number in range(3):
        ann.push(name("t0c0", f"n{number}"))
    ann.settle()
    service.busy = 1
    ann.take(ann.sync.resumed())
    assert ann.socket is not None and [frame["gestures"][0]["name"] for frame in ann.socket.up] == ["n0"]
    ann.settle()
    ann.take(ann.sync.resumed())
    ann.settle()
    same(ann, service)
    assert shown(ann, "t0c0") == "n2"


def test_s22_what_was_no_message_is_refused_as_what_it_was(ann: Seat) -> None:
    """It would wait for ever: nothing but the error ever answers it."""
    batch = ann.push(name("t0c0", "x"), name("t0c1", "y"))
    error = {"t": "error", "code": "minus_zero", "message": "…", "details": {}}
    assert [type(effect) for effect in ann.sync.receive(error)] == [Told] and ann.sync.pending
    told = ann.sync.receive({**error, "details": {"batch": batch}})
    assert [type(effect) for effect in told[:4]] == [Told, Settled, Refused, Refused]
    assert shown(ann, "t0c0") == "" and not ann.sync.pending and not ann.sync.shown


def test_s27_what_can_be_undone_is_what_was_told_of_the_newest_version(ann: Seat, service: Service) -> None:
    before = service.state.version
    ann.push(name("t0c0", "x"))
    batch = ann.sync.undo()
    ann.send(ann.sync.outgoing())
    undo = {"can_undo": False, "can_redo": True, "label": None}
    assert ann.socket is not None
    no = {"gesture_id": "u", "ok": False, "code": "nothing_to_undo", "message": "…"}
    ann.sync.receive({"t": "result", "batch": batch, "head": before + 1, "r": [no], "undo": undo})
    assert ann.sync.undo_state == undo, "a refusal says it too"
    ann.settle()
    assert ann.sync.version == before + 1
    assert ann.sync.undo_state == undo, "what is older says nothing new"


def test_s27_another_window_of_mine_edits_and_takes_back(ann: Seat, service: Service) -> None:
    own = ann.sync.welcome["actor"]["id"] if ann.sync.welcome else ""
    service.edit({"batch": "b", "gestures": [{"gesture_id": "w1", **name("t0c0", "x")}]}, own)
    ann.settle()
    assert ann.sync.undo_state == {"can_undo": True, "can_redo": False, "label": service.items[-1]["description"]}
    item = {**service.items[-1], "version": ann.sync.version + 1, "gesture_id": "w2", "changes": []}
    item |= {"cause": {"kind": "undo", "versions": [ann.sync.version]}, "prev_hash": service.items[-1].get("hash")}
    told = ann.sync.receive({"t": "events", "from": item["version"], "to": item["version"], "items": [item]})
    assert Changed("undo") in told
    assert ann.sync.undo_state == {"can_undo": True, "can_redo": True, "label": None}


def test_s15_a_lease_that_nobody_renews_is_forgotten(ann: Seat) -> None:
    holder = {"session_id": "s9", "actor": {"id": "bob", "name": "bob"}}
    ann.sync.receive({"t": "lease", "record": "t0c0", "holder": holder, "until": "…", "ttl_ms": 1000})
    assert ann.sync.lapse("t0c0") == [Changed("leases")] and not ann.sync.company.leases
    assert ann.sync.lapse("t0c0") == []


def test_s06_however_much_waits_behind_a_gap_the_gap_is_closed(
    ann: Seat, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "AHEAD", 5)
    before = service.state.version
    for number in range(20):
        service.edit({"batch": "b", "gestures": [{"gesture_id": f"w{number}", **name("t0c0", f"n{number}")}]}, "bob")
    assert ann.socket is not None
    ann.socket.down.clear()
    items = service.items[before + 1 :]
    for item in items:
        ann.take(ann.sync.receive({"t": "events", "from": item["version"], "to": item["version"], "items": [item]}))
    ann.settle()
    same(ann, service)


def test_s09_no_more_in_flight_than_the_service_takes(ann: Seat, service: Service) -> None:
    for number in range(20):
        ann.push(name("t0c0", f"n{number}"))
    assert ann.socket is not None and len(ann.socket.up) == 8
    ann.settle()
    same(ann, service)
    assert shown(ann, "t0c0") == "n19"


def test_s15_leased_is_a_refusal(ann: Seat) -> None:
    batch = ann.push(name("t0c0", "x"))
    no = {"gesture_id": ann.sync.shown[0], "ok": False, "code": "leased", "message": "…", "retry": True}
    told = ann.sync.receive({"t": "result", "batch": batch, "head": 1, "r": [no]})
    assert [type(effect) for effect in told[:2]] == [Settled, Refused]
    assert shown(ann, "t0c0") == "" and not ann.sync.pending


def test_s19_nothing_is_sent_to_a_process_that_stops(ann: Seat, service: Service) -> None:
    ann.take(ann.sync.receive({"t": "drain", "reconnect_ms": 30}))
    ann.push(trim())
    assert ann.socket is not None and not ann.socket.up
    ann.connect()
    ann.settle()
    same(ann, service)


def test_positions_are_carried_by_the_service_as_here(ann: Seat, service: Service) -> None:
    bob = seated(service, "bob")
    bob.push({"type": "ripple_trim", "clip_id": "t0c0", "edge": "end", "delta": -2})
    ann.push({"type": "add_marker", "parent_id": "t0", "time": 15, "marker_id": "mine"})
    bob.settle()
    ann.settle()
    same(ann, service)
    assert service.state.records["mine"].value["time"] == 13 * F


def test_what_follows_on_a_ripple_of_ones_own_is_not_carried_through_it(ann: Seat, service: Service) -> None:
    ann.push({"type": "ripple_trim", "clip_id": "t0c0", "edge": "end", "delta": -2})
    ann.push({"type": "add_marker", "parent_id": "t0", "time": 15, "marker_id": "mine"})
    assert shown(ann, "mine", "time") == 15 * F
    ann.settle()
    same(ann, service)
    assert service.state.records["mine"].value["time"] == 15 * F


def test_a_position_from_before_the_snapshot_waits_for_the_service(ann: Seat, service: Service) -> None:
    """Offline over a restart: what has moved since is not known here, so that no place can be shown."""
    ann.drop()
    ann.push({"type": "add_marker", "parent_id": "t0", "time": 15, "marker_id": "mine"})
    bob = seated(service, "bob")
    bob.push({"type": "ripple_trim", "clip_id": "t0c0", "edge": "end", "delta": -2})
    bob.settle()
    ann.restart()
    ann.connect()
    assert ann.socket is not None
    ann.socket.deliver_up()
    ann.deliver_down()
    ann.deliver_down()
    assert ann.sync.ready and "mine" not in ann.sync.state.records
    ann.settle()
    same(ann, service)
    assert service.state.records["mine"].value["time"] == 13 * F


def test_a_version_of_another_epoch_says_nothing_about_positions(ann: Seat, service: Service) -> None:
    ann.drop()
    ann.push({"type": "add_marker", "parent_id": "t0", "time": 15, "marker_id": "mine"})
    assert ann.sync.pending[0]["base"] == service.state.version
    service.back_to(service.state.version - 1)
    ann.connect()
    ann.settle()
    same(ann, service)
    assert [socket for socket in ann.effects(Send) if "base" in socket.frame] == []


def test_what_cannot_be_decided_here_waits_without_an_effect(ann: Seat, service: Service) -> None:
    before = values(ann.sync.state)
    ann.push({"type": "add_track", "kind": "video"}, {"type": "rename_track", "track_id": {"$ref": "x"}, "name": "x"})
    batch = ann.sync.undo()
    assert values(ann.sync.state) == before and len(ann.sync.pending) == 2
    ann.sync.receive({"t": "result", "batch": batch, "head": 1, "r": [{"gesture_id": "u", "ok": True, "how": "noop"}]})
    assert len(ann.sync.pending) == 1


def test_a_dry_run_changes_nothing_and_is_not_kept(ann: Seat) -> None:
    before = values(ann.sync.state)
    ann.sync.push([trim()], dry_run=True)
    assert values(ann.sync.state) == before
    assert ann.sync.pending and not ann.sync.saved().frames


def test_a_drag_is_previews_and_one_gesture(ann: Seat) -> None:
    before = values(ann.sync.state)
    told = ann.sync.preview([trim(delta=-2)], "drag-1")
    assert told == {"transaction_id": "drag-1", "records": {"t0c2": {"duration": 4 * F}}}
    gone = ann.sync.preview([{"type": "remove_clip", "clip_id": "t0c0"}], "drag-2")
    assert "t0c0" not in gone["records"]
    assert values(ann.sync.state) == before and not ann.sync.pending


def test_what_does_not_follow_is_dropped_and_a_snapshot_comes(ann: Seat, service: Service) -> None:
    bob = seated(service, "bob")
    bob.push(name("t0c0", "x"))
    bob.settle()
    assert ann.socket is not None
    ann.socket.down[0]["items"][0]["prev_hash"] = "of another log"
    ann.deliver_down()
    assert [type(effect) for effect in ann.told if isinstance(effect, Diverged)] == [Diverged]
    assert "after_version" not in ann.sync.hello("token")
    ann.connect()
    ann.settle()
    same(ann, service)


def test_unsendable_is_said_before_it_is_queued(ann: Seat) -> None:
    for wrong in (
        [],
        [trim()] * 501,
        [trim(gesture_id="a b")],
        [trim(gesture_id="g"), trim(gesture_id="g")],
        [name("t0c0", "x" * 300_000)],
        [name("t0c0", object())],
    ):
        with pytest.raises(errors.Unsendable):
            ann.sync.push(wrong)
    assert not ann.sync.pending


def test_a_queue_belongs_to_one_client(ann: Seat) -> None:
    other = Seat(ann.service, "bob")
    with pytest.raises(errors.WrongQueue):
        other.open(ann.sync.saved())


def test_a_frame_of_a_later_protocol_is_passed_over(ann: Seat, service: Service) -> None:
    assert ann.sync.receive({"t": "weather", "sun": True}) == []
    same(ann, service)


def test_s27_an_undo_is_sent_again_under_its_own_id(ann: Seat) -> None:
    ann.sync.undo(policy="fail")
    [sent] = ann.sync.outgoing()
    assert (sent["t"], sent["policy"], sent["gesture_id"]) == ("undo", "fail", ann.sync.shown[0])
    ann.connect()
    ann.settle()
    assert [effect.frame for effect in ann.effects(Send)] == [sent]


def test_events_that_came_before_are_passed_over(ann: Seat, service: Service) -> None:
    assert ann.sync.receive(events(service.items[-3:])) == []
    same(ann, service)


def test_states_compare_by_what_lives(service: Service) -> None:
    assert values(State()) == {}
    assert values(service.state)["t0c0"][0] == "clip"
