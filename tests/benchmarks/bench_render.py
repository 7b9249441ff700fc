"""The 20-cut 9:16 edit: CPU of a rendering against plain decode + crop + scale + encode, and memory at 5 and 200 clips.

The limit is ffmpeg (the binary of `imageio-ffmpeg`) decoding 600 frames, one static crop, one scale, the same encode:
the mean over the three sources. The edit has 20 cuts, so it must also decode what lies between a keyframe and each cut;
"limit + GOP" adds decoding those frames. Rounds are interleaved, medians are printed, with the machine's load.

    python -m tests.benchmarks.bench_render [folder for the sources, to keep them]
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from timeline_service.domain.time import Rate
from workers.render import child, interpolate, plan_input
from workers.render import plan as plans
from workers.render.job import RenderJob
from workers.render.local import environment

ROUNDS = 3
RATE = Rate(30, 1)
SOURCE_FRAMES, GOP, CUT = 600, 60, 30
SHORT = 10
"""Frames per clip where only memory is measured."""
WIDTH, HEIGHT, WINDOW = 1920, 1080, 608
ENCODE = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-c:a", "aac", "-b:a", "128k")
PICTURES = ("testsrc2=", "mandelbrot=", "testsrc=")
NOISE = ",noise=alls=20:allf=t"


@dataclass(frozen=True)
class Cost:
    """What a command used: CPU and wall seconds, and the largest memory in MB."""

    cpu: float
    wall: float
    memory: float


def run(command: list[str], **given: object) -> Cost:
    """Run it to its end; its own cost, however many threads it had."""
    began = time.perf_counter()
    process = subprocess.Popen(command, **given)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return Cost(used.ru_utime + used.ru_stime, time.perf_counter() - began, used.ru_maxrss / 1024)


def ffmpeg(*arguments: str) -> list[str]:
    return [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-y", "-v", "error", *arguments]


def make_sources(folder: Path) -> list[Path]:
    """Three sources of 20 s at 1080p30 with noise for sound."""
    paths = []
    for number, source in enumerate(PICTURES):
        path = folder / f"source-{number}.mp4"
        paths.append(path)
        if path.exists():
            continue
        picture = f"{source}size={WIDTH}x{HEIGHT}:rate=30{NOISE if number == 2 else ''}"
        sound = f"anoisesrc=r=48000:seed={number}:a=0.2"
        seconds = str(SOURCE_FRAMES // 30)
        run(
            ffmpeg(
                *("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-t", seconds, "-pix_fmt", "yuv420p"),
                *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", str(GOP)),
                *("-c:a", "aac", "-ac", "2", str(path)),
            )
        )
    return paths


def edit(cuts: int, length: int = CUT) -> tuple[plans.RenderPlan, int]:
    """The edit, and how many frames lie between keyframes and in-points: 4 of 5 pans are fast, one is slow."""
    dice, per_frame = random.Random(7), RATE.ticks_per_frame
    facts = [
        plan_input.MediaFacts(f"source-{n}", WIDTH, HEIGHT, RATE, SOURCE_FRAMES * per_frame, has_audio=True)
        for n in range(len(PICTURES))
    ]
    clips, prefix = [], 0
    for n in range(cuts):
        first = dice.randrange(0, SOURCE_FRAMES - length)
        prefix += first % GOP
        left, way = dice.uniform(0, 200), (29.0 if n % 5 == 4 else 1063.0)
        keys = tuple(
            interpolate.CropKey(
                (first + at) * per_frame, ppm(x, WIDTH), 0, ppm(WINDOW, WIDTH), interpolate.PPM, "linear"
            )
            for at, x in ((0, left), (length - 1, left + way))
        )
        clips.append(
            plan_input.ClipInput(
                f"c{n}",
                "v",
                n * length * per_frame,
                length * per_frame,
                facts[n % 3],
                source_in=first * per_frame,
                crop=keys,
            )
        )
    timeline = plan_input.PlanInput(RATE, 720, 1280, (plan_input.TrackInput("v", "video"),), tuple(clips))
    preset = plan_input.Preset("bench", crf=23, audio_bitrate=128_000)
    return plans.build_plan(timeline, preset), prefix


def ppm(pixels: float, whole: int) -> int:
    return round(pixels / whole * interpolate.PPM)


def ours(plan: plans.RenderPlan, sources: list[Path], folder: Path) -> Cost:
    """A whole rendering in a child process, the start of Python included."""
    job = RenderJob(
        "bench", plan.as_dict(), {f"source-{n}": str(path) for n, path in enumerate(sources)}, str(folder / "out.mp4")
    )
    (folder / child.JOB).write_text(json.dumps(job.as_dict()))
    # The child takes the end of its standard input for the end of its parent, so it gets one that stays open.
    reading, writing = os.pipe()
    try:
        cost = run(
            [sys.executable, "-m", child.__name__, str(folder)],
            stdin=reading,
            stdout=subprocess.DEVNULL,
            env=environment(),
        )
    finally:
        os.close(reading)
        os.close(writing)
    answer = json.loads((folder / child.RESULT).read_text())
    if not answer["ok"]:
        raise RuntimeError(str(answer["error"]))
    return cost


def limit(sources: list[Path], folder: Path) -> Cost:
    """The mean cost of the plain ffmpeg over the sources."""
    chain = f"crop={WINDOW}:{HEIGHT}:600:0,scale=720:1280:flags=bicubic"
    costs = [
        run(ffmpeg("-i", str(path), "-vf", chain, *ENCODE, "-movflags", "+faststart", str(folder / "limit.mp4")))
        for path in sources
    ]
    return mean(costs)


def decoding(sources: list[Path]) -> Cost:
    """The mean cost of decoding a source and nothing else."""
    return mean([run(ffmpeg("-i", str(path), "-map", "0:v", "-f", "null", "-")) for path in sources])


def mean(costs: list[Cost]) -> Cost:
    return Cost(
        *(statistics.mean(getattr(cost, name) for cost in costs) for name in ("cpu", "wall")),
        max(cost.memory for cost in costs),
    )


def median(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("cpu", "wall", "memory")))


def main(kept: str | None = None) -> None:
    """Measure and print. `kept`: a folder whose sources are used again."""
    with tempfile.TemporaryDirectory(prefix="bench-render-") as scratch:
        folder = Path(scratch)
        sources = make_sources(Path(kept) if kept else folder)
        plan, prefix = edit(20)
        rounds: dict[str, list[Cost]] = {"limit": [], "decode": [], "ours": []}
        for _ in range(ROUNDS):
            rounds["limit"].append(limit(sources, folder))
            rounds["ours"].append(ours(plan, sources, folder))
            rounds["decode"].append(decoding(sources))
        floor, engine = median(rounds["limit"]), median(rounds["ours"])
        extra = median(rounds["decode"]).cpu * prefix / SOURCE_FRAMES
        few = ours(edit(5, SHORT)[0], sources, folder)
        many = ours(edit(200, SHORT)[0], sources, folder)
    load = os.getloadavg()
    print(
        f"render: 20 cuts, 600 frames, 1080p to 720x1280 (load {load[0]:.1f}, {os.cpu_count()} CPUs, {ROUNDS} rounds)"
    )
    print(f"  plain ffmpeg      {floor.cpu:6.1f} CPU-s  {600 / floor.wall:5.0f} frames/s")
    print(f"  ours              {engine.cpu:6.1f} CPU-s  {600 / engine.wall:5.0f} frames/s")
    print(f"  CPU / limit         {engine.cpu / floor.cpu:5.2f}   (wanted: at most 2.1)")
    print(f"  CPU / (limit + GOP) {engine.cpu / (floor.cpu + extra):5.2f}   ({prefix} frames before in-points)")
    print(f"  memory, 5 clips   {few.memory:6.0f} MB")
    print(f"  memory, 200 clips {many.memory:6.0f} MB   (wanted: at most 400)")


if __name__ == "__main__":
    main(*sys.argv[1:2])
