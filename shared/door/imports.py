"""How every import answers at the operator's door: counts, and each row that was left out."""

from pydantic import BaseModel

from shared.runtime.imports import Tally


class RejectOut(BaseModel):
    """A row that was left out: where it stands (from 1), its own id, and why."""

    row: int
    id: str
    reason: str


class TallyOut(BaseModel):
    """What an import did; `read` is the sum of the other four."""

    read: int
    added: int
    changed: int
    unchanged: int
    rejected: int
    rejects: list[RejectOut]

    @classmethod
    def of(cls, tally: Tally) -> "TallyOut":
        """A tally as it is answered."""
        rejects = [RejectOut(row=each.row, id=each.id, reason=each.reason) for each in tally.rejects]
        return cls(**tally.counts(), rejects=rejects)
