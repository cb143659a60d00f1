"""Which status each refusal of a case's rules answers with; the words are the rule's own."""

from collections.abc import Mapping

from services.referral.domain.closing import RequestsOpen, WordsNeeded
from services.referral.domain.contacts import ContactError
from services.referral.domain.outcomes import BaselineAlreadyRecorded, OutcomeError
from services.referral.domain.plan import PlanError
from services.referral.domain.prescriptions import (
    ActivityWithdrawn,
    AlreadyAsked,
    AlreadySettled,
    PrescriptionError,
)
from services.referral.domain.sessions import (
    NoSuchSession,
    SessionAlreadyBooked,
    SessionAlreadyRecorded,
    SessionError,
    SessionLimitReached,
)
from services.referral.store.requests import ActivityNotKnown, PrescriptionNotFound

# The first that fits decides, so that what is particular stands before what is general.
CASE_ERRORS: Mapping[type[Exception], int] = {
    NoSuchSession: 404,
    SessionLimitReached: 409,
    SessionAlreadyBooked: 409,
    SessionAlreadyRecorded: 409,
    BaselineAlreadyRecorded: 409,
    AlreadyAsked: 409,
    AlreadySettled: 409,
    ActivityWithdrawn: 409,
    ActivityNotKnown: 404,
    PrescriptionNotFound: 404,
    RequestsOpen: 409,
    WordsNeeded: 422,
    ContactError: 422,
    SessionError: 422,
    PlanError: 422,
    OutcomeError: 422,
    PrescriptionError: 422,
}
