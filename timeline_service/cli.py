"""The command line: `timeline-service up` for every day, the parts one by one for servers, tools beside them."""

import asyncio
import os
import sys
import uuid
from pathlib import Path
from typing import Annotated

import rich.console
import sqlalchemy.exc
import typer

from timeline_service.access import tokens_cli
from timeline_service.audit import commands
from timeline_service.demo import app as demo_app
from timeline_service.demo import play as playground
from timeline_service.embedded import errors as embedded_errors
from timeline_service.embedded import service, web
from timeline_service.kit import database, errors, logging
from timeline_service.settings import Settings

ABOUT = """The back end of a collaborative video editor: gestures in, timelines, OTIO and MP4 out.

\b
Start here:
  timeline-service demo                    a whole editing session, from footage to MP4
  timeline-service up                      everything on this machine, with its own PostgreSQL and Valkey
  timeline-service play                    links to an editor in the browser, for two people
  timeline-service token --subject alice   a token to call it with
  open http://127.0.0.1:8000/docs          what to call

\b
Settings are environment variables: DATABASE_URL, MIGRATION_DATABASE_URL, REDIS_URL, S3_*, MODAL_* and TIMELINE_*.
Where DATABASE_URL or REDIS_URL is missing, `up` starts an embedded server, its data in TIMELINE_DATA_DIR (.data).
"""

cli = typer.Typer(
    name="timeline-service",
    help=ABOUT,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
stderr = rich.console.Console(stderr=True, highlight=False, soft_wrap=True)

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", envvar="TIMELINE_DATA_DIR", help="Where databases and media are kept [default: .data]"),
]


@cli.command()
def up(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.", min=0, max=65535)] = 8000,
    data_dir: DataDir = None,
    workers: Annotated[int, typer.Option(help="How many worker processes render and import.", min=0, max=64)] = 1,
) -> None:
    """Run the whole service, in one process tree.

    \b
    It starts databases, migrates them, then runs the API and the workers and keeps them alive.
    Prints one line, `ready http://HOST:PORT`, when it serves; everything else goes to stderr.
    Ctrl-C stops it all; the data stays. Whatever ends this process ends the tree.

    \b
    Examples:
      timeline-service up
      timeline-service up --port 9000 --workers 2 --data-dir /var/lib/timeline
      DATABASE_URL=… MIGRATION_DATABASE_URL=… REDIS_URL=… timeline-service up     # servers of yours
    """  # noqa: D301 - \b keeps the lines as they are
    settings = _settings(data_dir)
    asyncio.run(service.run(settings, service.Options(host, port, workers), _announce))


@cli.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", min=0, max=65535)] = 8000,
    data_dir: DataDir = None,
) -> None:
    """Run the API alone, one process.

    \b
    Several may serve the same timelines.
    It needs DATABASE_URL and REDIS_URL, or a running `timeline-service up` on the same data directory.
    It refuses to start on a PostgreSQL with fsync or synchronous_commit off.

    \b
    Examples:
      timeline-service serve --host 0.0.0.0 --port 8000
      timeline-service serve --port 8001        # a second API beside `timeline-service up`
    """  # noqa: D301 - \b keeps the lines as they are
    settings = _attach(data_dir)
    asyncio.run(_check(settings.database.url))
    with service.listen(host, port) as listener:
        stderr.print(f"serving on http://{host}:{listener.getsockname()[1]} ({settings.env})")
        web.serve(listener)


@cli.command()
def worker(data_dir: DataDir = None) -> None:
    """Run one worker: exports, probing of uploads, upkeep.

    \b
    It needs what `serve` needs. Stop it at any time, kill -9 included: its jobs resume elsewhere.

    \b
    Example:
      timeline-service worker        # one more, beside `timeline-service up`
    """  # noqa: D301 - \b keeps the lines as they are
    settings = _attach(data_dir)
    asyncio.run(_check(settings.database.worker_url or settings.database.url))
    sys.stdout.flush()
    # Another program in this process: the renderer's libraries would make every other command slow to start.
    os.execv(service.WORKER[0], service.WORKER)  # noqa: S606 - our own interpreter


