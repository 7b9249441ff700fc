"""The check that a finished file passes before anybody sees it: all frames, evenly spaced, from zero, tagged."""

import hashlib
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Final

import av
from av.error import FFmpegError

from workers.render import colour, errors
from workers.render.plan import RenderPlan
from workers.render.plan_parts import SAMPLE_RATE

CHUNK: Final = 1 << 20


def check(path: Path, plan: RenderPlan) -> None:
    """Compare a file with its plan without decoding it. Raises OutputInvalid."""
    try:
        with av.open(str(path)) as container:
            _check_video(container, plan)
        with av.open(str(path)) as container:
            _check_audio(container, plan)
    except FFmpegError as error:
        raise errors.OutputInvalid(reason=str(error)) from error


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_video(container: av.container.InputContainer, plan: RenderPlan) -> None:
    stream = container.streams.video[0]
    time_base = stream.time_base or Fraction(1)
    stamps = sorted(packet.pts for packet in container.demux(stream) if packet.pts is not None)
    step = Fraction(plan.rate_den, plan.rate_num) / time_base
    _expect("frames", len(stamps), plan.frames)
    _expect("first", stamps[0], 0)
    _expect("steps", {b - a for a, b in pairwise(stamps)} - {step}, set())
    _expect("matrix", stream.codec_context.colorspace, colour.MATRIX_BT709)


def _check_audio(container: av.container.InputContainer, plan: RenderPlan) -> None:
    stream = container.streams.audio[0]
    time_base = stream.time_base or Fraction(1, SAMPLE_RATE)
    _expect("sound starts", stream.start_time, 0)
    length = (stream.duration or 0) * time_base * SAMPLE_RATE
    if abs(length - plan.samples) > 1:
        raise errors.OutputInvalid(what="samples", found=str(length), expected=plan.samples)


def _expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise errors.OutputInvalid(what=what, found=str(found), expected=str(expected))
