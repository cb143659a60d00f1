"""The one vocabulary of states: each with one label and one colour, the same on every screen and in every report.

Blue is new, white under way, yellow with the other side, purple with the person or referrer, orange past a limit or in
doubt, red overdue or failed, aqua-green agreed, green help happening, pink ended without help, grey closed without
judgement.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class State:
    """How a state is shown: at most 20 letters, and a colour of the NHS tag."""

    label: str
    colour: str


class UnknownState(KeyError):
    """A page asked for a state that is not in the vocabulary."""


STATES: Mapping[str, Mapping[str, State]] = {
    "referral": {
        "received": State("New", "blue"),
        "information_needed": State("Needs information", "purple"),
        "accepted": State("To be allocated", "yellow"),
        "allocated": State("Allocated", "aqua-green"),
        "active": State("Active", "white"),
        "declined": State("Declined", "pink"),
        "closed": State("Closed", "grey"),
        "merged": State("Merged", "grey"),
        "voided": State("Entered in error", "grey"),
    },
    "session": {
        "booked": State("Booked", "aqua-green"),
        "not_recorded": State("Not recorded", "orange"),
        "completed": State("Completed", "green"),
        "missed": State("Missed", "pink"),
        "cancelled": State("Cancelled", "grey"),
    },
    "request": {
        "sent": State("Sent", "yellow"),
        "acknowledged": State("Seen", "yellow"),
        "unanswered": State("No answer yet", "orange"),
        "accepted": State("Accepted", "aqua-green"),
        "waitlisted": State("On waiting list", "yellow"),
        "needs_person_action": State("Waiting for person", "purple"),
        "started": State("Attending", "green"),
        "completed": State("Completed", "green"),
        "not_helped": State("Did not help", "pink"),
        "could_not_contact": State("Not reached", "pink"),
        "declined_by_provider": State("Declined", "pink"),
        "declined_by_person": State("Not wanted", "grey"),
        "redirected": State("Sent elsewhere", "grey"),
        "entered_in_error": State("Entered in error", "grey"),
        "signposted": State("Signposted", "grey"),
        "need_unmet": State("Unmet need", "orange"),
    },
    "room": {
        "capacity": State("Room now", "green"),
        "waitlist": State("Waiting list", "yellow"),
        "no-capacity": State("Full", "pink"),
        "additional-assessment-required": State("Ask first", "purple"),
        "unknown": State("Not known", "white"),
    },
    "listing": {
        "new": State("New", "blue"),
        "doubted": State("To be checked", "orange"),
        "temporarily_closed": State("Closed for now", "purple"),
        "withdrawn": State("Withdrawn", "grey"),
        "inactive": State("Withdrawn", "grey"),
        "defunct": State("Withdrawn", "grey"),
    },
    "message": {
        "queued": State("Queued", "white"),
        "sending": State("Sending", "white"),
        "sent": State("Sent", "yellow"),
        "posted": State("Posted", "yellow"),
        "to_print": State("To print", "blue"),
        "delivered": State("Delivered", "green"),
        "failed": State("Failed", "red"),
        "withheld": State("Withheld", "orange"),
        "unsure": State("Not known if sent", "orange"),
    },
    "mark": {
        "urgent": State("Urgent", "red"),
        "overdue": State("Overdue", "red"),
        "due_today": State("Due today", "orange"),
        "consent_ended": State("Consent ended", "red"),
    },
    "stream": {
        "healthy": State("Healthy", "green"),
        "behind": State("Behind", "orange"),
        "parked": State("Parked", "orange"),
        "stopped": State("Stopped", "red"),
    },
}


def state(thing: str, key: str) -> State:
    """How this state of this thing ("request", "unanswered") is shown."""
    try:
        return STATES[thing][key]
    except KeyError:
        raise UnknownState(f"{thing}: {key}") from None
