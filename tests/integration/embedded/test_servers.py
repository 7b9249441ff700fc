"""The embedded servers: who may enter, what survives, what is refused."""

import asyncio
import os
import socket
import stat
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import asyncpg
import pytest
import redis
import sqlalchemy

from tests import scratch
from tests.integration.embedded.watching import eventually, processes_of
from timeline_service.embedded import binaries, databases, errors, launch, postgres, servers, state
from timeline_service.kit import database

IS_ROOT = os.geteuid() == 0


async def ask(url, statement):
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_starts_in_a_private_folder_and_changes_nothing_around_it(tmp_path, start_servers):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    around = [private, *private.parents, *binaries.find_postgres().folder.parents]
    before = [mode(folder) for folder in around], Path("/etc/passwd").read_bytes()
    start_servers(private / "data")
    assert ([mode(folder) for folder in around], Path("/etc/passwd").read_bytes()) == before


def test_what_it_writes_is_private(untouched):
    assert mode(untouched.data_dir) == 0o700
    for path in untouched.data_dir.iterdir():
        assert mode(path) & 0o077 == 0, path
    assert mode(untouched.data_dir / "valkey" / "valkey.conf") == 0o600


def test_no_password_on_any_command_line(untouched):
    secrets = [getattr(untouched.state, name) for name in ("postgres_password", "app_password", "redis_password")]
    for pid in processes_of(untouched.data_dir):
        line = Path(f"/proc/{pid}/cmdline").read_text()
        assert not any(secret in line for secret in secrets)


@pytest.mark.parametrize("login", ["postgres", "app", "worker"])
async def test_logins_enter_by_tcp_and_socket_with_their_password_only(untouched, login):
    port, password = untouched.state.postgres_port, getattr(untouched.state, f"{login}_password")
    for right in (
        scratch.tcp_url(port, login, password),
        postgres.socket_url(untouched.data_dir, port, login, password),
    ):
        assert await ask(right, "select current_user::text") == login
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(right.replace(password, "wrong"), "select 1")


async def test_listens_on_the_loopback_only(untouched):
    inodes = {}
    for line in (
        Path("/proc/net/tcp").read_text().splitlines()[1:] + Path("/proc/net/tcp6").read_text().splitlines()[1:]
    ):
        address, port = line.split()[1].split(":")
        inodes.setdefault(int(port, 16), set()).add(address)
    for port in (untouched.state.postgres_port, untouched.state.redis_port):
        assert inodes[port] == {"0100007F"}


async def test_text_sorts_by_code_point_and_knows_unicode(untouched):
    assert await ask(untouched.migration_database_url, "select 'a' > 'B' and upper('é') = 'É'")


async def test_acknowledged_means_on_disk_and_alter_system_cannot_change_that(untouched):
    owner = untouched.migration_database_url
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        await ask(owner, f"alter system set {setting} = off")
    await ask(owner, "select pg_reload_conf()")
    engine = database.create_engine(untouched.database_url, application_name="tests")
    await database.check_durability(engine)
    await engine.dispose()
    assert await ask(owner, "select current_setting('full_page_writes')") == "on"


async def test_a_server_that_may_lose_commits_is_refused(start_servers):
    running = start_servers(postgres_settings={"fsync": "off"})
    engine = database.create_engine(running.database_url, application_name="tests")
    with pytest.raises(RuntimeError, match=r"fsync = off.*Set fsync = on"):
        await database.check_durability(engine)
    await engine.dispose()
    running.stop()
    running = start_servers()
    await ask(running.migration_database_url, "alter role app set synchronous_commit = off")
    engine = database.create_engine(running.database_url, application_name="tests")
    with pytest.raises(RuntimeError, match='alter role "app" reset synchronous_commit'):
        await database.check_durability(engine)
    await engine.dispose()
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "timeline_service", "serve", "--port", "0"],
        env={**os.environ, "DATABASE_URL": running.database_url, "REDIS_URL": running.redis_url},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "error: PostgreSQL acknowledges commits before they are on disk" in " ".join(done.stderr.split())


