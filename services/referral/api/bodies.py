"""What programs send to make a referral, checked for shape here and for sense in the domain."""

from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.referral.domain import nhs_number
from services.referral.domain.agreement import Agreement, Basis
from services.referral.domain.intake import Request
from services.referral.domain.person import Channel, ContactRules, MayKnow, NotifyBy, PersonDetails, tidy_postcode
from services.referral.domain.reasons import Reason
from services.referral.domain.referral import Decline, Referral, Route, Status, Urgency
from shared.runtime.clock import LONDON

# One line has no line breaks, so that nothing typed here can become a header of a message there.
Line = Annotated[str, BeforeValidator(lambda text: " ".join(text.split()) if isinstance(text, str) else text)]
Words = Annotated[str, StringConstraints(strip_whitespace=True)]


class Body(BaseModel):
    """A body with a field we do not know is refused: a misspelt safety rule must not be lost in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PersonIn(Body):
    given_name: Line
    family_name: Line
    known_as: Line = ""
    born_on: date
    nhs_number: str | None = None
    postcode: Line = ""
    address_lines: list[Line] = Field(default_factory=list, max_length=6)
    no_fixed_address: bool = False
    phone: Line = ""
    email: Line = ""


class ContactIn(Body):
    """How the person may be reached; what nobody says is safe is not."""

    channels: list[Channel] = Field(default_factory=list)
    notify_by: NotifyBy = NotifyBy.NONE
    unsafe: bool = False
    voicemail_safe: bool = False
    safe_times: Words = ""
    do_not: Words = ""
    through: Line = ""


class AgreementIn(Body):
    basis: Basis
    by: Line = ""
    reason: Words = ""


class SelfReferralIn(Body):
    """What a person says about themself."""

    person: PersonIn
    practice: str | None = None
    reasons: list[Reason]
    other_reason: Words = ""
    what_matters: Words = ""
    adjustments: Words = ""
    language: Line = ""
    interpreter: Line = ""
    contact: ContactIn = ContactIn()
    may_know: list[MayKnow] = Field(default_factory=list)

    def details(self) -> PersonDetails:
        said, number = self.person, nhs_number.tidy(self.person.nhs_number or "")
        return PersonDetails(
            given_name=said.given_name,
            family_name=said.family_name,
            known_as=said.known_as,
            born_on=said.born_on,
            nhs_number=number or None,
            address_lines=tuple(line for line in said.address_lines if line),
            no_fixed_address=said.no_fixed_address,
            postcode=tidy_postcode(said.postcode) or said.postcode,
            phone=said.phone,
            email=said.email,
            contact=ContactRules(**{**self.contact.model_dump(), "channels": frozenset(self.contact.channels)}),
            language=self.language,
            interpreter=self.interpreter,
            adjustments=self.adjustments,
            may_know=frozenset(self.may_know),
        )

    def request(self) -> Request:
        """The person agrees by asking."""
        return Request(
            route=Route.SELF,
            person=self.details(),
            practice=self.practice,
            reasons=tuple(self.reasons),
            other_reason=self.other_reason,
            what_matters=self.what_matters,
            agreement=Agreement(Basis.PERSON),
        )


class ReferralIn(SelfReferralIn):
    """What a practice says about a person. `practice` may be left out by those who work for one alone."""

    urgency: Urgency = Urgency.ROUTINE
    agreement: AgreementIn | None = None
    different_person: bool = False
    safety_note: Words | None = None

    def asked(self, today: date) -> Request:
        """The request of a practice. A safety note, even an empty one, says it was asked."""
        asked_on = None if self.safety_note is None else today
        return Request(
            route=Route.PRACTICE,
            person=replace(self.details(), safety_note=self.safety_note or "", safety_asked_on=asked_on),
            practice=self.practice,
            reasons=tuple(self.reasons),
            urgency=self.urgency,
            other_reason=self.other_reason,
            what_matters=self.what_matters,
            agreement=Agreement(**self.agreement.model_dump()) if self.agreement else None,
            different_person=self.different_person,
        )


class ReferralOut(BaseModel):
    """A referral as far as every caller who may see it may: no word about the person."""

    id: UUID
    reference: str
    version: int
    status: Status
    urgency: Urgency
    route: Route
    pcn: str | None
    practice: str | None
    made_on: date
    owed_by: str | None
    next: str
    link_worker: str | None = None

    @classmethod
    def of(cls, referral: Referral, link_worker_name: str = "") -> "ReferralOut":
        return cls(
            id=referral.id,
            reference=referral.reference,
            version=referral.version,
            status=referral.status,
            urgency=referral.urgency,
            route=referral.route,
            pcn=referral.pcn,
            practice=referral.practice,
            made_on=referral.made_at.astimezone(LONDON).date(),
            owed_by=referral.owed_by,
            next=referral.next,
            link_worker=link_worker_name or None,
        )


class SelfReferralOut(BaseModel):
    """The one answer to everybody who refers themself, known or not."""

    message: str = "We have your referral. Someone from the team will contact you in the way you chose."


class AllocationIn(Body):
    """Name a link worker by subject, or ask for the one with the least weighted load."""

    link_worker: str | None = None
    least_loaded: bool = False
    version: int | None = None


class DeclineIn(Body):
    """Why the team cannot take the referral; `words` stay with the referral."""

    reason: Decline
    words: Words = ""
    version: int | None = None


class QueueRowOut(BaseModel):
    """One referral that waits, for the team lead who decides; only their own API ever names the person."""

    referral: ReferralOut
    name: str
    reasons: list[str]
    practice_name: str | None


class QueueOut(BaseModel):
    rows: list[QueueRowOut]
    total: int
    next: str | None
