"""How occasions, audiences and reasons read on a screen."""

from collections.abc import Mapping

from services.notifications.domain.contact import Withheld
from services.notifications.domain.delivery import Failure, Waiting
from services.notifications.domain.telling import Audience, Occasion

OCCASIONS: Mapping[Occasion, str] = {
    Occasion.REFERRAL_CREATED: "Referral received",
    Occasion.REFERRAL_DECLINED: "Referral not accepted",
    Occasion.REFERRAL_ALLOCATED: "Link worker named",
    Occasion.ACTIVITY_PRESCRIBED: "New request for a place",
    Occasion.PLACE_ACCEPTED: "Place accepted",
    Occasion.PLACE_WAITLISTED: "On a waiting list",
    Occasion.PLACE_DECLINED: "Request declined",
    Occasion.PERSON_ACTION_NEEDED: "Question for the person",
    Occasion.REPLY_OVERDUE: "Answer overdue",
    Occasion.ATTENDANCE_RECORDED: "First attendance",
}
AUDIENCES: Mapping[Audience, str] = {
    Audience.PERSON: "To the person",
    Audience.REFERRER: "To the referrer",
    Audience.LINK_WORKER: "To the link worker",
    Audience.PROVIDER: "To the provider",
}
REASONS: Mapping[str, str] = {
    Withheld.UNSAFE: "It is not safe to contact them.",
    Withheld.ASKED_FOR_NONE: "They asked for no messages.",
    Withheld.NO_USABLE_WAY: "There is no email or postal address to use.",
    Withheld.ERASED: "Their contact details have been erased.",
    Failure.REFUSED: "The mail server refused it.",
    Failure.TRIES_USED_UP: "The mail server did not take it in a day and a half.",
    Failure.NOT_KNOWN: "Sending was interrupted. It may have arrived.",
}
WAITING: Mapping[Waiting, str] = {
    Waiting.REFERRAL: "Waiting to hear of the referral.",
    Waiting.REQUEST: "Waiting to hear of the request.",
    Waiting.LISTING: "Waiting to hear of the activity.",
    Waiting.CONTACT: "Waiting for contact details.",
    Waiting.RETRY: "The mail server did not answer. We will try again.",
}
