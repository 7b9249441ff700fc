"""What every gesture answers.

A gesture is one file in `gestures/`: a picture, a frozen payload, `decide`, `describe`. Dropping the file in is all it
takes: the registry, the OpenAPI union, the property laws and the audit page pick it up.
"""

from abc import ABC, abstractmethod
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from timeline_service.domain import json_value
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import State
from timeline_service.domain.time import Time

REGISTRY: Final[dict[str, type["Gesture"]]] = {}


def _distinct(ids: list[str]) -> list[str]:
    if len(set(ids)) != len(ids):
        raise ValueError("an id is named twice")
    return ids


RecordId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Text = Annotated[str, StringConstraints(max_length=1000), AfterValidator(json_value.storable_text)]
RecordIds = Annotated[list[RecordId], Field(min_length=1, max_length=1000), AfterValidator(_distinct)]


class Gesture(BaseModel, ABC):
    """A request to edit: `type` and flat parameters. Immutable; every mode is explicit in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
    type: str

    mints: ClassVar[dict[str, str]] = {}
    """Id parameters that a client may leave out → the role from which the id is derived."""
    mints_each: ClassVar[dict[str, str]] = {}
    """Parameters {id: new id} that may be incomplete → the role from which the other ids are derived, each with its id
    as the source: so that `{"$ref": "gestures[2].new_ids.voice"}` finds them too."""
    example: ClassVar[dict[str, Any]] = {}
    """Parameters as they are sent beside `type`; accepted on the stage of api/examples.py, alone."""
    refuses: ClassVar[tuple[str, ...]] = ()
    """Stable codes of errors.py that clients should expect of this gesture, the likeliest first."""

    legal_minds_scope: ClassVar[bool] = False
    """Whether what `legal` says keeps clear of what lies on the other tracks of the scope."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        name = cls.model_fields["type"].default
        if name in REGISTRY:
            raise TypeError(f"two gestures are named {name}")
        REGISTRY[name] = cls

    @abstractmethod
    def decide(self, draft: Draft) -> None:
        """Write the changes, or raise a Refused."""

    @abstractmethod
    def describe(self, before: State) -> str:
        """The sentence in the audit log, without the actor: `trimmed the end of "Intro" by 12 frames`."""

    def legal(self, state: State) -> dict[str, Any]:
        """What would be legal instead, for the details of a refusal: limits in ticks, free spans. Empty: not known."""
        return {}

    def grounds(self, state: State) -> dict[str, str | None]:
        """Parameters that are positions on the timeline → the track on which they lie (None: the timeline)."""
        return {}

    def carried(self, times: dict[str, Time]) -> Self:
        """The same gesture with its positions (see grounds; `to.start` is a parameter of a parameter) replaced."""
        update: dict[str, Any] = {}
        for name, time in times.items():
            outer, _, inner = name.partition(".")
            update[outer] = getattr(self, outer).model_copy(update={inner: time}) if inner else time
        return self.model_copy(update=update)
