"""The rooms of the service, wired once by the composition root and handed to every route."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from timeline_service.access.service import Access
from timeline_service.access.tickets import Tickets
from timeline_service.api.buckets import Buckets
from timeline_service.api.presence import Presence
from timeline_service.api.sessions import Sessions
from timeline_service.assets.service import Assets
from timeline_service.assets.uploads import Uploads
from timeline_service.editing.leasing import Leases
from timeline_service.editing.service import Editing
from timeline_service.eventstore.store import EventStore
from timeline_service.exports.service import Exports
from timeline_service.settings import Settings


@dataclass(slots=True)
class Rooms:
    """What one API process holds.

    `checks` are asked by /readyz: name → a call that raises when the thing is away. `jwks` is the public key of the
    development issuer, None where an identity provider is used. `stopping` is true once the process begins to stop.
    `requests` are limited per person, `gestures` of streams per (person, timeline) over all sockets.
    """

    settings: Settings
    access: Access
    tickets: Tickets
    store: EventStore
    editing: Editing
    assets: Assets
    uploads: Uploads
    exports: Exports
    jwks: Callable[[], dict[str, Any]] | None
    presence: Presence
    leases: Leases
    sessions: Sessions = field(default_factory=Sessions)
    requests: Buckets = field(init=False)
    gestures: Buckets = field(init=False)
    checks: dict[str, Callable[[], Awaitable[object]]] = field(default_factory=dict)
    stopping: bool = False

    def __post_init__(self) -> None:
        http, stream = self.settings.http, self.settings.stream
        self.requests = Buckets(http.requests_per_second, http.requests_burst)
        self.gestures = Buckets(stream.gestures_per_second, stream.gestures_burst)
