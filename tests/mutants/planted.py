"""Bugs that somebody might write. Each is one replacement in one file; the model machine must notice every one.

A text that is no longer there once and only once fails test_planted.py: whoever changes the code plants the bug anew.
"""

from typing import NamedTuple


class Mutant(NamedTuple):
    """A planted bug: in `file`, `old` becomes `new`. `breaks` is what must not go unnoticed."""

    name: str
    file: str
    old: str
    new: str
    breaks: str


DOMAIN = "timeline_service/domain"
EDITING = "timeline_service/editing"

PLANTED = (
    Mutant(
        "shift_leaves_the_first", f"{DOMAIN}/state.py",
        "elif record.value[field] >= start:",
        "elif record.value[field] > start:",
        "a ripple forgets what starts exactly where it begins",
    ),
    Mutant(
        "shift_by_one_tick_more", f"{DOMAIN}/state.py",
        "record.value[field] += by", "record.value[field] += by + 1",
        "a ripple moves by another length than it says",
    ),
    Mutant(
        "a_fork_writes_to_its_original", f"{DOMAIN}/state.py",
        "        other._token = object()  # noqa: SLF001\n",
        "        other._token = self._token  # noqa: SLF001\n",
        "a refused gesture has changed the state all the same",
    ),
    Mutant(
        "a_dropped_clip_stays_on_its_track", f"{DOMAIN}/state.py",
        "            self._members_of(record.value[container]).pop(change.id, None)",
        "            self._members_of(record.value[container])",
        "what was dropped still lies in its container",
    ),
    Mutant(
        "owner_of_the_neighbour", f"{DOMAIN}/draft.py",
        "after.get(name, value.get(name)), record.owner(name), *owner]",
        "after.get(name, value.get(name)), record.base, *owner]",
        "a change tells another owner than it met",
    ),
    Mutant(
        "drop_forgets_children", f"{DOMAIN}/draft.py",
        "        for child in sorted(self.state.members.get(id, ())):\n            if self.state.records[child].alive:",
        "        for child in sorted(self.state.members.get(id, ())):\n            if False and self.state.records[child].alive:",
        "keyframes of a clip that is gone",
    ),
    Mutant(
        "overlap_by_a_frame", f"{DOMAIN}/invariants.py",
        "            if at < end and at + value[\"duration\"] > start:",
        "            if at < end - state.rate.ticks_per_frame and at + value[\"duration\"] > start:",
        "clips overlap by a frame",
    ),
    Mutant(
        "handles_are_twice_as_long", f"{DOMAIN}/invariants.py",
        "    if available and end > available[\"start\"] + available[\"duration\"]:",
        "    if available and end > available[\"start\"] + 2 * available[\"duration\"]:",
        "a clip shows what its media does not have",
    ),
    Mutant(
        "locks_are_for_others", f"{DOMAIN}/invariants.py",
        "        if track is not None and track.value[\"locked\"]:\n            raise errors.TrackLocked(track_id=track.id)",
        "        if track is not None and track.value[\"locked\"]:\n            continue",
        "a locked track is edited",
    ),
    Mutant(
        "transitions_reach_as_far_as_they_like", f"{DOMAIN}/transitions.py",
        "        if there is not None and needed > there:", "        if there is not None and needed < -there:",
        "a transition without a handle",
    ),
    Mutant(
        "separated_transitions_stay", f"{DOMAIN}/transitions.py",
        '    return bool(one["track_id"] == other["track_id"] and one["start"] + one["duration"] == other["start"])',
        '    return bool(one["track_id"] == other["track_id"])',
        "a transition whose clips are apart",
    ),
    Mutant(
        "a_link_of_one", f"{DOMAIN}/settle.py",
        "        if len(left) == 1:", "        if len(left) == 0:",
        "a clip is linked to nobody",
    ),
    Mutant(
        "the_right_half_starts_over", f"{DOMAIN}/clip_time.py",
        '        return {"source_in": clip["source_in"] + delta}',
        '        return {"source_in": clip["source_in"]}',
        "a split changes what is shown",
    ),
    Mutant(
        "animation_slips_at_a_cut", f"{DOMAIN}/surgery.py",
        "    lag_keyframes(draft, right_id, offset)\n    for kind in",
        "    for kind in",
        "the right half of a split plays the animation of the left again",
    ),
    Mutant(
        "undo_takes_what_is_not_mine", f"{DOMAIN}/inverse.py",
        "            if owner != left.get(field, 0) or (mine is not None and not given_back and author(owner) != mine):",
        "            if False:",
        "an undo overwrites somebody else's later edit",
    ),
    Mutant(
        "undo_buries_new_children", f"{DOMAIN}/inverse.py",
        "        if not self.terms.force:\n            for child in",
        "        if self.terms.force:\n            for child in",
        "undoing an add drops what others put into it",
    ),
    Mutant(
        "undo_gives_no_owner_back", f"{DOMAIN}/inverse.py",
        "        owners = {field: written[2] for field, written in change.fields.items()}",
        "        owners = {field: self.draft.version for field, written in change.fields.items()}",
        "after an undo the undoer owns what he gave back, and nobody can go on undoing",
    ),
    Mutant(
        "units_are_undone_from_the_front", f"{DOMAIN}/inverse.py",
        "    found = written[::-1]", "    found = written[:]",
        "the changes of an event are taken back in the order in which they were made",
    ),
    Mutant(
        "restore_forgets_to_drop", f"{DOMAIN}/restore.py",
        "            if goal.find(record.id) is None and draft.state.find(record.id) is not None:",
        "            if goal.find(record.id) is None and draft.state.find(record.id) is None:",
        "a restored version still has what came later",
    ),
    Mutant(
        "restore_forgets_keys", f"{DOMAIN}/restore.py",
        "    draft.set(wanted.id, {**wanted.value, **gone})", "    draft.set(wanted.id, {**wanted.value})",
        "a restored version still has metadata that came later",
    ),
    Mutant(
        "a_snapshot_without_owners", "projections/snapshots.py",
        "r.base, r.value, r.owners)", "r.base, r.value, {})",
        "who wrote what is forgotten by a snapshot",
    ),
    Mutant(
        "a_snapshot_of_the_living", "projections/snapshots.py",
        "for _, r in sorted(state.records.items())\n", "for _, r in sorted(state.records.items()) if r.alive\n",
        "tombstones are lost, and with them ids and undo",
    ),
    Mutant(
        "rows_of_the_dead", "projections/checkpoints.py",
        "            if isinstance(change, changes.Put | changes.Drop):",
        "            if isinstance(change, changes.Put):",
        "the projection still finds dropped records",
    ),
    Mutant(
        "the_tail_is_one_short", "projections/reader.py",
        "        while state.version < wanted:", "        while state.version < wanted - 1:",
        "a version is read without its last event",
    ),
    Mutant(
        "the_hash_leaves_out_the_body", f"{DOMAIN}/chain.py",
        "    digest.update(hashlib.sha256(body).digest())", "    digest.update(hashlib.sha256(b\"\").digest())",
        "an altered event goes unnoticed",
    ),
    Mutant(
        "another_payload_is_no_matter", f"{EDITING}/repeats.py",
        "    if stored.request_digest != digest:", "    if stored.request_digest == b\"\":",
        "a gesture id is used again for something else",
    ),
    Mutant(
        "an_older_version_will_do", f"{EDITING}/command.py",
        "        if expected is not None and expected != state.version:",
        "        if expected is not None and expected > state.version:",
        "expected_version pins nothing",
    ),
    Mutant(
        "half_a_batch", f"{EDITING}/sequencer.py",
        "            flush.refused.append((pending, refusal))\n            continue",
        "            flush.refused.append((pending, refusal))\n            state = state.fork()\n            state.version += 1\n            continue",
        "a refusal leaves a trace in the state that comes next",
    ),
    Mutant(
        "a_listener_hears_twice", f"{EDITING}/announce.py",
        "        room.version = following.to_version\n", "        room.version = following.from_version - 1\n",
        "a live session gets events twice",
    ),
    Mutant(
        "a_plan_that_is_kept", f"{EDITING}/command.py",
        "        return not self.submission.dry_run", "        return True",
        "a dry run is stored",
    ),
    Mutant(
        "a_nest_in_itself", f"{DOMAIN}/nests.py",
        "    if inside is not None and inside in _contained(state, shown):", "    if inside is not None and shown == 0:",
        "a sequence contains itself",
    ),
)  # fmt: skip
