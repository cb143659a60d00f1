"""Walking as the provider who answers, and as those who watch: analyst, operator, whoever prints letters."""

from shared.runtime.clock import LONDON, now
from tests.system.browser.story import Story
from tests.system.browser.visitor import Visitor

SERVICES = ("referral", "directory", "notifications", "reporting")


async def answer(visitor: Visitor, story: Story) -> None:
    """The provider sees the request without a name, accepts, and says that the person came."""
    await visitor.until("/directory/desk", f"Request {story.request}")
    await visitor.press(f"Request {story.request}")
    text = await visitor.page.content()
    hidden = [word for word in (*story.person.words, story.reference) if word in text]
    assert hidden == [], "the provider does not learn who it is"
    await visitor.press("I have seen this")
    await visitor.sees(f"you have seen {story.request}", "Seen")
    await visitor.choose("Your answer: Accept")
    await visitor.write_day("date", now().astimezone(LONDON).date())
    await visitor.press("Send answer")
    await visitor.sees(f"You accepted {story.request}")
    await visitor.press(f"Record attendance for {story.request}")
    await visitor.choose("Did the person come?: Yes")
    await visitor.press("Save attendance")
    await visitor.sees(f"Saved for {story.request}: the person came", "Attending")


async def state_room(visitor: Visitor) -> None:
    """One tap, for the first activity of the list."""
    await visitor.open("/directory/desk/room")
    await visitor.page.get_by_label("Places (optional, with Room now)").first.fill("3")
    await visitor.press("Room now")
    await visitor.sees("Link workers see this now.", "Room for 3")


async def read_the_funnel(visitor: Visitor) -> None:
    """All of it, then one reason."""
    await visitor.until("/reporting/funnel", "How far referrals got")
    await visitor.pick("Reason", "social-connection")
    await visitor.press("Apply filters")
    await visitor.sees("How far referrals got", "Clear filters")


async def watch(visitor: Visitor) -> None:
    """The operator sees that nothing is to mend."""
    for service in SERVICES:
        await visitor.until(f"/{service}/operate", "nothing to mend")
        await visitor.sees("Nothing is put aside.")


async def read_the_mail(visitor: Visitor, story: Story) -> None:
    """What the person was sent."""
    await visitor.until("/notifications/mailbox", story.person.email)
    await visitor.press("message", within=visitor.row(story.person.email))
    await visitor.sees(story.person.email, story.person.given)


async def post_a_letter(visitor: Visitor, story: Story) -> None:
    """The letter to who asked for post is printed and posted."""
    await visitor.until("/notifications/letters", story.person.family)
    await visitor.press("Open letter", within=visitor.row(story.person.family))
    await visitor.sees("3 Customs Street", "End of letter")
    await visitor.press("Mark as posted")
    await visitor.sees("is marked as posted.")
