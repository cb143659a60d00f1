"""What each message says: little, in plain words, and never why somebody was referred.

A message to a person tells who it is from and what to do. A provider gets the impersonal facts of a request under the
request's own reference. Referrers and link workers get the referral's reference; names stay behind the log-in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from services.notifications.domain.telling import Audience, Occasion

LONDON = ZoneInfo("Europe/London")
WITHHELD_NEED = "withheld"

NEEDS: Mapping[str, str] = {
    "social-connection": "company and connection",
    "wellbeing": "mood, stress and confidence",
    "money-and-essentials": "money and essentials",
    "housing": "housing",
    "work-and-learning": "work and learning",
    "family-and-caring": "family and caring",
    "healthy-living": "healthy living",
    "interests": "arts, nature and interests",
    "access": "getting online, getting about, English and forms",
    "other": "something else",
    WITHHELD_NEED: "not shown",
}


@dataclass(frozen=True, slots=True)
class Matter:
    """What a message may draw on. `need` is a group's code, never a reason; all times are aware."""

    reference: str = ""
    request: str = ""
    need: str = ""
    activity: str = ""
    answer_by: datetime | None = None
    link_worker: str = ""
    team: str = ""
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """One message: an email's subject and text, or a letter's heading and text."""

    subject: str
    heading: str
    says: tuple[str, ...]
    to_do: tuple[str, ...] = ()
    link: str = ""


def day(moment: datetime | None) -> str:
    """ "Friday 27 November 2026", in London."""
    if moment is None:
        return "soon"
    local = moment.astimezone(LONDON)
    return f"{local:%A} {local.day} {local:%B %Y}"


def team(matter: Matter) -> str:
    """Who a message to a person says it is from."""
    return matter.team or "your local support team"


def _worker(matter: Matter) -> str:
    return f"Your link worker, {matter.link_worker}," if matter.link_worker else "Your link worker"


def _group(matter: Matter) -> str:
    """A group's name can give away a sensitive need, so it is left out where the need is withheld."""
    return matter.activity if matter.activity and matter.need != WITHHELD_NEED else "The group"


def _to_person(matter: Matter, heading: str, says: tuple[str, ...], to_do: tuple[str, ...]) -> Words:
    return Words(f"A message from {team(matter)}", heading, says, to_do)


def _to_link_worker(matter: Matter, heading: str, *says: str) -> Words:
    link = f"{matter.base_url}/referral/cases/{matter.reference}"
    return Words(f"{matter.reference}: {heading[0].lower()}{heading[1:]}", heading, says, link=link)


def _to_referrer(matter: Matter, heading: str, *says: str) -> Words:
    link = f"{matter.base_url}/referral/mine/{matter.reference}"
    return Words(f"{matter.reference}: {heading[0].lower()}{heading[1:]}", heading, says, link=link)


def _to_provider(matter: Matter, subject: str, heading: str, *says: str) -> Words:
    facts = (
        f"Request: {matter.request}",
        f"For: {matter.activity}",
        f"Need: {NEEDS.get(matter.need, NEEDS['other'])}",
        f"Answer by: {day(matter.answer_by)}",
    )
    to_do = ("Accept, put on your waiting list, or say that you cannot and why.",)
    return Words(subject, heading, (*says, *facts), to_do, f"{matter.base_url}/directory/desk")


def _received_person(m: Matter) -> Words:
    says = ("We have been asked to support you.", "A link worker will contact you in the way you chose.")
    return _to_person(m, "We have your referral", says, ("You do not need to do anything now.",))


def _received_referrer(m: Matter) -> Words:
    return _to_referrer(
        m, "We have your referral", "A team lead will give it to a link worker.", "We will tell you who."
    )


def _declined_person(m: Matter) -> Words:
    says = ("We looked at your referral and cannot take it on.", "If you have support already, it stays as it is.")
    return _to_person(m, "We cannot take your referral", says, ("Ask us, or your GP surgery, what else may help.",))


def _declined_referrer(m: Matter) -> Words:
    return _to_referrer(m, "Your referral was not accepted", "The reason stands with the referral.")


def _allocated_person(m: Matter) -> Words:
    name = m.link_worker or "Somebody from our team"
    says = (f"{name} is your link worker.", "They will contact you in the way you chose.")
    return _to_person(m, "You have a link worker", says, ("You do not need to do anything now.",))


def _allocated_referrer(m: Matter) -> Words:
    says = f"{m.link_worker or 'A link worker'} will contact the person you referred."
    return _to_referrer(m, "Your referral has a link worker", says)


