"""The kinds of records a timeline state is made of, and how they hold together.

A record is `kind`, an id that is unique in its timeline for ever, and flat fields. Maps are addressed per key
(`metadata.scene`), so that writers of different keys never overwrite each other.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

OnDrop = Literal["cascade", "conflict", "null"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that names another record, and what happens to its holder when that record is dropped."""

    field: str
    kinds: tuple[str, ...]
    on_drop: OnDrop


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: its fields with their defaults (`...` = required), references, maps, and its container.

    `container` is the reference that says where it lies; `time` the field that a shift of its track moves.
    """

    name: str
    fields: dict[str, Any]
    references: tuple[Reference, ...] = ()
    maps: tuple[str, ...] = ()
    container: str | None = None
    time: str | None = None
    required: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "required", frozenset(name for name, default in self.fields.items() if default is ...))


KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind(
            "timeline",
            {"name": ..., "rate": ..., "width": ..., "height": ..., "start_timecode": 0},
            maps=("metadata",),
        ),
        Kind(
            "track",
            {
                "kind": ..., "name": "", "order": ..., "enabled": True, "locked": False, "muted": False, "solo": False,
                "gain": 0, "sequence_id": None,
            },
            references=(Reference("sequence_id", ("sequence",), "conflict"),),
            container="sequence_id",
        ),
        Kind(
            "clip",
            {
                "track_id": ..., "start": ..., "duration": ..., "media": ..., "source_in": 0, "map_offset": 0,
                "speed": {"num": 1, "den": 1}, "reversed": False, "name": "", "enabled": True, "color": None,
                "gain": 0, "fade_in": 0, "fade_out": 0, "link_id": None, "group_id": None,
            },
            references=(Reference("track_id", ("track",), "conflict"),),
            maps=("metadata",),
            container="track_id",
            time="start",
        ),
        Kind(
            "keyframe",
            {"parent_id": ..., "property": ..., "time": ..., "value": ..., "interpolation": "linear"},
            references=(Reference("parent_id", ("clip",), "cascade"),),
            container="parent_id",
        ),
        Kind(
            "marker",
            {"parent_id": ..., "time": ..., "duration": 0, "name": "", "color": "RED", "comment": ""},
            references=(Reference("parent_id", ("timeline", "track", "clip"), "cascade"),),
            container="parent_id",
            time="time",
        ),
    )
}  # fmt: skip

CONTAINER: Final[dict[str, str]] = {kind.name: kind.container for kind in KINDS.values() if kind.container}
PLACEMENT: Final[dict[str, tuple[str, str]]] = {"clip": ("track_id", "start"), "marker": ("parent_id", "time")}
"""Fields that are one placement: written together, one owner."""
RESTORE_ORDER: Final = ("timeline", "track", "clip", "marker", "keyframe")
"""Parents before children: the order in which a restore puts and sets records, and the reverse of how it drops them."""


def new(kind: str, /, **given: Any) -> dict[str, Any]:
    """The fields of a new record: what is given over the defaults of its kind. Raises KeyError for a missing one."""
    known = KINDS[kind]
    value = {name: default for name, default in known.fields.items() if default is not ...}
    value.update(given)
    missing = known.required - value.keys()
    if missing:
        raise KeyError(f"{kind} needs {sorted(missing)}")
    return {name: value[name] for name in (*known.fields, *(k for k in value if k not in known.fields))}
