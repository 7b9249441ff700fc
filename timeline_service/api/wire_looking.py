"""What looking back answers, as models: they document what is written as bytes, and tests hold it to them."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class FieldDiff(BaseModel):
    """A field that differs; null where the record, or the key of a map, is not there."""

    before: Any
    after: Any


class RecordDiff(BaseModel):
    """A record that differs, or that keyframes of it say something about (then without fields)."""

    kind: str = Field(examples=["clip"])
    id: str
    name: str
    changes: list[str] = Field(description="in words", examples=[["moved", "trimmed end"]])
    fields: dict[str, FieldDiff]


class Durations(BaseModel):
    """Ticks of the root sequence."""

    before: int
    after: int


class Diff(BaseModel):
    """What has happened between two versions. Parents stand before what lies in them."""

    model_config = ConfigDict(populate_by_name=True)
    from_: int = Field(alias="from")
    to: int
    duration: Durations
    counts: dict[str, dict[str, int]] = Field(
        description="kind → word → how many records", examples=[{"clip": {"shifted": 12}}]
    )
    records: list[RecordDiff]
    sentences: list[str] = Field(examples=[['trimmed the end of "Intro", 12 frames shorter']])


class Written(BaseModel):
    """Who wrote something, and in which version."""

    version: int
    actor: str | None


class WrittenField(Written):
    value: Any = Field(description="null: a key of a map that was taken away")


class Blame(BaseModel):
    """The story of a record, also of one that is gone. Fields are flat: `metadata.scene`."""

    id: str
    kind: str
    alive: bool
    exists: Written
    fields: dict[str, WrittenField]


class UndoState(BaseModel):
    """What this person may take back; `label` is the audit log's sentence for the newest step."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    can_undo: bool
    can_redo: bool
    label: str | None