def _allocated_link_worker(m: Matter) -> Words:
    return _to_link_worker(m, "A case was allocated to you", "Its first contact is the next thing to do.")


def _request_provider(m: Matter) -> Words:
    subject = f"Request {m.request}: please answer by {day(m.answer_by)}"
    return _to_provider(m, subject, "Somebody would like a place", "A link worker is asking for a place.")


def _accepted_person(m: Matter) -> Words:
    says = (f"{_worker(m)} will tell you when it starts and what happens next.",)
    return _to_person(m, "There is a place for you", says, ("You do not need to do anything now.",))


def _accepted_referrer(m: Matter) -> Words:
    return _to_referrer(m, "A place was accepted", "A group has a place for the person you referred.")


def _accepted_link_worker(m: Matter) -> Words:
    return _to_link_worker(m, "A place was accepted", f"{_group(m)} accepted your request {m.request}.")


def _waitlisted_person(m: Matter) -> Words:
    says = (f"{_worker(m)} will tell you when a place is free.",)
    return _to_person(m, "You are on a waiting list", says, ("You do not need to do anything now.",))


def _waitlisted_link_worker(m: Matter) -> Words:
    return _to_link_worker(
        m, "A request is on a waiting list", f"{_group(m)} put request {m.request} on its waiting list."
    )


def _declined_link_worker(m: Matter) -> Words:
    says = (f"{_group(m)} cannot take request {m.request}.", "The reason stands in the case.")
    return _to_link_worker(m, "A request was declined", *says)


def _question_link_worker(m: Matter) -> Words:
    says = f"{_group(m)} needs an answer from the person before it can decide on request {m.request}."
    return _to_link_worker(m, "A request waits for the person", says)


def _overdue_link_worker(m: Matter) -> Words:
    says = (f"{_group(m)} has not answered request {m.request}.", f"The answer was due by {day(m.answer_by)}.")
    return _to_link_worker(m, "A request has no answer yet", *says, "You can ask again or ask another group.")


def _overdue_provider(m: Matter) -> Words:
    subject = f"Request {m.request}: your answer is overdue"
    return _to_provider(m, subject, "A request is waiting for your answer", "Nobody has answered this request yet.")


def _attended_referrer(m: Matter) -> Words:
    return _to_referrer(m, "The person you referred has started", "They went to a group for the first time.")


WORDING: Mapping[tuple[Occasion, Audience], Callable[[Matter], Words]] = {
    (Occasion.REFERRAL_CREATED, Audience.PERSON): _received_person,
    (Occasion.REFERRAL_CREATED, Audience.REFERRER): _received_referrer,
    (Occasion.REFERRAL_DECLINED, Audience.PERSON): _declined_person,
    (Occasion.REFERRAL_DECLINED, Audience.REFERRER): _declined_referrer,
    (Occasion.REFERRAL_ALLOCATED, Audience.PERSON): _allocated_person,
    (Occasion.REFERRAL_ALLOCATED, Audience.REFERRER): _allocated_referrer,
    (Occasion.REFERRAL_ALLOCATED, Audience.LINK_WORKER): _allocated_link_worker,
    (Occasion.ACTIVITY_PRESCRIBED, Audience.PROVIDER): _request_provider,
    (Occasion.PLACE_ACCEPTED, Audience.PERSON): _accepted_person,
    (Occasion.PLACE_ACCEPTED, Audience.REFERRER): _accepted_referrer,
    (Occasion.PLACE_ACCEPTED, Audience.LINK_WORKER): _accepted_link_worker,
    (Occasion.PLACE_WAITLISTED, Audience.PERSON): _waitlisted_person,
    (Occasion.PLACE_WAITLISTED, Audience.LINK_WORKER): _waitlisted_link_worker,
    (Occasion.PLACE_DECLINED, Audience.LINK_WORKER): _declined_link_worker,
    (Occasion.PERSON_ACTION_NEEDED, Audience.LINK_WORKER): _question_link_worker,
    (Occasion.REPLY_OVERDUE, Audience.LINK_WORKER): _overdue_link_worker,
    (Occasion.REPLY_OVERDUE, Audience.PROVIDER): _overdue_provider,
    (Occasion.ATTENDANCE_RECORDED, Audience.REFERRER): _attended_referrer,
}


def words_for(occasion: Occasion, audience: Audience, matter: Matter) -> Words:
    """What somebody is told of this."""
    return WORDING[occasion, audience](matter)
