"""What a provider did with one request, by the directory's own actions with the clock of that day, and once."""

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.embedded.living.acts import Came, Finished, Overdue, Reaction, Said, Seen
from deploy.embedded.living.case_work import Sent
from deploy.embedded.living.staff import Staff
from services.directory.actions.requests import (
    acknowledge_request,
    answer_request,
    end_place,
    mark_overdue,
    record_attendance,
)
from services.directory.domain.request import Attendance, Outcome
from shared.door.once import Answer, once
from shared.runtime.store import Store, Tx


@dataclass(frozen=True, slots=True)
class Desk:
    """The directory's store, and who answers there."""

    store: Store
    staff: Staff

    async def react(self, sent: Sent, reactions: Sequence[Reaction]) -> None:
        """All that the provider did with a request, in one transaction; after a crash it is not done again."""
        async with self.store.transaction(self.staff.providers[sent.provider]) as tx:

            async def act() -> Answer:
                for reaction in reactions:
                    await _do(tx, sent, reaction)
                return Answer(200)

            await once(tx, f"living {sent.reference}", b"", act)


async def _do(tx: Tx, sent: Sent, reaction: Reaction) -> None:
    match reaction:
        case Seen(at):
            await acknowledge_request(tx, sent.reference, at)
        case Overdue():
            await mark_overdue(tx, sent.id, sent.answer_by)
        case Said(at, answer):
            await answer_request(tx, sent.reference, answer, at)
        case Came(at, on, attended):
            await record_attendance(tx, sent.reference, Attendance(on, attended), at)
        case Finished(at):
            await end_place(tx, sent.reference, Outcome.COMPLETED, at)