async def test_a_restart_keeps_data_passwords_and_ports(start_servers):
    running = start_servers()
    addresses = running.addresses
    await ask(addresses.migration_database_url, "create table kept as select 41 + 1 as answer")
    redis.Redis.from_url(addresses.redis_url).set("kept", "42")
    running.stop()
    assert processes_of(running.data_dir) == []
    again = start_servers()
    assert again.addresses == addresses
    assert await ask(addresses.migration_database_url, "select answer from kept") == 42
    with redis.Redis.from_url(addresses.redis_url) as client:
        assert client.get("kept") == b"42"


def test_a_second_start_on_one_directory_says_what_to_do(start_servers):
    running = start_servers()
    with pytest.raises(errors.DataDirectoryInUse, match=rf"in use by process {os.getpid()}.*--data-dir"):
        servers.start(running.data_dir)
    assert servers.running(running.data_dir) == running.addresses
    running.stop()
    assert servers.running(running.data_dir) is None


LAUNCHER = """
import sys, signal, pathlib
from timeline_service.embedded import servers
running = servers.start(pathlib.Path(sys.argv[1]))
print(running.migration_database_url, flush=True)
signal.pause()
"""


async def test_kill_9_of_the_launcher_leaves_nothing_behind_and_loses_nothing(tmp_path, start_servers):
    folder = tmp_path / "data"
    launcher = subprocess.Popen([sys.executable, "-c", LAUNCHER, folder], stdout=subprocess.PIPE, text=True)
    url = launcher.stdout.readline().strip()
    await ask(url, "create table kept as select 1 as answer")
    assert len(processes_of(folder)) > 3
    launcher.kill()
    launcher.wait()
    launcher.stdout.close()
    # At once, while the old servers are still shutting down:
    running = start_servers(folder)
    assert running.addresses.migration_database_url == url
    assert await ask(url, "select answer from kept") == 1
    running.stop()
    eventually(lambda: not processes_of(folder), "the servers to end")


@pytest.mark.parametrize(("folder", "file"), [("postgres", "postmaster.pid"), ("valkey", "valkey.pid")])
def test_a_stale_pid_file_that_names_another_program_does_not_keep_it_from_starting(start_servers, folder, file):
    running = start_servers()
    running.stop()
    (running.data_dir / folder / file).write_text(f"{os.getpid()}\n/somewhere\n0\n5432\n")
    start_servers()


def test_a_taken_port_is_left_to_its_owner(start_servers):
    running = start_servers()
    running.stop()
    with socket.create_server(("127.0.0.1", running.state.postgres_port)):
        again = start_servers()
        assert again.state.postgres_port != running.state.postgres_port
        assert again.state.redis_port == running.state.redis_port


async def test_a_deep_folder_with_blanks_and_commas_gets_its_socket_elsewhere(tmp_path, start_servers):
    deep = tmp_path / ("deep, and " + "d" * 90) / "data"
    running = start_servers(deep)
    assert await ask(running.database_url, "select 1") == 1
    folder = running.postgres.socket_dir
    assert not folder.is_relative_to(deep)
    assert mode(folder) == 0o700
    running.stop()
    folder.rmdir()


def test_valkey_wants_the_password_and_does_not_let_itself_be_changed(untouched):
    with redis.Redis.from_url(untouched.redis_url) as client:
        assert client.ping()
        for forbidden in (("CONFIG", "SET", "appendonly", "no"), ("MODULE", "LIST"), ("ACL", "LIST"), ("SHUTDOWN",)):
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*forbidden)
    with redis.Redis(port=untouched.state.redis_port) as client, pytest.raises(redis.exceptions.AuthenticationError):
        client.ping()


def test_valkey_appends_to_a_file_and_evicts_nothing(untouched):
    written = (untouched.data_dir / "valkey" / "valkey.conf").read_text()
    for line in ("appendonly yes", "appendfsync everysec", "maxmemory-policy noeviction", "bind 127.0.0.1"):
        assert line in written
    with redis.Redis.from_url(untouched.redis_url) as client:
        assert client.info("persistence")["aof_enabled"] == 1
        assert client.info("memory")["maxmemory_policy"] == "noeviction"


