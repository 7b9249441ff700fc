"""What may go wrong with the embedded servers. Every message says what to do.

EmbeddedError
├── ProgramNotFound      no PostgreSQL or Valkey on this machine
├── DataDirectoryInUse   another process works in it
├── IdentityRefused      root, and no way to be somebody else
└── ServerFailed         it did not start; its log is quoted
"""


class EmbeddedError(RuntimeError):
    """The embedded servers cannot work."""


class ProgramNotFound(EmbeddedError):
    """There is no server program on this machine."""


class DataDirectoryInUse(EmbeddedError):
    """Another process works in this data directory."""


class IdentityRefused(EmbeddedError):
    """PostgreSQL does not run as root, and this machine lets root be nobody else."""


class ServerFailed(EmbeddedError):
    """A server did not start."""
