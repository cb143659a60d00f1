"""The words that a case's codes are shown by: one place, so that a thing is called the same on every page."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from services.referral.domain.contacts import ContactMode, ContactOutcome
from services.referral.domain.outcomes import Ons4Item, Stage
from services.referral.domain.person import Channel
from services.referral.domain.prescriptions import UnmetCause, WithdrawalReason
from services.referral.domain.reasons import ReasonGroup
from services.referral.domain.referral import Closure
from services.referral.domain.sessions import SessionState

MODES: Mapping[str, str] = {
    ContactMode.PHONE: "Phone",
    ContactMode.FACE_TO_FACE: "Face to face",
    ContactMode.HOME_VISIT: "At home",
    ContactMode.VIDEO: "Video",
    ContactMode.TEXT: "Text",
    ContactMode.EMAIL: "Email",
    ContactMode.LETTER: "Letter",
}
OUTCOMES: Mapping[str, str] = {
    ContactOutcome.REACHED: "Reached them",
    ContactOutcome.NO_ANSWER: "No answer yet",
    ContactOutcome.LEFT_MESSAGE: "Left a message",
    ContactOutcome.WRONG_NUMBER: "Wrong number or address",
}
HAPPENED: Mapping[str, str] = {
    SessionState.COMPLETED: "Happened",
    SessionState.MISSED: "Missed",
    SessionState.CANCELLED: "Cancelled",
}
CHANNELS: Mapping[str, str] = {
    Channel.CALL: "call",
    Channel.TEXT: "text",
    Channel.EMAIL: "email",
    Channel.LETTER: "letter",
    Channel.THROUGH_SOMEONE: "through someone else",
}
STAGES: Mapping[str, str] = {Stage.BASELINE: "Baseline, at the start", Stage.FOLLOW_UP: "Follow-up"}
QUESTIONS: Mapping[str, str] = {
    Ons4Item.SATISFIED: "Overall, how satisfied are you with your life nowadays?",
    Ons4Item.WORTHWHILE: "Overall, to what extent do you feel that the things you do in your life are worthwhile?",
    Ons4Item.HAPPY: "Overall, how happy did you feel yesterday?",
    Ons4Item.ANXIOUS: "Overall, how anxious did you feel yesterday?",
}
ITEMS: Mapping[str, str] = {
    Ons4Item.SATISFIED: "Satisfied with life",
    Ons4Item.WORTHWHILE: "Things are worthwhile",
    Ons4Item.HAPPY: "Happy yesterday",
    Ons4Item.ANXIOUS: "Anxious yesterday",
}
GROUPS: Mapping[str, str] = {
    ReasonGroup.SOCIAL_CONNECTION: "Company and connection",
    ReasonGroup.WELLBEING: "Mood, stress and confidence",
    ReasonGroup.MONEY_AND_ESSENTIALS: "Money and essentials",
    ReasonGroup.HOUSING: "Housing",
    ReasonGroup.WORK_AND_LEARNING: "Work and learning",
    ReasonGroup.FAMILY_AND_CARING: "Family and caring",
    ReasonGroup.HEALTHY_LIVING: "Healthy living",
    ReasonGroup.INTERESTS: "Arts, nature and interests",
    ReasonGroup.ACCESS: "Getting online, getting about, English and forms",
    ReasonGroup.WITHHELD: "A sensitive reason",
    ReasonGroup.OTHER: "Something else",
}
UNMET: Mapping[str, str] = {
    UnmetCause.NO_SUITABLE_SERVICE: "There is no suitable group or service",
    UnmetCause.NO_CAPACITY: "There is one, and it has no room",
    UnmetCause.NOT_ELIGIBLE: "There is one, and the person does not meet its rules",
    UnmetCause.COULD_NOT_GET_THERE: "There is one, and the person could not get there",
}
WITHDRAWALS: Mapping[str, str] = {
    WithdrawalReason.DECLINED_BY_PERSON: "The person does not want it",
    WithdrawalReason.ENTERED_IN_ERROR: "It was sent by mistake",
}
CLOSURES: Mapping[str, str] = {
    Closure.GOALS_REACHED: "The person reached their goals",
    Closure.PERSON_ENDED: "The person wanted to end",
    Closure.COULD_NOT_REACH: "We could not reach the person",
    Closure.MOVED_AWAY: "The person moved away",
    Closure.DIED: "The person died",
    Closure.REFERRED_ELSEWHERE: "The person was referred to another service",
    Closure.OTHER: "Another reason",
}
DECLINES: Mapping[str, str] = {
    "no_capacity": "no room",
    "waitlist_closed": "the waiting list is closed",
    "not_eligible_age": "outside its ages",
    "not_eligible_area": "outside its area",
    "not_eligible_other": "does not meet its rules",
    "missing_information": "not enough information",
    "lack_of_resources": "not enough staff or money",
    "service_ended": "it has ended",
    "risk_too_high": "more risk than it can support",
    "duplicate": "asked twice",
    "other": "another reason",
}
AUDIENCES: Mapping[str, str] = {
    "person": "the person",
    "referrer": "the referrer",
    "link-worker": "the link worker",
    "provider": "the group",
}
MESSAGE_REASONS: Mapping[str, str] = {
    "unsafe": "contact is marked unsafe",
    "no-channel": "no way of writing to them was chosen",
    "erased": "their details were erased",
    "refused": "it was refused",
    "no-address": "there is no address",
    "not-known-whether-sent": "it is not known whether it was sent",
}
NEWS: Mapping[str, str] = {
    "acknowledged": "has seen the request",
    "unanswered": "has not answered in time",
    "accepted": "has a place",
    "waitlisted": "put the person on its waiting list",
    "needs_person_action": "needs something from the person first",
    "declined_by_provider": "cannot take the person",
    "redirected": "sent the request elsewhere",
    "started": "saw the person attend",
    "completed": "says it is complete",
    "not_helped": "says it did not help",
    "could_not_contact": "could not reach the person",
    "declined_by_person": "request taken back",
    "entered_in_error": "request taken back as a mistake",
    "missed": "did not see the person",
}
DAYS: Mapping[str, str] = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
_ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth")


def choices(words: Mapping[str, str], only: Iterable[StrEnum] | None = None) -> list[dict[str, str]]:
    """Radio items in the order of the words, or of those asked for."""
    wanted = list(words) if only is None else [str(each) for each in only]
    return [{"value": str(value), "text": words[value]} for value in wanted]


def ordinal(count: int) -> str:
    """ "First" to "Sixth", then "Number 7"."""
    return _ORDINALS[count - 1] if 0 < count <= len(_ORDINALS) else f"Number {count}"
