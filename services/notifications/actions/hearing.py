"""Keeping what is heard of people, referrals, requests and activities, so that messages can be made ready."""

from datetime import datetime
from uuid import UUID

from services.notifications.domain.contact import Contact
from services.notifications.domain.preparing import About, Activity, Referral, Request
from services.notifications.domain.telling import who_is_told
from services.notifications.store import heard, messages
from shared.runtime.store import Tx


async def hear_contact(tx: Tx, contact: Contact) -> None:
    """Keep how somebody is reached; messages that waited for it can go."""
    await heard.keep_contact(tx, contact)
    await messages.wake(tx, contact.contact_id)
    await messages.reconsider_letters(tx, contact.contact_id)


async def erase_contact(tx: Tx, contact_id: UUID) -> None:
    """Forget how somebody is reached; what still waited for them will be withheld."""
    await heard.erase_contact(tx, contact_id)
    await messages.wake(tx, contact_id)
    await messages.reconsider_letters(tx, contact_id)


async def hear_referral(tx: Tx, referral: Referral) -> None:
    """Keep whom a referral is about; messages that waited for it can go."""
    await heard.keep_referral(tx, referral)
    await messages.wake(tx, referral.referral_id)


async def hear_request(tx: Tx, request: Request) -> None:
    """Keep a request for a place; messages that waited for it can go."""
    await heard.keep_request(tx, request)
    await messages.wake(tx, request.request_id)


async def hear_activity(tx: Tx, activity: Activity) -> None:
    """Keep an activity; messages that waited for it can go."""
    await heard.keep_activity(tx, activity)
    await messages.wake(tx, activity.activity_id)


async def tell(tx: Tx, event_id: UUID, about: About, *, pcn: str | None, at: datetime, attended: bool = True) -> None:
    """Write down a message for everyone who is told of this; `about`'s own audience is not looked at."""
    for audience in who_is_told(about.occasion, attended=attended):
        mine = About(about.occasion, audience, about.referral_id, about.request_id, about.activity_id)
        await messages.add(tx, event_id, mine, pcn=pcn, at=at)


async def hear_organisation(tx: Tx, code: str, name: str) -> None:
    """Keep the name of a practice or network, for the sender of letters."""
    await heard.keep_organisation(tx, code, name)
