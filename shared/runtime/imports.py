"""What every import says when it is done: how much was read, what changed, and what was refused and why."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

Row = TypeVar("Row")


class UnreadableFile(ValueError):
    """The file as a whole cannot be taken in, and nothing of it was. The message is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that was left out. `row` counts from 1 in its file (or list); `id` is its own, "" when it has none."""

    row: int
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Parsed(Generic[Row]):
    """A whole file, read: the rows that can be used, in the file's order, and those that cannot."""

    rows: tuple[Row, ...]
    rejects: tuple[Reject, ...]


@dataclass(slots=True)
class Tally:
    """The counts of one import. Rows out of scope are not read, so `read` is always the sum of the other four."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejects: list[Reject] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        return len(self.rejects)

    @property
    def read(self) -> int:
        return self.added + self.changed + self.unchanged + self.rejected

    def counts(self) -> dict[str, int]:
        """What `--json` prints."""
        return {
            "read": self.read,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
        }
