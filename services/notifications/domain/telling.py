"""Who is told what when something happens to a referral."""

from collections.abc import Mapping
from enum import StrEnum


class Audience(StrEnum):
    """Whom a message is for."""

    PERSON = "person"
    REFERRER = "referrer"
    LINK_WORKER = "link-worker"
    PROVIDER = "provider"


class Occasion(StrEnum):
    """What happened, by the name of its event."""

    REFERRAL_CREATED = "referral-created"
    REFERRAL_DECLINED = "referral-declined"
    REFERRAL_ALLOCATED = "referral-allocated"
    ACTIVITY_PRESCRIBED = "activity-prescribed"
    PLACE_ACCEPTED = "place-accepted"
    PLACE_WAITLISTED = "place-waitlisted"
    PLACE_DECLINED = "place-declined"
    PERSON_ACTION_NEEDED = "person-action-needed"
    REPLY_OVERDUE = "reply-overdue"
    ATTENDANCE_RECORDED = "attendance-recorded"


WHO_IS_TOLD: Mapping[Occasion, tuple[Audience, ...]] = {
    Occasion.REFERRAL_CREATED: (Audience.PERSON, Audience.REFERRER),
    Occasion.REFERRAL_DECLINED: (Audience.PERSON, Audience.REFERRER),
    Occasion.REFERRAL_ALLOCATED: (Audience.PERSON, Audience.REFERRER, Audience.LINK_WORKER),
    Occasion.ACTIVITY_PRESCRIBED: (Audience.PROVIDER,),
    Occasion.PLACE_ACCEPTED: (Audience.PERSON, Audience.REFERRER, Audience.LINK_WORKER),
    Occasion.PLACE_WAITLISTED: (Audience.PERSON, Audience.LINK_WORKER),
    Occasion.PLACE_DECLINED: (Audience.LINK_WORKER,),
    Occasion.PERSON_ACTION_NEEDED: (Audience.LINK_WORKER,),
    Occasion.REPLY_OVERDUE: (Audience.LINK_WORKER, Audience.PROVIDER),
    Occasion.ATTENDANCE_RECORDED: (Audience.REFERRER,),
}


def who_is_told(occasion: Occasion, *, attended: bool = True) -> tuple[Audience, ...]:
    """Everyone who gets a message about this; nobody is told of a day on which the person did not come."""
    return WHO_IS_TOLD[occasion] if attended else ()
