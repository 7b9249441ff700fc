"""Settings, one class per room, read from the environment by the composition roots and never at import.

Usual names stay as they are (`DATABASE_URL`, `REDIS_URL`, `S3_*`, `MODAL_*`); all else has the prefix `TIMELINE_`.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Database(BaseSettings):
    """Where PostgreSQL is. Without `DATABASE_URL` the embedded server is started by `timeline-service up`."""

    model_config = SettingsConfigDict(env_prefix="", extra="ignore", populate_by_name=True)

    url: str = Field(default="", validation_alias="DATABASE_URL", description="Login in the role timeline_app.")
    worker_url: str = Field(default="", validation_alias="WORKER_DATABASE_URL", description="Login in timeline_worker.")
    migration_url: str = Field(
        default="", validation_alias="MIGRATION_DATABASE_URL", description="Owner of the schema."
    )
    pool_size: int = Field(
        default=10, validation_alias="TIMELINE_DATABASE_POOL_SIZE", description="Connections of one process, at most."
    )


class Redis(BaseSettings):
    """Where Valkey or Redis is. Without `REDIS_URL` the embedded server is started by `timeline-service up`."""

    model_config = SettingsConfigDict(env_prefix="", extra="ignore", populate_by_name=True)

    url: str = Field(
        default="", validation_alias="REDIS_URL", description="Live delivery between processes, and the export queue."
    )


class Storage(BaseSettings):
    """Where media and exports lie: an S3-compatible bucket, or a folder when `S3_BUCKET` is not set."""

    model_config = SettingsConfigDict(env_prefix="", extra="ignore", populate_by_name=True)

    endpoint_url: str | None = Field(
        default=None,
        validation_alias="S3_ENDPOINT_URL",
        description="For stores other than AWS: R2, MinIO, SeaweedFS …",
    )
    public_endpoint_url: str | None = Field(
        default=None,
        validation_alias="S3_PUBLIC_ENDPOINT_URL",
        description="The address of the store in signed URLs, where clients reach it by another name than we do.",
    )
    bucket: str = Field(
        default="", validation_alias="S3_BUCKET", description="Without it, media lie in a folder of the data directory."
    )
    region: str = Field(default="auto", validation_alias="S3_REGION", description="The bucket's region.")
    access_key_id: str = Field(default="", validation_alias="S3_ACCESS_KEY_ID", description="Who signs.")
    secret_access_key: SecretStr = Field(
        default=SecretStr(""), validation_alias="S3_SECRET_ACCESS_KEY", description="And with what."
    )
    signing_key: SecretStr = Field(
        default=SecretStr(""), validation_alias="TIMELINE_SIGNING_KEY", description="HMAC key of filesystem URLs."
    )


class Tokens(BaseSettings):
    """How JWTs are verified: a JWKS address in production, a locally made key in development."""

    model_config = SettingsConfigDict(env_prefix="TIMELINE_JWT_", extra="ignore", populate_by_name=True)

    issuer: str = Field(default="https://timeline-service.local", description="The `iss` that tokens must have.")
    audience: str = Field(default="timeline-service", description="The `aud` that tokens must have.")
    jwks_url: str = Field(default="", description="Keys of your identity provider; needed in production.")


class Modal(BaseSettings):
    """The Modal renderer; used when `MODAL_TOKEN_ID` is set and `TIMELINE_RENDERER` is `modal` or `auto`."""

    model_config = SettingsConfigDict(env_prefix="", extra="ignore", populate_by_name=True)

    token_id: str = Field(default="", validation_alias="MODAL_TOKEN_ID", description="The token of a Modal account.")
    token_secret: SecretStr = Field(
        default=SecretStr(""), validation_alias="MODAL_TOKEN_SECRET", description="Its secret."
    )
    environment: str | None = Field(
        default=None, validation_alias="MODAL_ENVIRONMENT", description="Modal's environment; its default without."
    )
    app_name: str = Field(
        default="timeline-render", validation_alias="TIMELINE_MODAL_APP", description="The deployed app that renders."
    )
    app_version: int | None = Field(
        default=None,
        validation_alias="TIMELINE_MODAL_APP_VERSION",
        description="Pins a deployment; the newest without.",
    )


class Exports(BaseSettings):
    """How export jobs are run. Leases and heartbeats in seconds; a worker that dies is noticed within a lease."""

    model_config = SettingsConfigDict(env_prefix="TIMELINE_EXPORT_", extra="ignore", populate_by_name=True)

    concurrency: int = Field(default=2, ge=1, description="Exports that one worker process runs at once.")
    per_workspace: int = Field(default=2, ge=1, description="Exports of one workspace that run or wait in the queue.")
    over_all: int = Field(default=16, ge=1, description="The same over all workspaces.")
    max_attempts: int = Field(default=3, ge=1, description="Attempts before a job fails for good.")
    deadline_s: int = Field(default=6 * 3600, ge=1, description="Longest rendering.")
    lease_s: float = Field(default=10, gt=0, description="Without a heartbeat for so long, another worker takes over.")
    heartbeat_s: float = Field(default=2.5, gt=0, description="Well below the lease.")
    progress_s: float = Field(default=0.5, gt=0, description="Shortest time between two writes of progress.")
    poll_s: float = Field(default=0.5, gt=0, description="How often the outbox and the leases are looked at.")
    again_after_s: float = Field(default=5, gt=0, description="What the queue did not start is handed over again.")
    retry_base_s: float = Field(default=2, ge=0, description="First wait before another attempt; it doubles.")
    retry_cap_s: float = Field(default=60, ge=0, description="Longest wait before another attempt.")
    media_cache_bytes: int = Field(default=20 * 1024**3, ge=0, description="Sources kept on the worker's disk.")


class Http(BaseSettings):
    """What one person may ask of one API process over HTTP."""

    model_config = SettingsConfigDict(env_prefix="TIMELINE_HTTP_", extra="ignore", populate_by_name=True)

    requests_per_second: float = Field(default=100, gt=0, description="Requests of one person, on average.")
    requests_burst: int = Field(default=1000, ge=1, description="Requests at once.")


class Stream(BaseSettings):
    """What one WebSocket may do."""

    model_config = SettingsConfigDict(env_prefix="TIMELINE_STREAM_", extra="ignore", populate_by_name=True)

    gestures_per_second: float = Field(
        default=60, gt=0, description="Gestures that one person may push to one timeline, on average."
    )
    gestures_burst: int = Field(default=500, ge=1, description="Gestures at once; a batch has 500 at most.")
    messages_per_second: float = Field(default=500, gt=0, description="Messages of any kind; above it is a flood.")
    messages_burst: int = Field(default=1000, ge=1, description="Messages at once.")
    in_flight: int = Field(default=64, ge=1, description="Pushes that wait for their result.")
    outbox_frames: int = Field(default=256, ge=1, description="Frames that wait for a slow reader before it is closed.")
    outbox_bytes: int = Field(default=1024 * 1024, ge=1, description="The same in bytes.")
    frames_per_second: float = Field(
        default=60,
        ge=0,
        description="Frames of events to the sessions of one timeline: what comes sooner goes together. 0: each alone.",
    )
    presence_per_second: float = Field(
        default=30, gt=0, description="Words of one session about what it does that are passed on; the newest win."
    )
    recheck_s: float = Field(default=2.5, gt=0, description="How often membership is looked at while a socket is open.")


class Settings(BaseSettings):
    """Everything the service reads from its environment."""

    model_config = SettingsConfigDict(env_prefix="TIMELINE_", extra="ignore", populate_by_name=True)

    env: Literal["development", "production"] = Field(
        default="development", description="Production embeds no servers and issues no tokens."
    )
    data_dir: Path = Field(
        default=Path(".data"), description="Embedded databases, media without S3, scratch files of workers."
    )
    public_url: str = Field(default="http://127.0.0.1:8000", description="The address clients reach the API by.")
    allowed_origins: list[str] = Field(default_factory=list, description="Browser origins that may open the stream.")
    renderer: Literal["auto", "local", "modal"] = Field(
        default="auto", description="Where exports render; auto: on Modal where its token is set."
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")
    state_cache_bytes: int = Field(
        default=256 * 1024 * 1024, description="Bound of the state cache of one API process."
    )

    database: Database = Field(default_factory=Database)
    redis: Redis = Field(default_factory=Redis)
    storage: Storage = Field(default_factory=Storage)
    tokens: Tokens = Field(default_factory=Tokens)
    modal: Modal = Field(default_factory=Modal)
    exports: Exports = Field(default_factory=Exports)
    http: Http = Field(default_factory=Http)
    stream: Stream = Field(default_factory=Stream)
