"""Which object store the settings ask for."""

from pathlib import Path

from timeline_service.kit.storage.filesystem import FilesystemStore
from timeline_service.kit.storage.s3 import S3Store
from timeline_service.settings import Settings

FOLDER = "objects"


def create(settings: Settings) -> FilesystemStore | S3Store:
    """The bucket, or the folder `objects` in the data directory when `S3_BUCKET` is not set. Nothing is opened yet."""
    storage = settings.storage
    if storage.bucket:
        return S3Store(
            storage.bucket,
            endpoint_url=storage.endpoint_url,
            public_endpoint_url=storage.public_endpoint_url,
            region=storage.region,
            access_key_id=storage.access_key_id,
            secret_access_key=storage.secret_access_key.get_secret_value(),
        )
    root: Path = settings.data_dir / FOLDER
    return FilesystemStore(root, storage.signing_key.get_secret_value(), settings.public_url)
