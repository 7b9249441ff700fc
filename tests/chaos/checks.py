"""What must hold when everything is quiet again: the log, the projection, the file, and everybody's screen agree."""

from uuid import UUID

from projections import fold
from projections.otio import read
from timeline_service.client.snapshot import state_of, values
from timeline_service.domain import chain
from timeline_service.domain.state import digest


def whose(ledger, stored):
    """Gestures against the log: what was acknowledged is in it once at its version, and nothing else."""
    recorded = {event.gesture_id: event.version for event in stored}
    assert len(recorded) == len(stored), "a gesture is in the log twice"
    asked = {id: version for id, version in recorded.items() if id in ledger.sent}
    assert asked == ledger.acked, f"log and answers differ: {set(asked.items()) ^ set(ledger.acked.items())}"
    kinds = (ledger.acked.keys(), ledger.refused.keys(), ledger.without_effect)
    assert ledger.sent == set().union(*kinds), f"never answered: {ledger.sent - set().union(*kinds)}"
    assert sum(len(kind) for kind in kinds) == len(ledger.sent), "a gesture has two fates"


async def timeline(scene, store, http):
    """One timeline of the scene: raises AssertionError with what does not hold; answers its version."""
    where = (UUID(scene.timeline_id), UUID(scene.workspace_id))
    stored = await store.read(*where)
    assert [event.version for event in stored] == list(range(1, len(stored) + 1)), "versions are not contiguous"
    assert chain.verify(stored) is None, f"the hash chain breaks at {chain.verify(stored)}"
    whose(scene.ledger, stored)
    folded = fold.replay((event.version, str(event.actor_id), event.body, event.schema_version) for event in stored)
    shown = (await ask(scene, http, "")).json()
    assert (shown["version"], shown["state_hash"]) == (len(stored), digest(folded)), "projection and log differ"
    head = await store.head(*where)
    assert head.current_version == head.version == len(stored), "the checkpoint is behind"
    assert values(state_of(shown)) == values(folded), "what is shown is not what was folded"
    for player in scene.players:
        assert player.client.version == len(stored), player.doing()
        assert values(player.client.sync.confirmed) == values(folded), f"{player.name} sees something else"
        assert values(player.client.state) == values(folded), f"{player.name} shows what nobody committed"
    for witness in scene.witnesses:
        assert witness.twin.version == len(stored), f"a witness is at {witness.twin.version} of {len(stored)}"
        assert witness.twin.live == {id: value for id, (_, value) in values(folded).items()}, (
            "a witness sees it otherwise"
        )
    await _file(scene, folded, http)
    return len(stored)


async def _file(scene, folded, http):
    """The OTIO file of the head, read again."""
    imported = read.from_json((await ask(scene, http, "/otio")).content)
    back = {id: (kind, value) for kind, id, value in imported.records}
    back[folded.timeline_id] = ("timeline", imported.timeline)
    assert back == values(folded), "the OTIO file says something else"


async def ask(scene, http, path):
    """GET of something of the timeline."""
    url = f"{scene.url}/api/v1/timelines/{scene.timeline_id}{path}"
    answer = await http.get(url, headers={"Authorization": f"Bearer {scene.token}"})
    assert answer.is_success, answer.text
    return answer
