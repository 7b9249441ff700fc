"""What OTIO's words and numbers mean in ours: colours, kinds of tracks and transitions, speeds."""

from fractions import Fraction
from typing import Any, Final

from projections.otio import packing
from projections.otio.schema import Json

KINDS: Final = {"video": "Video", "audio": "Audio", "caption": "Caption"}
TRANSITIONS: Final = {"dissolve": "SMPTE_Dissolve"}
CUSTOM: Final = "Custom_Transition"
LARGEST: Final = 1_000_000
"""Of the two numbers of a speed."""
CLOSE: Final = Fraction(1, 10**9)


def track_kind(said: str) -> str:
    """The kind of track that a foreign word means: pictures, unless it says otherwise."""
    return {"audio": "audio", "caption": "caption"}.get(said.lower(), "video")


def transition_kind(said: str) -> str:
    """The kind of transition that a foreign word means."""
    return {"": "dissolve", TRANSITIONS["dissolve"]: "dissolve"}.get(said, "custom")


def color_of(said: Any) -> str | None:
    """A colour as text: the name that it has, or `#rrggbb`."""
    if isinstance(said, str):
        return said[:1000] or None
    if not packing.is_value(said, "Color.1"):
        return None
    if said["name"]:
        return str(said["name"])[:1000]
    return "#" + "".join(f"{round(min(1.0, max(0.0, said[part])) * 255):02x}" for part in "rgb")


def warped(warps: list[Json]) -> tuple[Json, bool]:
    """The speed and the direction that time warps come to."""
    scalar: float = 1.0
    for warp in warps:
        scalar *= max(-LARGEST, min(LARGEST, warp["time_scalar"]))
        scalar = max(-LARGEST, min(LARGEST, scalar))
    return ratio(abs(scalar)), scalar < 0


def ratio(scalar: float) -> Json:
    """A speed as whole numbers up to a million: the simplest that is within 1e-9 of it, or the nearest there is."""
    if not scalar:
        return {"num": 0, "den": 1}
    exact = min(max(Fraction(scalar), Fraction(1, LARGEST)), Fraction(LARGEST))
    found = exact
    for limit in (1001, LARGEST):
        most = limit if exact <= 1 else max(1, int(limit / exact))
        found = exact.limit_denominator(most)
        if abs(found - exact) <= exact * CLOSE:
            break
    return {"num": found.numerator, "den": found.denominator}