async def test_memberships_are_granted_when_the_groups_exist_and_again_without_harm(start_servers):
    running = start_servers()
    owner = running.migration_database_url
    await databases.grant_roles(owner)
    count = "select count(*) from pg_auth_members m join pg_roles r on r.oid = m.member where r.rolname in ('app', 'worker')"
    assert await ask(owner, count) == 0
    for group in (databases.APP_GROUP, databases.WORKER_GROUP):
        await ask(owner, f"create role {group} nologin")
    for _ in range(2):
        await databases.grant_roles(owner)
    assert await ask(owner, count) == 2


def test_a_server_that_does_not_start_says_why(tmp_path):
    with pytest.raises(errors.ServerFailed, match="no_such_setting"):
        servers.start(tmp_path / "data", postgres_settings={"no_such_setting": "1"})
    assert processes_of(tmp_path / "data") == []
    servers.start(tmp_path / "data").stop()


def test_data_of_another_version_names_the_version_that_it_needs(start_servers):
    running = start_servers()
    running.stop()
    (running.data_dir / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(
        errors.ProgramNotFound, match=r"The data needs PostgreSQL 17: none was found; looked at .*version"
    ):
        start_servers()


def test_a_cluster_that_was_not_finished_is_made_anew(tmp_path, start_servers):
    unfinished = tmp_path / "data" / "postgres.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    start_servers(tmp_path / "data")
    assert not unfinished.exists()


@pytest.mark.skipif(not IS_ROOT, reason="only root becomes nobody")
async def test_root_without_namespaces_runs_it_as_nobody_where_folders_let_it_through(tmp_path):
    programs = binaries.find_postgres()
    folder = Path(tempfile.mkdtemp(prefix="timeline-tests-"))
    folder.chmod(0o711)
    made = postgres.Postgres(programs, "nobody", folder, state.fresh())
    made.state = state.State(**{**vars_of(made.state), "postgres_port": launch.free_port()})
    try:
        made.prepare()
        made.launch()
        servers.wait_ready(made)
        assert Path(f"/proc/{made.process.pid}").stat().st_uid == 65534
        assert await ask(scratch.tcp_url(made.port, "app", made.state.app_password), "select 1") == 1
    finally:
        servers.stop(made)
        subprocess.run(["rm", "-rf", folder], check=True)


def vars_of(known):
    return {name: getattr(known, name) for name in known.__dataclass_fields__}


def interpreter_for_everybody():
    """A Python of this version that any user may run, with this environment's packages; skips where there is none."""
    packages = Path(sysconfig.get_path("purelib"))
    repository = Path(servers.__file__).parents[2]
    same_version = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    for program in (Path(sys.executable).resolve(), Path(same_version)):
        way = [program, *program.parents, packages, *packages.parents, repository, *repository.parents]
        if all(folder.exists() and folder.stat().st_mode & 1 for folder in way):
            return program, f"{repository}{os.pathsep}{packages}"
    pytest.skip("an ordinary user can reach no Python of this version with these packages")


@pytest.mark.skipif(not IS_ROOT, reason="the other tests run as this ordinary user already")
def test_an_ordinary_user_needs_no_tricks():
    program, path = interpreter_for_everybody()
    with tempfile.TemporaryDirectory(prefix="timeline-tests-") as folder:
        os.chown(folder, 65534, 65534)
        done = subprocess.run(
            [program, "-c", ORDINARY, folder],
            user=65534,
            group=65534,
            extra_groups=[],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "HOME": folder, "PYTHONPATH": path},
        )
        assert (done.returncode, done.stdout.strip()) == (0, "direct app"), done.stderr


ORDINARY = """
import asyncio, asyncpg, pathlib, sys
from timeline_service.embedded import servers
async def login(url):
    connection = await asyncpg.connect(url)
    print(running.postgres.identity, await connection.fetchval("select current_user::text"))
    await connection.close()
with servers.start(pathlib.Path(sys.argv[1], "data")) as running:
    asyncio.run(login(running.database_url))
"""


async def test_sqlalchemy_and_the_driver_read_the_same_address(untouched):
    engine = database.create_engine(untouched.database_url, application_name="tests")
    async with engine.connect() as connection:
        shown = (await connection.execute(sqlalchemy.text("select current_setting('application_name')"))).scalar_one()
    await engine.dispose()
    assert shown == "tests"
