"""What reporting does with what it hears: count referrals, and note when each came to each stage."""

from services.reporting.domain.news import News
from services.reporting.store import heard
from shared.runtime.store import Tx


async def note(tx: Tx, news: News) -> None:
    """Note all that a batch says, set by set."""
    await heard.take_turn(tx)
    await heard.referrals_made(tx, news.made)
    await heard.referrals_moved(tx, news.moved)
    await heard.persons_reached(tx, news.reached)
    await heard.requests_changed(tx, news.asked)
    await heard.attendances_said(tx, news.came)
    await heard.roll_up(tx, {each.referral_id for each in news.asked})
    await heard.organisations_named(tx, news.named)
