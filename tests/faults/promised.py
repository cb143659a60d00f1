"""What acknowledged requests promise: which effects each leaves in its owner's store and in everyone's who hears."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from services.notifications.domain.telling import Occasion, who_is_told
from tests.faults.checker import Effect
from tests.faults.driving import Act, Told

ANSWERED: Mapping[str, tuple[str, str]] = {
    "accept": ("accepted", "place-accepted"),
    "waitlist": ("waitlisted", "place-waitlisted"),
    "decline": ("declined_by_provider", "place-declined"),
    "ask-person": ("needs_person_action", "person-action-needed"),
}
REPORTED: Mapping[str, str] = {
    "accept": "accepted",
    "waitlist": "waitlisted",
    "decline": "declined",
    "ask-person": "asked-person",
}
STAGES: Mapping[str, str] = {
    "refer": "referred",
    "contact": "reached",
    "session": "session",
    "prescribe": "prescribed",
    "answer": "answered",
    "attend": "attended",
}


def effects(journey: Told) -> list[Effect]:
    """Everything that stands because of one journey, messages sent and mail aside: those have states of their own."""
    return [
        *_kept_keys(journey),
        *_in_referral(journey),
        *_of_requests(journey),
        *_in_reporting(journey),
        *(Effect(stream, what) for (stream, _), whats in events(journey).items() for what in whats),
        *(Effect("notifications.message", " ".join(message)) for message in _messages(journey)),
    ]


def _kept_keys(journey: Told) -> Iterator[Effect]:
    for act in journey.acts:
        yield Effect(f"{act.path.split('/')[1]}.idempotency", act.key)


def _in_referral(journey: Told) -> Iterator[Effect]:
    """The referral's own rows; those with words carry their act's key in them."""
    number, id_ = journey.body["person"]["nhs_number"], journey.referral_id
    yield Effect("referral.referral", f"{number} {id_} {journey.reference} {journey.worker.subject}")
    yield Effect("referral.open_person", id_)
    yield Effect("notifications.contact", journey.body["person"]["email"])
    for act in journey.acts:
        if act.kind in ("contact", "session", "plan"):
            yield Effect(f"referral.{act.kind}", act.key)
        if act.kind == "outcome":
            yield Effect("referral.outcome", f"{id_} {act.body['stage']}")


def _of_requests(journey: Told) -> Iterator[Effect]:
    """The request in the owner's store and on the desk, with what was said of it."""
    for request in journey.requests:
        said = {act.kind: act for act in _about(journey, request.id)}
        answer = ANSWERED[said["answer"].body["answer"]][0]
        state = "started" if "attend" in said else answer
        yield Effect("referral.prescription", f"{request.id} {request.reference} {state}")
        yield Effect("directory.place_request", f"{request.id} {request.reference} {state}")
        yield Effect("notifications.request", f"{request.id} {request.reference}")
        for news in ("acknowledged", answer, *(["started"] if "attend" in said else [])):
            yield Effect("referral.prescription_news", f"{request.id} {news}")
        if "attend" in said:
            yield Effect("directory.attendance", f"{request.id} {said['attend'].body['on']} True")


def _about(journey: Told, request: str) -> list[Act]:
    return [act for act in journey.acts if act.facts.get("request") == request]


def _in_reporting(journey: Told) -> Iterator[Effect]:
    yield Effect("reporting.referral", f"{journey.referral_id} {' '.join(sorted(reached(journey)))}")
    for request in journey.requests:
        said = {act.kind: act for act in _about(journey, request.id)}
        answer = REPORTED[said["answer"].body["answer"]]
        yield Effect("reporting.request", f"{request.id} {answer} {'attended' if 'attend' in said else ''}".strip())


def reached(journey: Told) -> set[str]:
    """The stages of the funnel that the journey came to."""
    stages = {STAGES[act.kind] for act in journey.acts if act.kind in STAGES}
    accepted = any(act.kind == "answer" and act.body["answer"] == "accept" for act in journey.acts)
    return stages | {"accepted"} if accepted else stages


def funnel(journeys: Iterable[Told]) -> dict[str, int]:
    """How many people came to each stage that the report shows."""
    counts = dict.fromkeys(("referred", "reached", "session", "prescribed", "accepted", "attended"), 0)
    for journey in journeys:
        for stage in counts.keys() & reached(journey):
            counts[stage] += 1
    return counts


def events(journey: Told) -> dict[tuple[str, str], list[str]]:
    """By stream and key, the events in the order in which their requests were acknowledged."""
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    requests = iter(journey.requests)
    for act in journey.acts:
        counts[act.kind] += 1
        place = "place-events" if act.kind in ("answer", "attend") else "referral-events"
        prescribed = next(requests).reference if act.kind == "prescribe" else ""
        said[place, journey.referral_id] += _events_of(act, counts[act.kind], prescribed)
    return said


def _events_of(act: Act, number: int, prescribed: str) -> Sequence[str]:
    request = act.facts.get("request", "")
    match act.kind:
        case "refer":
            return ["referral-created", "consent-given"]
        case "allocate":
            return ["referral-accepted", "referral-allocated"]
        case "outcome":
            return ["outcome-recorded"]
        case "prescribe":
            return [f"activity-prescribed {prescribed}"]
        case "answer":
            return [f"place-acknowledged {request}", f"{ANSWERED[act.body['answer']][1]} {request}"]
        case "attend":
            return [f"attendance-recorded {request}"]
    name = {"contact": "contact-attempted", "session": "session-completed", "plan": "plan-agreed"}[act.kind]
    return [f"{name} {number}"]


def _messages(journey: Told) -> Iterator[tuple[str, str, str, str]]:
    """Referral, request, occasion and audience of each message that somebody is to get."""
    requests = iter(journey.requests)
    for act in journey.acts:
        request = next(requests).id if act.kind == "prescribe" else act.facts.get("request", "-")
        if occasion := _occasion(act):
            for audience in who_is_told(occasion):
                yield journey.referral_id, request, occasion, audience


def _occasion(act: Act) -> Occasion | None:
    match act.kind:
        case "refer":
            return Occasion.REFERRAL_CREATED
        case "allocate":
            return Occasion.REFERRAL_ALLOCATED
        case "prescribe":
            return Occasion.ACTIVITY_PRESCRIBED
        case "answer":
            return Occasion(ANSWERED[act.body["answer"]][1])
        case "attend":
            return Occasion.ATTENDANCE_RECORDED
    return None
