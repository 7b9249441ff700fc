"""Log lines: structured, with their context, and never with a secret."""

import json
import logging as standard

import pytest
import structlog

from timeline_service.kit import logging

CANARY = "c4nary-0f-a-secret"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c4nary-0f-a-secret"


@pytest.fixture(autouse=True)
def as_before():
    root = standard.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def lines(capsys):
    def read():
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    return read


def test_a_line_carries_its_context_and_its_values(lines):
    logging.configure(json=True)
    tokens = logging.bind(correlation_id="c1", timeline_id="t1")
    logging.get("editing").info("appended", count=3)
    logging.unbind(tokens)
    logging.get("editing").warning("later")
    first, second = lines()
    assert (
        first.items()
        >= {"event": "appended", "count": 3, "correlation_id": "c1", "logger": "editing", "level": "info"}.items()
    )
    assert "correlation_id" not in second


def test_the_standard_library_s_lines_go_the_same_way(lines):
    logging.configure(json=True)
    logging.bind(correlation_id="c2")
    standard.getLogger("uvicorn.error").warning("port %d of %s", 8000, f"redis://:{CANARY}@host/0")
    (line,) = lines()
    assert line["correlation_id"] == "c2"
    assert line["event"] == "port 8000 of redis://:[redacted]@host/0"


@pytest.mark.parametrize(
    "values",
    [
        {"password": CANARY},
        {"headers": {"Authorization": f"Bearer {CANARY}", "X-Api-Key": CANARY, "Set-Cookie": CANARY}},
        {"url": f"postgresql://app:{CANARY}@db/timeline"},
        {"url": f"/_blobs/ws/1/a.mp4?expires=1&sig={CANARY}"},
        {"url": f"https://bucket/a?X-Amz-Credential={CANARY}&X-Amz-Signature={CANARY}&x=1"},
        {"note": [f"got {JWT} from alice"]},
        {"nested": {"deeper": [{"refresh_token": CANARY}]}},
        {"text": f"Authorization: Bearer {CANARY}"},
    ],
    ids=lambda values: next(iter(values)),
)
@pytest.mark.parametrize("as_json", [True, False])
def test_secrets_are_taken_out(values, as_json, capsys):
    logging.configure(json=as_json)
    logging.get("api").error("request", **values)
    written = capsys.readouterr().err
    assert "request" in written
    assert CANARY not in written
    assert "[redacted]" in written


def test_secrets_in_exceptions_are_taken_out(lines):
    logging.configure(json=True)
    try:
        raise RuntimeError(f"cannot reach postgresql://app:{CANARY}@db/timeline")
    except RuntimeError:
        logging.get("api").exception("failed")
    (line,) = lines()
    assert "cannot reach postgresql://app:[redacted]@db/timeline" in line["exception"]
    assert CANARY not in json.dumps(line)


def test_levels_below_the_chosen_one_are_not_written(capsys):
    logging.configure(level="warning", json=True)
    logging.get("api").info("quiet")
    assert capsys.readouterr().err == ""


def test_a_library_that_set_up_its_own_handlers_goes_the_same_way(lines):
    library = standard.getLogger("uvicorn")
    library.addHandler(standard.StreamHandler())
    library.propagate = False
    logging.configure(json=True)
    standard.getLogger("uvicorn.error").warning("redis://:%s@host/0", CANARY)
    (line,) = lines()
    assert line["logger"] == "uvicorn.error" and CANARY not in line["event"]
