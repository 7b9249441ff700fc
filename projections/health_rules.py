"""What a health audit looks for: stable codes, how bad each is, what it means and what to do about it."""

from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

Severity = Literal["error", "warning", "info"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")


class Rule(NamedTuple):
    """One thing that may be wrong with a cut."""

    severity: Severity
    meaning: str
    advice: str


RULES: Final[dict[str, Rule]] = {
    "overlap": Rule("error", "Two items of one track overlap.", "Trim or move one of them."),
    "law_broken": Rule(
        "error", "A law of the timeline does not hold here; details.code names it.", "Remove or set the record anew."
    ),
    "media_missing": Rule(
        "error",
        "The clip has no media: it is marked as missing, or its asset is gone or failed.",
        "Give it other media with replace_media, or upload it again.",
    ),
    "media_not_ready": Rule("warning", "The asset of the clip is not ready yet.", "Wait until it has been looked at."),
    "transition_apart": Rule(
        "error", "The clips of the transition do not touch.", "Remove the transition, or close the gap."
    ),
    "transition_no_handle": Rule(
        "error",
        "The transition shows more of a clip than its media has.",
        "Shorten the transition with set_transition, or trim the clip.",
    ),
    "transition_unverified": Rule(
        "info",
        "The transition needs handles, and the length of the media is not known.",
        "Check it by eye, or use an asset of the workspace.",
    ),
    "flash_frame": Rule(
        "warning", "The clip is so short that it flashes.", "Lengthen it with trim or roll, or take it away."
    ),
    "tiny_gap": Rule(
        "warning", "A gap so short that it flashes black, or clicks.", "Close it with close_gap, or extend a neighbour."
    ),
    "sync_drift": Rule(
        "warning",
        "Picture and sound that are linked have drifted apart.",
        "Move or slip one of them by details.drift with single, the other way.",
    ),
    "sync_speed": Rule(
        "warning",
        "Picture and sound that are linked run at different speeds, or one of them backwards.",
        "Set the same speed on both with set_speed, or unlink them.",
    ),
    "keyframes_hidden": Rule(
        "info",
        "Keyframes lie outside what is shown; those in details.without_effect change nothing.",
        "Nothing, if the clip may be extended again; else delete them.",
    ),
    "caption_too_short": Rule("warning", "The caption is gone before it is noticed.", "Lengthen it."),
    "caption_too_fast": Rule(
        "warning", "The caption has more characters per second than people read.", "Lengthen it, or say it shorter."
    ),
    "nest_too_long": Rule(
        "warning", "The clip shows more than its nested sequence has: it ends in black.", "Trim its end."
    ),
}
"""Code → rule."""


@dataclass(frozen=True)
class Limits:
    """From where on something counts. Frames are the timeline's, ticks 1/705 600 000 s."""

    flash_frames: int = field(default=2, metadata={"told": "a clip of so many frames or fewer is a flash frame"})
    gap_frames: int = field(default=2, metadata={"told": "a gap of so many frames or fewer is tiny"})
    drift_ticks: int = field(default=0, metadata={"told": "linked picture and sound may be so many ticks apart"})
    caption_ms: int = field(default=1000, metadata={"told": "a caption stays at least so many milliseconds"})
    caption_cps: int = field(default=20, metadata={"told": "characters per second that people read"})


class Finding(NamedTuple):
    """Something that may be wrong: what, where, since when.

    `records` are ids, the one to act on first; `start` and `end` are ticks of the sequence `sequence_id` (None: root).
    """

    code: str
    records: tuple[str, ...]
    start: int
    end: int
    track_id: str | None = None
    sequence_id: str | None = None
    details: dict[str, Any] = {}

    @property
    def rule(self) -> Rule:
        return RULES[self.code]

    def shown(self) -> dict[str, Any]:
        """As it goes to readers."""
        return {
            "code": self.code,
            "severity": self.rule.severity,
            "message": self.rule.meaning,
            "advice": self.rule.advice,
            "records": list(self.records),
            "track_id": self.track_id,
            "sequence_id": self.sequence_id,
            "start": self.start,
            "end": self.end,
            "details": self.details,
        }
