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
    """One kind of record: its fields with their defaults (`...` = required), references, maps, and its containers.

    `containers` are the references that say where it lies (a transition lies in both its clips); `time` is the field
    that a shift moves where the container is a track or the timeline.
    """

    name: str
    fields: dict[str, Any]
    references: tuple[Reference, ...] = ()
    maps: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    time: str | None = None
    required: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "required", frozenset(name for name, default in self.fields.items() if default is ...))

    @property
    def container(self) -> str | None:
        """The one field that says where a record lies; None for kinds that lie nowhere or in several places."""
        return self.containers[0] if len(self.containers) == 1 else None


KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind(
            "timeline",
            {"name": ..., "rate": ..., "width": ..., "height": ..., "start_timecode": 0},
            maps=("metadata",),
        ),
        Kind("sequence", {"name": ""}, maps=("metadata",)),
        Kind(
            "track",
            {
                "kind": ..., "name": "", "order": ..., "enabled": True, "locked": False, "muted": False, "solo": False,
                "gain": 0, "sequence_id": None,
            },
            references=(Reference("sequence_id", ("sequence",), "conflict"),),
            maps=("metadata",),
            containers=("sequence_id",),
        ),
        Kind(
            "clip",
            {
                "track_id": ..., "start": ..., "duration": ..., "media": ..., "source_in": 0, "map_offset": 0,
                "speed": {"num": 1, "den": 1}, "reversed": False, "name": "", "enabled": True, "color": None,
                "gain": 0, "fade_in": 0, "fade_out": 0, "link_id": None, "group_id": None,
            },
            references=(Reference("track_id", ("track",), "conflict"),),
            maps=("metadata", "params"),
            containers=("track_id",),
            time="start",
        ),
        Kind(
            "transition",
            {"left_id": None, "right_id": None, "kind": "dissolve", "in_offset": 0, "out_offset": 0, "name": ""},
            references=(Reference("left_id", ("clip",), "cascade"), Reference("right_id", ("clip",), "cascade")),
            maps=("params", "metadata"),
            containers=("left_id", "right_id"),
        ),
        Kind(
            "effect",
            {"parent_id": ..., "kind": ..., "order": ..., "name": "", "enabled": True},
            references=(Reference("parent_id", ("clip", "track"), "cascade"),),
            maps=("params", "metadata"),
            containers=("parent_id",),
        ),
        Kind(
            "caption",
            {"track_id": ..., "start": ..., "duration": ..., "text": ..., "name": "", "enabled": True},
            references=(Reference("track_id", ("track",), "conflict"),),
            maps=("params", "metadata"),
            containers=("track_id",),
            time="start",
        ),
        Kind(
            "marker",
            {"parent_id": ..., "time": ..., "duration": 0, "name": "", "color": "RED", "comment": ""},
            references=(Reference("parent_id", ("timeline", "track", "clip"), "cascade"),),
            maps=("metadata",),
            containers=("parent_id",),
            time="time",
        ),
        Kind(
            "annotation",
            {"parent_id": ..., "time": ..., "duration": 0, "shape": ..., "color": "#ff0000", "comment": ""},
            references=(Reference("parent_id", ("timeline", "track", "clip"), "cascade"),),
            maps=("metadata",),
            containers=("parent_id",),
            time="time",
        ),
        Kind(
            "keyframe",
            {"parent_id": ..., "property": ..., "time": ..., "value": ..., "interpolation": "linear"},
            references=(Reference("parent_id", ("clip", "effect", "track"), "cascade"),),
            containers=("parent_id",),
            time="time",
        ),
    )
}  # fmt: skip

CONTAINER: Final[dict[str, str]] = {
    kind.name: kind.containers[0] for kind in KINDS.values() if len(kind.containers) == 1
}
"""Kind → the one field that says where its records lie."""
SIDES: Final[dict[str, tuple[str, ...]]] = {k.name: k.containers for k in KINDS.values() if len(k.containers) > 1}
"""Kind → the fields of those that lie in several records at once, each of which may be null."""
PLACEMENT: Final[dict[str, tuple[str, str]]] = {
    "clip": ("track_id", "start"),
    "caption": ("track_id", "start"),
    "marker": ("parent_id", "time"),
    "annotation": ("parent_id", "time"),
}
"""Fields that are one placement: written together, one owner."""
BONDS: Final = ("link_id", "group_id")
"""Fields that say which clips belong together; of one alone there is no link and no group."""
RESTORE_ORDER: Final = tuple(KINDS)
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
