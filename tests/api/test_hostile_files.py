"""Files that crash, hang or fill their readers are refused by the running service, which goes on serving."""

from pathlib import Path

import pytest

from tests.api.conftest import MEDIA, Studio, add_clip, open_studio
from tests.hostile_files import FILES

pytestmark = pytest.mark.asyncio(loop_scope="module")
NEUTRAL = {"content-type": "application/octet-stream"}


@pytest.mark.parametrize("name", FILES)
async def test_a_hostile_file_is_refused_and_the_service_answers(shared_studio: Studio, name: str) -> None:
    hostile, http = FILES[name], shared_studio.owner.http
    before = await shared_studio.version()
    query = {"dry_run": "true", **({"format": hostile.format} if hostile.format else {})}
    address = f"{shared_studio.timeline}/import"
    answer = await http.post(address, content=hostile.data(), headers=NEUTRAL, params=query)
    if hostile.harmless and answer.status_code == 200:
        assert answer.json()["report"]
    else:
        harmless = {"timeline_not_empty", "no_change"} if hostile.harmless else set()
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.json()["error"]["code"] in {*hostile.codes, *harmless}
    assert (await http.get("/livez")).status_code == 200
    assert await shared_studio.version() == before


async def test_a_file_that_names_a_file_of_the_server_gets_nothing_of_it(shared_studio: Studio, tmp_path: Path) -> None:
    studio = await open_studio(shared_studio.service)
    secrets = {name: tmp_path / name for name in ("secret.mov", "secret.aaf", "secret.wav")}
    addresses = [str(path) for path in secrets.values()]
    addresses += [f"file://{path}" for path in secrets.values()] + ["../../secret.mov"]
    for path in secrets.values():
        path.write_text("cAnArY of the server")
    for number, address in enumerate(addresses):
        await studio.apply(add_clip(f"s{number}", 200 * (number + 1), media={**MEDIA, "url": address}))
    for format in ("otio", "edl", "fcp7", "fcpx", "aaf", "ale", "svg"):
        answer = await studio.owner.http.get(f"{studio.timeline}/interchange", params={"format": format})
        assert answer.status_code == 200, answer.text
        assert b"cAnArY" not in answer.content
        assert "cAnArY".encode("utf-16-le") not in answer.content
