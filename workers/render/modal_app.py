"""The app that is deployed to Modal: `modal deploy -m workers.render.modal_app`.

Two functions over the same engine: `render` on CPUs, which is cheap and byte-for-byte reproducible, and `render_gpu`
for outputs where NVENC pays; it tries the encoder when the container starts and falls back to libx264 in place.
"""

import time
from typing import Any, Final

import modal

from workers.render import encode, engine, execute
from workers.render.modal import FUNCTION, PROGRESS_DICT, unpack

APP_NAME: Final = "timeline-render"
PACKAGES: Final = (
    "av>=18,<19", "numpy>=2", "pillow>=12", "font-source-sans-pro==0.0.1", "msgspec>=0.21", "pydantic>=2.14",
    "httpx2>=2.16", "structlog>=25", "orjson>=3.11",
)  # fmt: skip
GPUS: Final = ["L4", "T4"]
"""In order of preference. A100 and above have no encoder."""
TIMEOUT_S: Final = 3600
SAY_EVERY_S: Final = 0.5

image = (
    modal.Image.debian_slim(python_version="3.12")
    .uv_pip_install(*PACKAGES)
    .env({"OPENBLAS_NUM_THREADS": "1", "NVIDIA_DRIVER_CAPABILITIES": "compute,utility,video"})
    .add_local_python_source("timeline_service", "workers")
)
app = modal.App(APP_NAME, image=image)
shelf = modal.Dict.from_name(PROGRESS_DICT, create_if_missing=True)


class Reporter:
    """Writes a job's progress to the shared Dict, at most twice a second."""

    def __init__(self, job_id: str) -> None:
        self._job_id = job_id
        self._said = float("-inf")

    def __call__(self, progress: engine.Progress) -> None:
        now = time.monotonic()
        if now - self._said < SAY_EVERY_S and progress.phase == "video":
            return
        self._said = now
        shelf[self._job_id] = {
            "done": progress.frames_done,
            "total": progress.frames_total,
            "phase": progress.phase,
        }


@app.function(name=FUNCTION, cpu=4.0, memory=2048, timeout=TIMEOUT_S, retries=0, serialized=False)
def render(packed: str) -> dict[str, Any]:
    """Render a packed job on CPUs. The answer is as of `execute.run`."""
    job = unpack(packed)
    return execute.run(job, Reporter(job.id))


@app.function(name="render_gpu", gpu=GPUS, cpu=4.0, memory=4096, timeout=TIMEOUT_S, retries=0)
def render_gpu(packed: str) -> dict[str, Any]:
    """Render a packed job with NVENC where the container has it, else with libx264."""
    job = unpack(packed)
    return execute.run(job, Reporter(job.id), encoder=encode.best())
