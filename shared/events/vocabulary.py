"""The words that travel on topics: coarse codes, the same in every service."""

from enum import StrEnum


class ReasonGroup(StrEnum):
    """The group of a referral's main reason; sensitive reasons travel as `withheld`."""

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


class Urgency(StrEnum):
    """How soon the person should be reached."""

    ROUTINE = "routine"
    URGENT = "urgent"


class Route(StrEnum):
    """Who made the referral."""

    PRACTICE = "practice"
    SELF = "self"


class AgreementBasis(StrEnum):
    """On what basis the referral was agreed."""

    PERSON = "person"
    AUTHORITY = "authority"
    BEST_INTERESTS = "best-interests"


class ContactMode(StrEnum):
    """How a contact or a session took place."""

    PHONE = "phone"
    VIDEO = "video"
    TEXT = "text"
    EMAIL = "email"
    LETTER = "letter"
    FACE_TO_FACE = "face-to-face"
    HOME_VISIT = "home-visit"


class ContactOutcome(StrEnum):
    """What came of an attempt to reach the person."""

    REACHED = "reached"
    NO_ANSWER = "no-answer"
    LEFT_MESSAGE = "left-message"
    WRONG_NUMBER = "wrong-number"


class RoomStatus(StrEnum):
    """Whether an activity can take people: the Gravity capacity codes, and `unknown` when nobody has said."""

    CAPACITY = "capacity"
    WAITLIST = "waitlist"
    NO_CAPACITY = "no-capacity"
    ASSESSMENT_REQUIRED = "additional-assessment-required"
    UNKNOWN = "unknown"


class ListingStatus(StrEnum):
    """The state of a listing, in Open Referral UK's words."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DEFUNCT = "defunct"
    TEMPORARILY_CLOSED = "temporarily closed"


class DeclineReason(StrEnum):
    """Why a provider cannot take somebody."""

    NO_CAPACITY = "no_capacity"
    WAITLIST_CLOSED = "waitlist_closed"
    NOT_ELIGIBLE_AGE = "not_eligible_age"
    NOT_ELIGIBLE_AREA = "not_eligible_area"
    NOT_ELIGIBLE_OTHER = "not_eligible_other"
    MISSING_INFORMATION = "missing_information"
    LACK_OF_RESOURCES = "lack_of_resources"
    SERVICE_ENDED = "service_ended"
    RISK_TOO_HIGH = "risk_too_high"
    DUPLICATE = "duplicate"
    OTHER = "other"


class PlaceOutcome(StrEnum):
    """How a person's time with an activity ended."""

    COMPLETED = "completed"
    NOT_HELPED = "not_helped"
    COULD_NOT_CONTACT = "could_not_contact"


class WithdrawalReason(StrEnum):
    """Why a prescription was taken back."""

    DECLINED_BY_PERSON = "declined_by_person"
    ENTERED_IN_ERROR = "entered_in_error"
    CASE_CLOSED = "case_closed"


class UnmetCause(StrEnum):
    """Why a need could not be met by what the community offers."""

    NO_SUITABLE_SERVICE = "no_suitable_service"
    NO_CAPACITY = "no_capacity"
    NOT_ELIGIBLE = "not_eligible"
    COULD_NOT_GET_THERE = "person_could_not_get_there"


class ClosureReason(StrEnum):
    """Why a referral was closed."""

    GOALS_REACHED = "goals-reached"
    PERSON_ENDED = "person-ended"
    COULD_NOT_REACH = "could-not-reach"
    MOVED_AWAY = "moved-away"
    DIED = "died"
    REFERRED_ELSEWHERE = "referred-elsewhere"
    OTHER = "other"


class ReferralDeclineReason(StrEnum):
    """Why a team could not take a referral."""

    OUT_OF_AREA = "out-of-area"
    NOT_AGREED = "not-agreed"
    NEEDS_ANOTHER_SERVICE = "needs-another-service"
    DUPLICATE = "duplicate"
    OTHER = "other"


class Audience(StrEnum):
    """Whom a message is for."""

    PERSON = "person"
    REFERRER = "referrer"
    LINK_WORKER = "link-worker"
    PROVIDER = "provider"


class Channel(StrEnum):
    """By what a message goes."""

    EMAIL = "email"
    LETTER = "letter"
    NONE = "none"


class WithheldReason(StrEnum):
    """Why a message was not sent on purpose."""

    UNSAFE = "unsafe"
    NO_CHANNEL = "no-channel"
    NO_ADDRESS = "no-address"
    ERASED = "erased"


class FailureReason(StrEnum):
    """Why a message did not go, or why nobody can say whether it did."""

    REFUSED = "refused"
    NOT_KNOWN_WHETHER_SENT = "not-known-whether-sent"


class OrganisationKind(StrEnum):
    """What an organisation on `network-events` is."""

    PRACTICE = "practice"
    PCN = "pcn"
