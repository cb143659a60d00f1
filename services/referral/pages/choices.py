"""The choices that forms offer, in the words people read."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.referral.domain.agreement import Basis
from services.referral.domain.person import Channel, MayKnow
from services.referral.domain.reasons import Reason, ReasonGroup
from services.referral.domain.referral import Decline, Urgency


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose, as the macros of forms take it."""

    value: str
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    heading: str
    choices: Sequence[Choice]


GROUPS = {
    ReasonGroup.SOCIAL_CONNECTION: "Company",
    ReasonGroup.WELLBEING: "How you feel",
    ReasonGroup.MONEY_AND_ESSENTIALS: "Money and essentials",
    ReasonGroup.HOUSING: "Housing",
    ReasonGroup.WORK_AND_LEARNING: "Work and learning",
    ReasonGroup.FAMILY_AND_CARING: "Family and caring",
    ReasonGroup.HEALTHY_LIVING: "Healthy living",
    ReasonGroup.INTERESTS: "Interests",
    ReasonGroup.ACCESS: "Getting about and getting on",
    ReasonGroup.WITHHELD: "Health and life events",
    ReasonGroup.OTHER: "Something else",
}
REASON_GROUPS = tuple(
    ChoiceGroup(heading, tuple(Choice(reason, reason.label) for reason in Reason if reason.group is group))
    for group, heading in GROUPS.items()
)
REASONS = tuple(Choice(reason, reason.label) for reason in Reason)
CHANNELS = (
    Choice(Channel.CALL, "Call"),
    Choice(Channel.TEXT, "Text"),
    Choice(Channel.EMAIL, "Email"),
    Choice(Channel.LETTER, "Letter"),
    Choice(Channel.THROUGH_SOMEONE, "Through someone else"),
)
URGENCIES = (Choice(Urgency.ROUTINE, "Routine"), Choice(Urgency.URGENT, "Urgent", "Shown first to the team lead"))
BASES = (
    Choice(Basis.PERSON, "The person"),
    Choice(Basis.AUTHORITY, "Someone with authority for them", "For example a deputy or an attorney"),
    Choice(Basis.BEST_INTERESTS, "Nobody could: it is a best-interests decision"),
)
MAY_KNOW = (
    Choice(MayKnow.GP_PRACTICE, "Their GP practice"),
    Choice(MayKnow.FAMILY_OR_CARER, "Their family or carer"),
    Choice(MayKnow.GROUPS, "Groups that we ask for a place"),
    Choice(MayKnow.OTHER_PROFESSIONALS, "Other professionals who support them"),
)
YES_NO = (Choice("no", "No"), Choice("yes", "Yes"))
DECLINES = (
    Choice(Decline.OUT_OF_AREA, "They live outside our area"),
    Choice(Decline.NOT_AGREED, "They do not want this support"),
    Choice(Decline.NEEDS_ANOTHER_SERVICE, "They need another service"),
    Choice(Decline.DUPLICATE, "They have been referred already"),
    Choice(Decline.OTHER, "Another reason"),
)
