"""The report a caller may see: which networks are theirs, and the figures of the period they asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.reporting.domain.funnel import Funnel, answers, funnel
from services.reporting.domain.measures import AnswerKind, Group
from services.reporting.domain.period import Period, asked_period
from services.reporting.domain.suppression import Figure
from services.reporting.store import figures
from services.reporting.store.figures import Asked
from shared.runtime.actor import Actor, Role
from shared.runtime.store import Tx


class NotTheirs(Exception):
    """The network asked for is not the caller's to see."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked for, as it stood in the address."""

    first: str = ""
    last: str = ""
    pcn: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The figures, and the networks that the caller may choose from (code to name)."""

    funnel: Funnel
    answers: list[tuple[AnswerKind, Figure]]
    networks: Mapping[str, str]
    pcn: str
    group: Group | None


def networks_of(actor: Actor) -> frozenset[str] | None:
    """An analyst sees every network, and never a person; a team lead sees their own."""
    return None if actor.may(Role.ANALYST) else actor.organisations


def _asked(actor: Actor, question: Question, period: Period) -> Asked:
    own = networks_of(actor)
    if question.pcn and own is not None and question.pcn not in own:
        raise NotTheirs("You can see the figures of your own network.")
    group = Group(question.group) if question.group in set(Group) else None
    return Asked(period, {question.pcn} if question.pcn else own, group)


async def read(tx: Tx, question: Question, today: date) -> Report:
    """The report; `NotAPeriod` when the days make none, `NotTheirs` when the network is another's."""
    period = asked_period(question.first, question.last, today)
    asked, own = _asked(tx.actor, question, period), networks_of(tx.actor)
    names = await figures.network_names(tx)
    narrowed = bool(question.pcn or asked.group)
    report = funnel(await figures.cells(tx, asked), period, names, narrowed=narrowed)
    requests = answers(await figures.answers(tx, asked))
    by_name = sorted(names.items(), key=lambda each: each[1])
    visible = {code: name for code, name in by_name if own is None or code in own}
    return Report(report, requests, visible, question.pcn, asked.group)
