"""A thing owed in words, with the link that does it."""

from dataclasses import dataclass
from datetime import date, datetime

from services.referral.actions.today import Awaited, Task
from services.referral.domain.owed import Owed, OwedKind, RequestFacts, When
from services.referral.domain.prescriptions import UNANSWERED
from services.referral.pages.wording import AUDIENCES, ordinal
from shared.door.words import ago, day, short_day


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of a list of things to do. `tag` is a thing and a state of the vocabulary, or nothing."""

    name: str
    reference: str
    case: str
    tag: tuple[str, str] | None
    what: str
    act: str
    href: str
    link_worker: str = ""


def case_path(reference: str) -> str:
    return f"/referral/cases/{reference}"


def shown(task: Task, now: datetime, today: date, link_workers: dict[str, str]) -> Shown:
    line, each = task.line, task.owed
    reference = line.referral.reference
    act, rest = act_of(each)
    return Shown(
        name=line.person.name,
        reference=reference,
        case=case_path(reference),
        tag=tag_of(each, today),
        what=what_of(each, now, today),
        act=act,
        href=case_path(reference) + rest,
        link_worker=link_workers.get(line.referral.link_worker or "", ""),
    )


def shown_awaited(awaited: Awaited, now: datetime, link_workers: dict[str, str]) -> Shown:
    line, asked = awaited.line, awaited.request
    reference = line.referral.reference
    return Shown(
        name=line.person.name,
        reference=reference,
        case=case_path(reference),
        tag=("request", asked.state),
        what=f"{asked.activity}, {_standing(asked, now)}",
        act="See the request",
        href=f"{case_path(reference)}/requests",
        link_worker=link_workers.get(line.referral.link_worker or "", ""),
    )


def _standing(asked: RequestFacts, now: datetime) -> str:
    """When it was asked and is due; once the group has answered, when it did."""
    if asked.state in UNANSWERED:
        return f"asked {ago(asked.asked_at, now)}, to answer by {short_day(asked.answer_by)}"
    return f"answered {ago(asked.changed_at, now)}"


def tag_of(each: Owed, today: date) -> tuple[str, str] | None:
    """The state of what is owed where it has one of its own, else how pressing it is."""
    if each.state is not None:
        return "request", each.state
    if each.kind is OwedKind.SESSION_NOT_RECORDED:
        return "session", "not_recorded"
    when = each.when(today)
    return None if when is When.LATER else ("mark", "overdue" if when is When.OVERDUE else "due_today")


def _due(each: Owed, today: date) -> str:
    if each.due == today:
        return "due today"
    return f"{'was due' if each.due < today else 'due'} {day(each.due)}"


def what_of(each: Owed, now: datetime, today: date) -> str:
    """What is owed, in a sentence without a person's name."""
    since = ago(each.since, now) if each.since else ""
    return f"{_said(each, since)}, {_due(each, today)}"


def _said(each: Owed, since: str) -> str:
    match each.kind:
        case OwedKind.CONTACT:
            return f"{ordinal(each.count)} attempt to reach them"
        case OwedKind.SESSION_NOT_RECORDED:
            return f"Session that was to be {since} has not been recorded"
        case OwedKind.NO_ANSWER:
            return f"{each.about}, asked {since}, has not answered"
        case OwedKind.ANOTHER_NEEDED:
            return f"{each.about} ended without help {since}: find another way"
        case OwedKind.PERSON_ACTION:
            return f"{each.about} needs something from the person, said {since}"
        case OwedKind.SAME_PERSON:
            return note_words(each.about)
        case OwedKind.MESSAGE:
            return _message(each)
        case OwedKind.NEXT_STEP:
            return f"Nothing is planned. Last contact or request {since}"


def _message(each: Owed) -> str:
    more = f", and {each.count - 1} more" if each.count > 1 else ""
    return message_words(each.about) + more


def message_words(about: str) -> str:
    """What became of a message, from its state and audience."""
    state, _, audience = about.partition(" ")
    went = "did not go" if state == "failed" else "was withheld"
    return f"A message to {AUDIENCES[audience]} {went}"


def note_words(certainty: str) -> str:
    """Whose note it is, as far as we know."""
    return f"A self-referral {'is' if certainty == 'is' else 'may be'} from this person"


def act_of(each: Owed) -> tuple[str, str]:
    """The link's words, and the rest of its path below the case."""
    return {
        OwedKind.CONTACT: ("Record a call", "/contact"),
        OwedKind.SESSION_NOT_RECORDED: ("Record the session", f"/sessions/{each.count}"),
        OwedKind.NO_ANSWER: ("Take back or ask another", "/requests"),
        OwedKind.ANOTHER_NEEDED: ("Find another group", "/prescribe"),
        OwedKind.PERSON_ACTION: ("Record a call", "/contact"),
        OwedKind.SAME_PERSON: ("Look at it", "#raised"),
        OwedKind.MESSAGE: ("Look at it", "#raised"),
        OwedKind.NEXT_STEP: ("Open the case", ""),
    }[each.kind]
