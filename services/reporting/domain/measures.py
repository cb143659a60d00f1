"""What each figure counts, in words and with a version, so that a reader can tell two figures apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """How far a referral has come."""

    REFERRED = "referred"
    REACHED = "reached"
    SESSION = "session"
    PRESCRIBED = "prescribed"
    ACCEPTED = "accepted"
    ATTENDED = "attended"


class Group(StrEnum):
    """The group of a referral's main reason."""

    SOCIAL_CONNECTION = "social-connection"
    WELLBEING = "wellbeing"
    MONEY_AND_ESSENTIALS = "money-and-essentials"
    HOUSING = "housing"
    WORK_AND_LEARNING = "work-and-learning"
    FAMILY_AND_CARING = "family-and-caring"
    HEALTHY_LIVING = "healthy-living"
    INTERESTS = "interests"
    ACCESS = "access"
    OTHER = "other"
    WITHHELD = "withheld"


class AnswerKind(StrEnum):
    """What has become of a request for a place; silence is never a refusal."""

    ACCEPTED = "accepted"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    ASKED_PERSON = "asked-person"
    OVERDUE = "overdue"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure's definition: what is counted, out of what. A change of either is a new version."""

    id: str
    version: int
    label: str
    counts: str
    out_of: str

    @property
    def name(self) -> str:
        """The definition as it is quoted: "funnel.reached v1"."""
        return f"{self.id} v{self.version}"


OUT_OF = "referrals made from the first to the last day of the period, whatever became of them since"
_COUNTS = {
    Stage.REFERRED: ("Referred", "referrals made in the period"),
    Stage.REACHED: (
        "Reached",
        "referrals whose person was reached by a link worker, or came to a session",
    ),
    Stage.SESSION: ("Session", "referrals with at least one session that took place"),
    Stage.PRESCRIBED: ("Prescribed", "referrals for which at least one place was asked for, but in error"),
    Stage.ACCEPTED: ("Accepted", "referrals with at least one place accepted, or attended"),
    Stage.ATTENDED: ("Attended", "referrals whose person went to a prescribed activity at least once"),
}
FUNNEL: Mapping[Stage, Measure] = {
    stage: Measure(f"funnel.{stage}", 1, label, counts, OUT_OF) for stage, (label, counts) in _COUNTS.items()
}
SILENCE = Measure(
    "funnel.silence",
    1,
    "No answer at all",
    "referrals with a place asked for, none accepted, and not one answer of any kind",
    "referrals with a place asked for and none accepted",
)
REQUESTS = Measure(
    "requests.answers",
    1,
    "What became of requests",
    "requests for a place by their latest answer; overdue when the day to answer by passed in silence",
    "requests for a place asked for referrals made in the period, but those entered in error",
)

LOST: Mapping[Stage, str] = {
    Stage.REACHED: "not reached",
    Stage.SESSION: "without a session",
    Stage.PRESCRIBED: "without a request",
    Stage.ACCEPTED: "without a place",
    Stage.ATTENDED: "did not go",
}
GROUPS: Mapping[Group, str] = {
    Group.SOCIAL_CONNECTION: "Company and connection",
    Group.WELLBEING: "Mood, stress and confidence",
    Group.MONEY_AND_ESSENTIALS: "Money and essentials",
    Group.HOUSING: "Housing",
    Group.WORK_AND_LEARNING: "Work and learning",
    Group.FAMILY_AND_CARING: "Family and caring",
    Group.HEALTHY_LIVING: "Healthy living",
    Group.INTERESTS: "Arts, nature and interests",
    Group.ACCESS: "Getting online, getting about, English and forms",
    Group.OTHER: "Something else",
    Group.WITHHELD: "Not shown",
}
ANSWERS: Mapping[AnswerKind, str] = {
    AnswerKind.ACCEPTED: "Accepted",
    AnswerKind.WAITLISTED: "On waiting list",
    AnswerKind.DECLINED: "Declined",
    AnswerKind.ASKED_PERSON: "Waiting for person",
    AnswerKind.OVERDUE: "No answer yet",
    AnswerKind.WAITING: "Sent or seen, in time",
    AnswerKind.WITHDRAWN: "Taken back without an answer",
}
