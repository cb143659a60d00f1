"""Why people are referred: Kith's own list, the one that "reason" means everywhere."""

from enum import StrEnum


class ReasonGroup(StrEnum):
    """The coarse group of a reason: all that leaves this service. Sensitive reasons share `withheld`."""

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


class Reason(StrEnum):
    """A reason's code with its label for people and its group."""

    label: str
    group: ReasonGroup

    def __new__(cls, code: str, label: str, group: ReasonGroup) -> "Reason":
        reason = str.__new__(cls, code)
        reason._value_, reason.label, reason.group = code, label, group
        return reason

    LONELINESS = "loneliness", "Feeling lonely", ReasonGroup.SOCIAL_CONNECTION
    ISOLATION = "isolation", "Seeing few people", ReasonGroup.SOCIAL_CONNECTION
    NEW_TO_AREA = "new-to-area", "New to the area", ReasonGroup.SOCIAL_CONNECTION
    LOW_MOOD = "low-mood", "Feeling low", ReasonGroup.WELLBEING
    ANXIETY = "anxiety", "Feeling anxious", ReasonGroup.WELLBEING
    STRESS = "stress", "Stress", ReasonGroup.WELLBEING
    CONFIDENCE = "confidence", "Confidence", ReasonGroup.WELLBEING
    DEBT = "debt", "Money or debt", ReasonGroup.MONEY_AND_ESSENTIALS
    BENEFITS = "benefits", "Benefits", ReasonGroup.MONEY_AND_ESSENTIALS
    FOOD = "food", "Getting enough food", ReasonGroup.MONEY_AND_ESSENTIALS
    FUEL = "fuel", "Heating and power", ReasonGroup.MONEY_AND_ESSENTIALS
    HOUSING = "housing", "Housing", ReasonGroup.HOUSING
    HOME_CONDITIONS = "home-conditions", "State of the home", ReasonGroup.HOUSING
    EMPLOYMENT = "employment", "Work", ReasonGroup.WORK_AND_LEARNING
    LEARNING = "learning", "Learning", ReasonGroup.WORK_AND_LEARNING
    VOLUNTEERING = "volunteering", "Volunteering", ReasonGroup.WORK_AND_LEARNING
    CARING = "caring", "Caring for someone", ReasonGroup.FAMILY_AND_CARING
    PARENTING = "parenting", "Parenting", ReasonGroup.FAMILY_AND_CARING
    FAMILY = "family", "Family or relationship", ReasonGroup.FAMILY_AND_CARING
    PHYSICAL_ACTIVITY = "physical-activity", "Getting active", ReasonGroup.HEALTHY_LIVING
    HEALTHY_EATING = "healthy-eating", "Eating well", ReasonGroup.HEALTHY_LIVING
    SLEEP = "sleep", "Sleep", ReasonGroup.HEALTHY_LIVING
    FALLS = "falls", "Falls", ReasonGroup.HEALTHY_LIVING
    ARTS = "arts", "Arts and music", ReasonGroup.INTERESTS
    NATURE = "nature", "Nature and gardening", ReasonGroup.INTERESTS
    INTERESTS = "interests", "Hobbies and interests", ReasonGroup.INTERESTS
    DIGITAL = "digital", "Getting online", ReasonGroup.ACCESS
    TRANSPORT = "transport", "Getting about", ReasonGroup.ACCESS
    LANGUAGE = "language", "English or interpreting", ReasonGroup.ACCESS
    FORMS = "forms", "Forms and letters", ReasonGroup.ACCESS
    LONG_TERM_CONDITION = "long-term-condition", "A long-term condition", ReasonGroup.WITHHELD
    DEMENTIA = "dementia", "Memory or dementia", ReasonGroup.WITHHELD
    DISABILITY = "disability", "A disability", ReasonGroup.WITHHELD
    BEREAVEMENT = "bereavement", "Bereavement", ReasonGroup.WITHHELD
    ALCOHOL_OR_DRUGS = "alcohol-or-drugs", "Alcohol or drugs", ReasonGroup.WITHHELD
    GAMBLING = "gambling", "Gambling", ReasonGroup.WITHHELD
    DOMESTIC_ABUSE = "domestic-abuse", "Feeling unsafe at home", ReasonGroup.WITHHELD
    HOMELESSNESS = "homelessness", "Nowhere to live", ReasonGroup.WITHHELD
    IMMIGRATION = "immigration", "Immigration", ReasonGroup.WITHHELD
    OFFENDING = "offending", "Offending", ReasonGroup.WITHHELD
    SEXUALITY_OR_GENDER = "sexuality-or-gender", "Sexuality or gender", ReasonGroup.WITHHELD
    OTHER = "other", "Something else", ReasonGroup.OTHER


_BY_CODE = {str(reason): reason for reason in Reason}


def reason_of(code: str) -> Reason:
    """The reason of a code; KeyError for a code that is not on the list."""
    return _BY_CODE[code]
