"""What a client raises.

ClientError
├── Unsendable       the gestures are no message of the protocol, or too large for one frame
├── WrongQueue       the queue is another client's or another timeline's
├── GestureRefused   the service refused a gesture; code, message, details and conflicts are its own
├── Stopped          the connection is over and connecting again would not help
├── QueueDamaged     the queue's file is none of ours
└── RequestFailed    an HTTP request was refused
"""

from typing import Any

from timeline_service.client.effects import Result


class ClientError(Exception):
    """Something a client was asked for did not come about."""


class Unsendable(ClientError):
    """The gestures are no message of the protocol, or too large for one frame."""


class WrongQueue(ClientError):
    """The queue belongs to another client or another timeline."""


class GestureRefused(ClientError):
    """A gesture was refused and nothing of it is in the timeline. `results` are those of the whole push."""

    def __init__(self, results: tuple[Result, ...]) -> None:
        self.results = results
        refused = [result for result in results if not result.ok]
        # In an atomic batch one gesture is to blame; the others only share its fate.
        self.result = next((result for result in refused if result.code != "batch_refused"), refused[0])
        super().__init__(f"{self.result.code}: {self.result.message}")

    @property
    def code(self) -> str:
        """The stable code (docs/errors.md)."""
        return self.result.code or ""

    @property
    def details(self) -> dict[str, Any]:
        """What the service says beside it."""
        return self.result.details

    @property
    def conflicts(self) -> list[dict[str, Any]]:
        """The fields in the way: record, field, the version that wrote it, and by whom."""
        return self.result.conflicts


class LeaseRefused(ClientError):
    """Somebody else has the record (`code` leased, `holder` says who), or there are no leases at the moment."""

    def __init__(self, code: str, holder: dict[str, Any] | None) -> None:
        self.code = code
        self.holder = holder
        super().__init__(code)


class Stopped(ClientError):
    """The connection is over; `code` is the socket's close code, None where the client itself was closed."""

    def __init__(self, code: int | None, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason if code is None else f"{code}: {reason}")


class QueueDamaged(ClientError):
    """The file is no queue, or one that this code cannot read; it was left as it is."""


class QueueUnwritable(ClientError):
    """The queue's file cannot be written (a full disk?), so that what is asked for may not be sent."""


class RequestFailed(ClientError):
    """The service answered an HTTP request with an error; `code` and `details` are its own."""

    def __init__(self, status: int, code: str, message: str, details: dict[str, Any]) -> None:
        self.status = status
        self.code = code
        self.details = details
        super().__init__(f"{status} {code}: {message}")
