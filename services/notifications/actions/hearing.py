"""Keeping what is heard of people, referrals, requests and activities, so that messages can be made ready."""

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from services.notifications.domain.contact import Contact
from services.notifications.domain.news import News
from services.notifications.domain.preparing import Activity
from services.notifications.store import heard, messages
from shared.runtime.store import Tx


async def hear_contacts(tx: Tx, said: Sequence[Contact | UUID]) -> None:
    """Keep how people are reached, in this order: an id alone is erased. Messages that waited for it can go, or will be
    withheld."""
    for erased, run in groupby(said, key=lambda one: isinstance(one, UUID)):
        if erased:
            await heard.erase_contacts(tx, [one for one in run if isinstance(one, UUID)])
        else:
            await heard.keep_contacts(tx, [one for one in run if isinstance(one, Contact)])
    ids = {one.contact_id if isinstance(one, Contact) else one for one in said}
    await messages.wake(tx, ids)
    await messages.reconsider_letters(tx, ids)


async def note(tx: Tx, news: News) -> None:
    """Keep whom referrals are about and what was asked for, write down who is to be told; messages that waited for it
    can go."""
    if news.referrals:
        await heard.keep_referrals(tx, news.referrals)
    for request in news.requests:
        await heard.keep_request(tx, request)
    await messages.wake(tx, {one.referral_id for one in news.referrals} | {one.request_id for one in news.requests})
    await messages.add(tx, news.tellings)


async def hear_activity(tx: Tx, activity: Activity) -> None:
    """Keep an activity; messages that waited for it can go."""
    await heard.keep_activity(tx, activity)
    await messages.wake(tx, [activity.activity_id])


async def hear_organisation(tx: Tx, code: str, name: str) -> None:
    """Keep the name of a practice or network, for the sender of letters."""
    await heard.keep_organisation(tx, code, name)
