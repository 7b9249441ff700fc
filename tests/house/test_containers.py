"""What can be said of the containers without a container engine: nothing here was built or started.

Every file that is copied exists, every setting that is passed is one that the service reads, nobody runs as root but
the one that hands a volume over, every server has a health check, and secrets have no default in the image.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from timeline_service import settings
from workers.render import modal_app

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {"api", "worker", "migrate", "bucket"}
ONE_SHOT = {"migrate", "bucket", "objects-owner"}
MODAL_SDK = {"MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET"}


def known_settings() -> set[str]:
    names = set()
    for room in (
        settings.Settings,
        settings.Database,
        settings.Redis,
        settings.Storage,
        settings.Tokens,
        settings.Modal,
    ):
        prefix = room.model_config.get("env_prefix", "")
        names |= {str(f.validation_alias or f"{prefix}{name}").upper() for name, f in room.model_fields.items()}
    return names


@pytest.mark.parametrize("name", sorted(OURS))
def test_settings_that_are_passed_are_read(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= known_settings() | MODAL_SDK


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_who_runs_and_with_what_rights(name: str) -> None:
    service = SERVICES[name]
    if name == "objects-owner":
        assert service["cap_add"] == ["CHOWN"]
    elif name not in OURS:  # ours take their user from the image
        assert service["user"].split(":")[0] not in ("0", "root")
    if name != "postgres":  # its entry point needs the capabilities of its own user only, and drops none by itself
        assert service["cap_drop"] == ["ALL"]
    assert name == "objects-owner" or "no-new-privileges:true" in service["security_opt"]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONE_SHOT - {"api"}))
def test_every_server_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_is_waited_for_exists(name: str) -> None:
    waits: dict[str, dict[str, str]] = SERVICES[name].get("depends_on", {})
    for other, condition in waits.items():
        assert condition["condition"] == ("service_completed_successfully" if other in ONE_SHOT else "service_healthy")
    volumes = [mount.split(":")[0] for mount in SERVICES[name].get("volumes", [])]
    assert all((v.startswith("./") and (ROOT / v).exists()) or v in COMPOSE["volumes"] for v in volumes)


def test_the_image() -> None:
    text = (ROOT / "Dockerfile").read_text()
    last = text.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER 10001", last, re.MULTILINE) and "HEALTHCHECK" in last
    assert text.count("\nFROM ") == 2  # built in one stage, run from another
    copied = [word for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE) for word in line.split()[:-1]]
    assert copied and all((ROOT / word).exists() for word in copied)
    allowed = (ROOT / ".dockerignore").read_text().splitlines()
    assert all(f"!{word}" in allowed for word in copied)


def test_every_machine_renders_with_the_same_pyav() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    assert len([package for package in lock["package"] if package["name"] == "av"]) == 1, "one for every Python"
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert [name for name in modal_app.PACKAGES if name.startswith("av")] == [n for n in wanted if n.startswith("av")]
