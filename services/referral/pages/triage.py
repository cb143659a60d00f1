"""A team lead decides on each referral that waits, and sees how loaded everybody is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Response

from services.referral.actions.allocation import allocate, decline, who_could_take
from services.referral.domain.allocation import Candidate, NoLinkWorker
from services.referral.domain.person import Person
from services.referral.domain.referral import WAITING, Decline, Referral, Route
from services.referral.pages import checking
from services.referral.pages.acting import Onward, act_once
from services.referral.pages.checking import AnswerRow
from services.referral.pages.choices import DECLINES, Choice
from services.referral.pages.heading import heading_of
from services.referral.pages.mine import line_of
from services.referral.store.network import names_of, networks, staff_names
from services.referral.store.notes import notes_of
from services.referral.store.people import load_person
from services.referral.store.queue import waiting
from services.referral.store.referrals import load_referral
from services.referral.store.workload import candidates
from shared.door.caller import Caller
from shared.door.forms import Form, Typed
from shared.door.guard import allow, door
from shared.door.words import listed, moment
from shared.runtime.actor import Role
from shared.runtime.clock import LONDON
from shared.runtime.store import Tx

router = door("referral")
LEADS = allow(Role.TEAM_LEAD)
BOROUGH = "borough"
DECISIONS = (Choice("accept", "Accept"), Choice("decline", "No, the team cannot take it"))


@router.get("/referral/triage", dependencies=[LEADS], include_in_schema=False)
async def to_decide(caller: Caller, after: str = "", network: str = "") -> Response:
    """Urgent first, then longest waiting."""
    async with caller.transaction() as tx:
        own = await networks(tx, caller.actor.organisations)
        pcn = network if network in {each.code for each in own} else None
        page = await waiting(tx, after or None, pcn=pcn, borough=network == BOROUGH)
        practices = await names_of(tx, {row.referral.practice for row in page.rows})
    offered = [*(Choice(each.code, each.name) for each in own), Choice(BOROUGH, "Borough queue")]
    chosen = [{"text": each.text, "href": "/referral/triage"} for each in offered if each.value == network]
    kept = f"&network={network}" if chosen else ""
    return caller.page(
        "referral/triage/list.html",
        typed=Typed({"network": [network]}),
        todo={"/referral/triage": page.total},
        lines=[line_of(row, practices) for row in page.rows],
        total=page.total,
        networks=offered,
        chosen=chosen,
        paged=bool(after),
        older=f"/referral/triage?after={page.next}{kept}" if page.next else "",
    )


@router.get("/referral/triage/{reference}", dependencies=[LEADS], include_in_schema=False)
async def decide_page(reference: str, caller: Caller) -> Response:
    """The facts, the choice and the load of everybody on one page."""
    async with caller.transaction() as tx:
        return await _draw(caller, tx, await load_referral(tx, reference))


async def _draw(
    caller: Caller, tx: Tx, referral: Referral, form: Form | None = None, problems: Mapping[str, str] | None = None
) -> Response:
    person = await load_person(tx, referral.person_id)
    named = await names_of(tx, {referral.practice, referral.pcn})
    return caller.page(
        "referral/triage/decide.html",
        errors=problems,
        typed=form.typed if form else None,
        heading=heading_of(referral, person.details, caller.now.astimezone(LONDON).date()),
        facts=_facts(referral, person, named, await staff_names(tx, {referral.made_by})),
        notes=await notes_of(tx, referral.id),
        borough=referral.pcn is None,
        waiting=referral.status in WAITING,
        next=referral.next,
        version=form.version if form else referral.version,
        decisions=DECISIONS,
        workers=_workers(await who_could_take(tx, referral, person), person),
        declines=DECLINES,
    )


def _facts(referral: Referral, person: Person, named: Mapping[str, str], staff: Mapping[str, str]) -> list[AnswerRow]:
    practice = named.get(referral.practice or "", "")
    by = (
        "Themself" if referral.route is Route.SELF else listed([*filter(None, [staff.get(referral.made_by)]), practice])
    )
    rows = {
        "Reasons": ", ".join(reason.label for reason in referral.reasons),
        "Something else": referral.other_reason,
        "What matters to them": referral.what_matters,
        "Referred by": by,
        "Referred on": moment(referral.made_at),
        "GP practice": practice,
        "Team": named.get(referral.pcn or "", "") or "None yet: it takes the network of who takes the case",
        **checking.agreement_rows(referral.agreement, person.details),
        **checking.need_rows(person.details),
    }
    return [AnswerRow(key, value) for key, value in rows.items() if value or key != "Something else"]


def _workers(able: Sequence[Candidate], person: Person) -> list[Choice]:
    """Each with the facts that decide: load of limit, language, who supported the person before."""
    return [Choice(each.subject, _worker_words(each, person)) for each in able]


def _worker_words(each: Candidate, person: Person) -> str:
    speaks = f"speaks {person.details.language}" if each.speaks(person.details.language) else ""
    knows = "supported them before" if each.knows else ""
    room = "" if each.room else "no room"
    return ", ".join(filter(None, [each.name, f"{each.load} of {each.limit}", speaks, knows, room]))


@router.post("/referral/triage/{reference}", dependencies=[LEADS], include_in_schema=False)
async def decide(reference: str, caller: Caller) -> Response:
    """Accept and allocate in one step, or decline."""
    form = await caller.form()
    problems = _problems(form)
    if problems:
        async with caller.transaction() as tx:
            return await _draw(caller, tx, await load_referral(tx, reference), form, problems)
    try:
        return await act_once(caller, form, lambda tx: _decide(caller, tx, reference, form))
    except NoLinkWorker as error:
        async with caller.transaction() as tx:
            return await _draw(caller, tx, await load_referral(tx, reference), form, {"link_worker": str(error)})


def _problems(form: Form) -> dict[str, str]:
    decision = form.text("decision")
    if decision == "accept":
        return {} if form.text("link_worker") else {"link_worker": "Choose a link worker"}
    if decision == "decline":
        return {} if form.text("reason") in set(Decline) else {"reason": "Choose why the team cannot take it"}
    return {"decision": "Choose whether the team takes this referral"}


async def _decide(caller: Caller, tx: Tx, reference: str, form: Form) -> Onward:
    if form.text("decision") == "decline":
        reason = Decline(form.text("reason"))
        await decline(tx, reference, reason, form.text("words"), caller.now, expected=form.version)
        return Onward("/referral/triage", f"{reference} is declined. We tell who made the referral, and the person.")
    done = await allocate(tx, reference, form.text("link_worker"), caller.now, expected=form.version)
    told = f"{reference} is with {done.link_worker_name}. We tell them, the person and who referred them."
    return Onward("/referral/triage", f"{told} Next: {done.link_worker_name} makes contact.")


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One link worker's load as a row with a bar; `share` is 0 to 1 of their limit."""

    label: str
    value: str
    share: float
    notes: tuple[str, str]


@router.get("/referral/workload", dependencies=[LEADS], include_in_schema=False)
async def workload(caller: Caller) -> Response:
    """Who carries how much of what they can."""
    async with caller.transaction() as tx:
        own = await networks(tx, caller.actor.organisations)
        able = await candidates(tx, [network.code for network in own])
    rows = [
        LoadRow(
            each.name, f"{each.load} of {each.limit}", min(1.0, float(each.share)), (str(each.cases), str(each.room))
        )
        for each in able
    ]
    return caller.page("referral/triage/workload.html", rows=rows)
