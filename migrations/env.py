"""What Alembic runs: on the connection that migrations.runner hands over, else on one of its own."""

import asyncio
import importlib
import logging.config
import os
from pathlib import Path

from alembic import context
from sqlalchemy.engine import Connection

import timeline_service
from migrations import runner
from timeline_service.kit.metadata import metadata


def run(connection: Connection) -> None:
    """Migrate, one transaction per file."""
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def load_tables() -> None:
    """Import every room's tables.py: that fills the metadata which `alembic check` compares with the database."""
    for root in timeline_service.__path__:
        for file in sorted(Path(root).glob("*/tables.py")):
            importlib.import_module(f"timeline_service.{file.parent.name}.tables")


def main() -> None:
    """Entered by the alembic command line and by the runner."""
    load_tables()
    connection = context.config.attributes.get("connection")
    if connection is not None:
        run(connection)
        return
    if context.config.config_file_name is not None:
        logging.config.fileConfig(context.config.config_file_name, disable_existing_loggers=False)
    url = os.environ.get("MIGRATION_DATABASE_URL") or os.environ.get("DATABASE_URL") or ""
    asyncio.run(runner.on_connection(url, run))


main()
