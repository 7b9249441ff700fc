"""Why a file does not come in or go out: a stable code, and a reason for people that repeats nothing of the file."""


class Unfit(Exception):
    """The file is refused. `code` is one of CODES."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason
