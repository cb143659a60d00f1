"""What the referral service says about a person's referral, from open to closed."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events.envelope import ContactRef, Fact, Moment
from shared.events.vocabulary import (
    AgreementBasis,
    ClosureReason,
    ContactMode,
    ContactOutcome,
    ReasonGroup,
    ReferralDeclineReason,
    Route,
    UnmetCause,
    Urgency,
    WithdrawalReason,
)


class ReferralCreated(Fact):
    """A referral was made; `practice` and the envelope's `pcn` are absent where the person has none we know."""

    name: ClassVar[str] = "referral-created"
    reference: str
    route: Route
    reason_group: ReasonGroup
    urgency: Urgency
    practice: str | None = None
    person: ContactRef
    referrer: ContactRef | None = None


class SelfReferralReceived(Fact):
    """Somebody referred themself. It has an id of its own and is said of everybody, supported already or not: what the
    person is sent for it cannot tell the two apart."""

    name: ClassVar[str] = "self-referral-received"
    person: ContactRef


class ConsentGiven(Fact):
    """Somebody agreed to the referral, and on what basis."""

    name: ClassVar[str] = "consent-given"
    basis: AgreementBasis


class ReferralAccepted(Fact):
    """A team took the referral on."""

    name: ClassVar[str] = "referral-accepted"
    reference: str


class ReferralDeclined(Fact):
    """A team could not take the referral."""

    name: ClassVar[str] = "referral-declined"
    reference: str
    reason: ReferralDeclineReason
    person: ContactRef
    referrer: ContactRef | None = None


class ReferralAllocated(Fact):
    """A link worker was given the case; `link_worker` is their subject, never their name.

    `referrer_may_follow`: the person agreed that whoever referred them learns how the support goes.
    """

    name: ClassVar[str] = "referral-allocated"
    reference: str
    link_worker: str
    link_worker_contact: ContactRef
    person: ContactRef
    referrer: ContactRef | None = None
    referrer_may_follow: bool = False


class ContactAttempted(Fact):
    """The link worker tried to reach the person; `attempt` counts from 1."""

    name: ClassVar[str] = "contact-attempted"
    attempt: int = Field(ge=1)
    mode: ContactMode
    outcome: ContactOutcome


class SessionBooked(Fact):
    """A next session was agreed with the person."""

    name: ClassVar[str] = "session-booked"
    session_id: UUID
    starts_at: Moment
    mode: ContactMode


class SessionCompleted(Fact):
    """A session took place; `number` counts those that did, 1 to 12."""

    name: ClassVar[str] = "session-completed"
    session_id: UUID
    number: int = Field(ge=1, le=12)
    held_on: date
    mode: ContactMode


class SessionMissed(Fact):
    """The person did not come to a session."""

    name: ClassVar[str] = "session-missed"
    session_id: UUID
    held_on: date


class SessionCancelled(Fact):
    """A session was called off."""

    name: ClassVar[str] = "session-cancelled"
    session_id: UUID
    held_on: date


class PlanAgreed(Fact):
    """The person agreed their plan; the words of it stay in referral's store."""

    name: ClassVar[str] = "plan-agreed"
    plan_version: int = Field(ge=1)
    goals: int = Field(ge=0)


class OutcomeRecorded(Fact):
    """A measure was taken or skipped; the answers stay in referral's store."""

    name: ClassVar[str] = "outcome-recorded"
    measure: str
    stage: str
    skipped: bool = False


class ActivityPrescribed(Fact):
    """A place was asked for. `request_reference` is all a provider ever knows the request by."""

    name: ClassVar[str] = "activity-prescribed"
    prescription_id: UUID
    request_reference: str
    activity_id: UUID
    provider_id: str
    reason_group: ReasonGroup
    urgency: Urgency
    answer_by: Moment
    meets_rules: bool | None = None


class ActivitySignposted(Fact):
    """The person was told of an activity; nobody was asked for anything."""

    name: ClassVar[str] = "activity-signposted"
    activity_id: UUID
    provider_id: str
    reason_group: ReasonGroup


class PrescriptionWithdrawn(Fact):
    """A request for a place was taken back."""

    name: ClassVar[str] = "prescription-withdrawn"
    prescription_id: UUID
    reason: WithdrawalReason


class NeedUnmet(Fact):
    """The community had nothing that fits."""

    name: ClassVar[str] = "need-unmet"
    reason_group: ReasonGroup
    cause: UnmetCause


class ReferralClosed(Fact):
    """The case ended."""

    name: ClassVar[str] = "referral-closed"
    reference: str
    reason: ClosureReason
    sessions_held: int = Field(ge=0)
