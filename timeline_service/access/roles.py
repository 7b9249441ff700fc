"""Which role may do what. One table, pure."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

Role = Literal["owner", "editor", "reviewer", "viewer"]
Permission = Literal["read", "edit", "undo_others", "restore", "export", "upload", "manage"]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
PERMISSIONS: Final[tuple[Permission, ...]] = get_args(Permission)

# Each role may do what the next one may, and more.
_VIEWER: Final = frozenset[str]({"read"})
_REVIEWER: Final = _VIEWER | {"export"}
_EDITOR: Final = _REVIEWER | {"edit", "undo_others", "restore", "upload"}
_OWNER: Final = _EDITOR | {"manage"}

GRANTS: Final[Mapping[str, frozenset[str]]] = {
    "owner": _OWNER,
    "editor": _EDITOR,
    "reviewer": _REVIEWER,
    "viewer": _VIEWER,
}


def may(role: str, permission: str) -> bool:
    """Whether the role has the permission. An unknown role has none; an unknown permission is a bug (ValueError)."""
    if permission not in PERMISSIONS:
        raise ValueError(f"no such permission: {permission}")
    return permission in GRANTS.get(role, frozenset())
