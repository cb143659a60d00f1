"""Kith's reasons for referral as a directory uses them: what a group helps with, and the words a provider is shown."""

from dataclasses import dataclass
from enum import StrEnum


class NeedGroup(StrEnum):
    """What a provider may know of why someone is sent. `withheld` stands for reasons sensitive in themselves."""

    SOCIAL_CONNECTION = "social-connection"
    WELLBEING = "wellbeing"
    MONEY_AND_ESSENTIALS = "money-and-essentials"
    HOUSING = "housing"
    WORK_AND_LEARNING = "work-and-learning"
    FAMILY_AND_CARING = "family-and-caring"
    HEALTHY_LIVING = "healthy-living"
    INTERESTS = "interests"
    ACCESS = "access"
    WITHHELD = "withheld"
    OTHER = "other"


GROUP_WORDS = {
    NeedGroup.SOCIAL_CONNECTION: "Company and connection",
    NeedGroup.WELLBEING: "Mood, stress and confidence",
    NeedGroup.MONEY_AND_ESSENTIALS: "Money and essentials",
    NeedGroup.HOUSING: "Housing",
    NeedGroup.WORK_AND_LEARNING: "Work and learning",
    NeedGroup.FAMILY_AND_CARING: "Family and caring",
    NeedGroup.HEALTHY_LIVING: "Healthy living",
    NeedGroup.INTERESTS: "Arts, nature and interests",
    NeedGroup.ACCESS: "Getting online, getting about, English and forms",
    NeedGroup.WITHHELD: "Not shown",
    NeedGroup.OTHER: "Something else",
}


@dataclass(frozen=True, slots=True)
class Need:
    """One thing a group can help with, and the group that stands for it where the need itself may not be told."""

    code: str
    label: str
    group: NeedGroup


def _of(group: NeedGroup, **labels: str) -> list[Need]:
    return [Need(code.replace("_", "-"), label, group) for code, label in labels.items()]


NEEDS: tuple[Need, ...] = (
    *_of(
        NeedGroup.SOCIAL_CONNECTION,
        loneliness="Feeling lonely",
        isolation="Seeing few people",
        new_to_area="New to the area",
    ),
    *_of(
        NeedGroup.WELLBEING, low_mood="Feeling low", anxiety="Feeling anxious", stress="Stress", confidence="Confidence"
    ),
    *_of(
        NeedGroup.MONEY_AND_ESSENTIALS,
        debt="Money or debt",
        benefits="Benefits",
        food="Getting enough food",
        fuel="Heating and power",
    ),
    *_of(NeedGroup.HOUSING, housing="Housing", home_conditions="State of the home"),
    *_of(NeedGroup.WORK_AND_LEARNING, employment="Work", learning="Learning", volunteering="Volunteering"),
    *_of(
        NeedGroup.FAMILY_AND_CARING, caring="Caring for someone", parenting="Parenting", family="Family or relationship"
    ),
    *_of(
        NeedGroup.HEALTHY_LIVING,
        physical_activity="Getting active",
        healthy_eating="Eating well",
        sleep="Sleep",
        falls="Falls",
    ),
    *_of(NeedGroup.INTERESTS, arts="Arts and music", nature="Nature and gardening", interests="Hobbies and interests"),
    *_of(
        NeedGroup.ACCESS,
        digital="Getting online",
        transport="Getting about",
        language="English or interpreting",
        forms="Forms and letters",
    ),
    *_of(
        NeedGroup.WITHHELD,
        long_term_condition="A long-term condition",
        dementia="Dementia",
        disability="Disability",
        bereavement="Bereavement",
        alcohol_or_drugs="Alcohol or drugs",
        gambling="Gambling",
        domestic_abuse="Domestic abuse",
        homelessness="Homelessness",
        immigration="Immigration",
        offending="Offending",
        sexuality_or_gender="Sexuality or gender",
    ),
    *_of(NeedGroup.OTHER, other="Something else"),
)
NEED_BY_CODE = {need.code: need for need in NEEDS}
