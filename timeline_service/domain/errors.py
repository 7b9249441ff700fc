"""Why a gesture is refused. A refusal changes nothing.

    Refused
    ├── Wrong (422)            wrong in itself, whatever the state
    │   ├── TimeNotExact       time_not_exact
    │   ├── RateUnknown        rate_unknown
    │   ├── OffGrid            off_grid
    │   ├── BadRange           bad_range
    │   ├── BadRectangle       bad_rectangle
    │   ├── BadReference       bad_reference
    │   └── BadValue           bad_value
    └── Clash (409)            refused by the state it met
        ├── RecordMissing      clip_missing, track_missing, keyframe_missing, … , record_missing
        ├── IdTaken            id_taken
        ├── Overlap            overlap
        ├── NegativeTime       negative_time
        ├── TooShort           too_short
        ├── NoHandle           no_handle
        ├── AtEdge             at_edge
        ├── OutsideClip        outside_clip
        ├── TrackLocked        track_locked
        ├── KindMismatch       kind_mismatch
        ├── KeyframeExists     keyframe_exists
        ├── TransitionExists   transition_exists
        ├── TransitionInTheWay in_transition
        ├── NotAdjacent        not_adjacent
        ├── NotContiguous      not_contiguous
        ├── NoNeighbour        no_neighbour
        ├── NoGap              no_gap
        ├── CircularNest       circular_nest
        ├── Retimed            retimed
        ├── MediaSizeUnknown   media_size_unknown
        ├── MediaMissing       media_missing
        ├── ScopeConflict      scope_conflict
        ├── InUse              in_use
        ├── TimelineNotEmpty   timeline_not_empty
        ├── TimelineFull       timeline_full
        ├── NoChange           no_change
        ├── StaleField         stale_field
        ├── ShiftNotInvertible shift_not_invertible
        ├── PlaceGone          place_gone
        ├── UndoConflict       undo_conflict
        └── NothingToUndo      nothing_to_undo, nothing_to_redo

The class docstring is the message; `code` is stable, goes to the wire and is listed in docs/errors.md.
"""

from typing import Any, ClassVar


class Refused(Exception):
    """The gesture is refused."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, *, code: str | None = None, **details: Any) -> None:
        self.stable_code = code or type(self).code
        self.details = details
        super().__init__(self.stable_code, details)

    @property
    def message(self) -> str:
        return " ".join((type(self).__doc__ or "").split())


class Wrong(Refused):
    """The gesture is wrong in itself."""

    code = "invalid"
    status = 422


class TimeNotExact(Wrong):
    """This time is not a whole number of ticks; give it as {"ticks": n} or at a rate of the closed list."""

    code = "time_not_exact"


class RateUnknown(Wrong):
    """This frame rate is not one of the rates the service knows."""

    code = "rate_unknown"


class OffGrid(Wrong):
    """Video lies on the frame grid of the timeline; this time is between two frames."""

    code = "off_grid"


class BadRange(Wrong):
    """The range is empty or lies before zero."""

    code = "bad_range"


class BadRectangle(Wrong):
    """The crop window must lie inside the picture and have a width and a height."""

    code = "bad_rectangle"


class BadReference(Wrong):
    """A `$ref` must name an id that an earlier gesture of the same batch made."""

    code = "bad_reference"


class BadValue(Wrong):
    """This property does not exist here, or does not take such a value."""

    code = "bad_value"


class Clash(Refused):
    """The gesture is refused by the state it met."""

    code = "conflict"


class RecordMissing(Clash):
    """There is no such record in the timeline (any more)."""

    code = "record_missing"

    def __init__(self, *, kind: str = "record", **details: Any) -> None:
        super().__init__(code=f"{kind}_missing", **details)

    CODES = (
        "clip_missing",
        "track_missing",
        "sequence_missing",
        "transition_missing",
        "effect_missing",
        "keyframe_missing",
        "caption_missing",
        "marker_missing",
        "annotation_missing",
        "record_missing",
    )


class IdTaken(Clash):
    """This id is or was in use in the timeline; ids are never reused."""

    code = "id_taken"


class Overlap(Clash):
    """Clips of one track never overlap."""

    code = "overlap"


class NegativeTime(Clash):
    """Nothing starts before zero."""

    code = "negative_time"


class TooShort(Clash):
    """A clip is at least one frame long."""

    code = "too_short"


class NoHandle(Clash):
    """The media does not reach that far."""

    code = "no_handle"


class AtEdge(Clash):
    """There is nothing to split at the edge of a clip or outside it."""

    code = "at_edge"


class OutsideClip(Clash):
    """The clip does not lie at this time."""

    code = "outside_clip"


class TrackLocked(Clash):
    """The track is locked."""

    code = "track_locked"


class KindMismatch(Clash):
    """The track takes another kind of item."""

    code = "kind_mismatch"


class KeyframeExists(Clash):
    """The clip has a keyframe of this property at this time; update or move it instead."""

    code = "keyframe_exists"


class TransitionExists(Clash):
    """This end of the clip has a transition; change or remove it instead."""

    code = "transition_exists"


class TransitionInTheWay(Clash):
    """A transition is in the way: it would be cut, or its clip would be shorter than it."""

    code = "in_transition"


class NotAdjacent(Clash):
    """These clips must lie side by side on one track."""

    code = "not_adjacent"


class NotContiguous(Clash):
    """Only pieces of one source, one after the other and at one speed, can be joined."""

    code = "not_contiguous"


class NoNeighbour(Clash):
    """There is no clip beside this one."""

    code = "no_neighbour"


class NoGap(Clash):
    """There is nothing to close: something lies there, or nothing lies behind it."""

    code = "no_gap"


class CircularNest(Clash):
    """A sequence cannot contain itself."""

    code = "circular_nest"


class Retimed(Clash):
    """A nest can be opened only at speed 1 and forwards."""

    code = "retimed"


class MediaSizeUnknown(Clash):
    """Pixels need the size of the picture, and the size of this media is not known; use unit ppm."""

    code = "media_size_unknown"


class MediaMissing(Clash):
    """There is no such asset in the workspace, or it is not ready."""

    code = "media_missing"


class ScopeConflict(Clash):
    """Closing the gap on the other tracks of the scope would cut through what lies there."""

    code = "scope_conflict"


class InUse(Clash):
    """Another record refers to this one."""

    code = "in_use"


class TimelineNotEmpty(Clash):
    """The file has nothing to do with what is in this timeline; make a new one for it."""

    code = "timeline_not_empty"


class TimelineFull(Clash):
    """The timeline has had as many records as one may have; go on in a new one."""

    code = "timeline_full"


class NoChange(Clash):
    """The timeline is already as the gesture would make it; nothing was stored."""

    code = "no_change"


class StaleField(Clash):
    """A field that the request expects to be unchanged has been written since."""

    code = "stale_field"


class ShiftNotInvertible(Clash):
    """Something starts inside the span that the ripple would close."""

    code = "shift_not_invertible"


class PlaceGone(Clash):
    """The place on the timeline that this time named has been cut away since."""

    code = "place_gone"


class UndoConflict(Clash):
    """Others have worked on this since; `details.conflicts` names field, event and actor. Policy `force` goes ahead."""

    code = "undo_conflict"


class NothingToUndo(Clash):
    """The stack is empty."""

    code = "nothing_to_undo"
    CODES = ("nothing_to_undo", "nothing_to_redo")
