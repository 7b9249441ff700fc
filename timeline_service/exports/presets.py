"""The named output formats. All are MP4 with H.264 and AAC; they differ in the size of the picture."""

from typing import Any, Final

from timeline_service.domain.preset import Preset
from timeline_service.kit import errors

PRESETS: Final[dict[str, Preset]] = {
    preset.name: preset
    for preset in (
        Preset("source"),
        Preset("vertical_720p", 720, 1280),
        Preset("vertical_1080p", 1080, 1920),
        Preset("landscape_720p", 1280, 720),
        Preset("landscape_1080p", 1920, 1080),
        Preset("square_720p", 720, 720),
        Preset("square_1080p", 1080, 1080),
    )
}


class PresetUnknown(errors.Invalid):
    """There is no output format of this name."""

    code = "preset_unknown"


def find(name: str) -> Preset:
    """The format of that name. Raises PresetUnknown with the names there are."""
    preset = PRESETS.get(name)
    if preset is None:
        raise PresetUnknown(presets=sorted(PRESETS))
    return preset


def from_dict(data: dict[str, Any]) -> Preset:
    """A format as a job keeps it, so that a later change of the list does not touch jobs that wait."""
    return Preset(**data)