@cli.command()
def migrate(data_dir: DataDir = None) -> None:
    """Bring the database to the newest schema.

    \b
    `up` does it by itself; servers of yours need it before a release runs.

    \b
    Example:
      MIGRATION_DATABASE_URL=postgresql://owner:…@db/timeline timeline-service migrate
    """  # noqa: D301 - \b keeps the lines as they are
    with service.connected(_settings(data_dir)) as settings:
        asyncio.run(service.migrate(settings))
    stderr.print("the schema is up to date")


@cli.command()
def token(
    subject: Annotated[str, typer.Option(help="Who it is for, any name of yours.")],
    workspace: Annotated[uuid.UUID | None, typer.Option(help="Make them a member here.")] = None,
    role: Annotated[
        str | None, typer.Option(help="As what, with --workspace: owner, editor, reviewer or viewer.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Print a token to call the API with (development).

    \b
    Run it in the folder in which `up` runs, or give its --data-dir: another folder has other keys and other people.
    First use makes the person and a workspace of their own. Production verifies tokens of your identity provider
    (TIMELINE_JWT_JWKS_URL) and issues none.

    \b
    Examples:
      TOKEN=$(timeline-service token --subject alice)
      curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8000/api/v1/workspaces
      timeline-service token --subject bob --workspace 0198f2c4-… --role viewer
    """  # noqa: D301 - \b keeps the lines as they are
    with service.connected(_settings(data_dir)) as settings:
        print(tokens_cli.issue(settings, subject, workspace, role))  # noqa: T201 - what was asked for


@cli.command()
def verify(
    timeline: Annotated[uuid.UUID, typer.Argument(help="The timeline's id.")],
    data_dir: DataDir = None,
) -> None:
    """Check a timeline's history from its first event.

    \b
    Prints events, head hash, whether every event matches the hash chain, how far the projection is, and whether
    the snapshots are what a fresh fold gives. Changes nothing, and may run beside everything else.
    Exit status 1, with the first bad version, when the chain is broken or an event cannot be folded.

    \b
    Examples:
      timeline-service verify 0198f2c4-…
      WORKER_DATABASE_URL=… DATABASE_URL=… timeline-service verify 0198f2c4-…     # servers of yours
    """  # noqa: D301 - \b keeps the lines as they are
    with service.connected(_settings(data_dir)) as settings:
        report = commands.verify(settings, timeline)
    print("\n".join(commands.lines(report)))  # noqa: T201 - what was asked for
    raise typer.Exit(0 if report.ok else 1)


@cli.command(short_help="Fold timelines anew and put the result in place.")
def rebuild(
    timeline: Annotated[uuid.UUID | None, typer.Argument(help="One timeline [default: all of them].")] = None,
    data_dir: DataDir = None,
) -> None:
    """Fold timelines from their first event and put the result in place.

    \b
    Says where snapshots or rows differed, writes them anew, and drops snapshots of older folds.
    Safe while the service runs: readers never wait. It may be killed and run again; a second run changes nothing.
    All timelines: it needs a login that sees them (WORKER_DATABASE_URL). Exit status 1 when one could not be rebuilt.

    \b
    Examples:
      timeline-service rebuild 0198f2c4-…
      timeline-service rebuild        # after a release with another fold, or after a restore from backup
    """  # noqa: D301 - \b keeps the lines as they are
    with service.connected(_settings(data_dir)) as settings:
        done = commands.rebuild_all(settings, timeline, stderr)
    raise typer.Exit(0 if done else 1)


@cli.command()
def demo(
    media: Annotated[
        Path | None,
        typer.Option(envvar="MEDIA", exists=True, dir_okay=False, help="Footage of yours; any film PyAV reads."),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", envvar="KEEP", help="Leave the service running afterwards.")] = False,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.", min=0, max=65535)] = 0,
    data_dir: DataDir = None,
) -> None:
    """Play a whole editing session with two people.

    \b
    Starts everything, uploads footage, edits it over HTTP and WebSocket, undoes, exports OTIO and MP4,
    verifies the hash chain, and says where everything is. A second run keeps what the first one made.

    \b
    Examples:
      timeline-service demo
      timeline-service demo --media holiday.mp4 --keep
    """  # noqa: D301 - \b keeps the lines as they are
    settings = _settings(data_dir)
    logging.configure(level=demo_app.LOG_LEVEL)
    console = rich.console.Console(highlight=False)
    try:
        asyncio.run(demo_app.run(settings, demo_app.Options(media, keep, host, port), console))
    except (asyncio.CancelledError, KeyboardInterrupt):
        stderr.print("stopped before the end; the data stays, and the demo may be run again")
        raise typer.Exit(130) from None


@cli.command()
def play(
    url: Annotated[str, typer.Option(help="Where the service answers.")] = "http://127.0.0.1:8000",
    shape: Annotated[playground.Shape, typer.Option(help="The picture of the timeline.")] = "wide",
    media: Annotated[
        Path | None,
        typer.Option(envvar="MEDIA", exists=True, dir_okay=False, help="Footage of yours; any film PyAV reads."),
    ] = None,
    empty: Annotated[bool, typer.Option("--empty", help="A timeline without anything on it.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Print links to the playground, an editor in the browser, for two people (development).

    \b
    It makes a workspace and a timeline with a first cut of twelve clips on the service that runs, and issues tokens
    for alice and bob. Open the two links in two windows, side by side, and edit together: drag clips and edges, crop,
    undo, go back in the versions, export. `?` in the page lists the keys.
    Each link holds a token in its fragment, which browsers send to nobody; the page takes it out of the address bar.
    Run it in the folder in which `up` runs, or give its --data-dir.
    Production issues no tokens: open URL/play and paste one of your identity provider.

    \b
    Examples:
      timeline-service up                      # in another terminal
      timeline-service play
      timeline-service play --shape tall --media holiday.mp4
      timeline-service play --url http://127.0.0.1:9000 --empty
    """  # noqa: D301 - \b keeps the lines as they are
    quiet = _settings(data_dir)
    logging.configure(level=demo_app.LOG_LEVEL)
    with service.connected(quiet) as settings:
        made = asyncio.run(playground.make(settings, playground.Options(url.rstrip("/"), shape, media, empty)))
    for name, link in made.links.items():
        print(f"{name}  {link}")  # noqa: T201 - what was asked for
    stderr.print(
        "[dim]Two windows, one timeline. They are good for twelve hours; `timeline-service play` makes more.[/]"
    )


def main() -> None:
    """The entry point: what a person can do something about is one line, not a traceback."""
    try:
        cli()
    except (embedded_errors.EmbeddedError, errors.ServiceError, RuntimeError) as error:
        stderr.print(f"[bold red]error:[/] {rich.markup.escape(str(error))}")
        sys.exit(1)
    except (sqlalchemy.exc.DBAPIError, OSError) as error:
        stderr.print(f"[bold red]error:[/] {rich.markup.escape(f'{type(error).__name__}: {error}')}")
        sys.exit(1)


def _announce(address: str) -> None:
    print(f"ready {address}", flush=True)  # noqa: T201 - the promise of this command
    stderr.print(f"[dim]what to call: {address}/docs · stop with Ctrl-C, the data stays[/]")


def _settings(data_dir: Path | None) -> Settings:
    settings = Settings() if data_dir is None else Settings(data_dir=data_dir)
    logging.configure(level=settings.log_level)
    return settings


def _attach(data_dir: Path | None) -> Settings:
    """Settings of a process that serves or works: complete, also in the environment that its factory reads."""
    settings = service.attached(_settings(data_dir))
    os.environ.update(service.child_environment(settings))
    return settings


async def _check(url: str) -> None:
    """Refuse a server that may lose what it acknowledges."""
    engine = database.create_engine(url, application_name="start", pool_size=1)
    try:
        await database.check_durability(engine)
    finally:
        await engine.dispose()
