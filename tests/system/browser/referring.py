"""Walking as who refers: a practice over three pages, or the person themself over ten short ones."""

import re

from tests.system.browser.story import Story
from tests.system.browser.visitor import Visitor

REFERENCE = re.compile(r"Reference ([0-9A-Z]{3}-[0-9A-Z]{3})")


async def refer(visitor: Visitor, story: Story) -> None:
    """A practice refers the person, and the story knows their reference."""
    await visitor.open("/referral/mine")
    await visitor.press("Refer a person")
    await say_who(visitor, story)
    await visitor.press("Continue")
    await say_why(visitor, story)
    await visitor.press("Continue")
    await visitor.sees("Check before you send", story.person.spaced, "Feeling lonely")
    await visitor.press("Send referral")
    await visitor.sees("Referral sent", "What happens next")
    found = REFERENCE.search(await visitor.page.locator("main").inner_text())
    assert found
    story.reference = found[1]
    await visitor.press(f"See this referral, {story.reference}")
    await visitor.sees(story.person.family, "Next:")
    await visitor.press("Back to your referrals")
    await visitor.sees(story.reference)


async def say_who(visitor: Visitor, story: Story) -> None:
    """The first page."""
    person = story.person
    await visitor.sees("Who are you referring?")
    for label, text in (
        ("First name", person.given),
        ("Last name", person.family),
        ("NHS number (optional)", person.spaced),
        ("Address line 1 (optional)", "3 Customs Street"),
        ("Town or city (optional)", "Saltmere"),
        ("Postcode (optional)", person.postcode),
        ("Phone number (optional)", person.phone),
        ("Email address (optional)", person.email),
    ):
        await visitor.write(label, text)
    await visitor.write_day("born_on", person.born)


async def say_why(visitor: Visitor, story: Story) -> None:
    """The second page."""
    given = story.person.given
    await visitor.sees(f"Why are you referring {given}?")
    await visitor.choose("Feeling lonely", "Arts and music", "How soon?: Urgent")
    await visitor.pick("Which reason matters most?", "loneliness")
    await visitor.write(f"What matters to {given}, in their words (optional)", "To sing with people again")
    await visitor.choose("How may we reach them?: Call", "How may we reach them?: Email")
    await visitor.write("When is a good time? (optional)", "10am to 2pm")
    await visitor.write("What should we not do? (optional)", "Do not call in the evening")
    await visitor.write("Is there a risk the team must know of? (optional)", "A large dog in the hall")
    await visitor.write("Language they speak most easily (optional)", "Polish")
    await visitor.write("Interpreter (optional)", "Polish, a woman")
    await visitor.write("Reasonable adjustments (optional)", "Large print")
    await visitor.choose("Who agreed to this referral?: The person", "Their GP practice")


async def refer_oneself(visitor: Visitor, story: Story, *, ways: tuple[str, ...] = ("Letter",)) -> None:
    """The person answers every short page and sends; each has the way out at its top."""
    await visitor.open("/referral/self")
    await visitor.press("Start")
    for answer in ("name", "birth", "number"):
        await _leave_is_there(visitor)
        await _ABOUT[answer](visitor, story)
        await visitor.press("Continue")
    await visitor.choose(*(f"Choose every way that is safe and easy for you: {way}" for way in ways))
    await visitor.press("Continue")
    await visitor.choose("Is it safe to leave a voicemail?: No")
    await visitor.write("What should we not do? (optional)", "Do not call at work")
    await visitor.press("Continue")
    await visitor.write("Address line 1 (optional)", "3 Customs Street")
    await visitor.write("Postcode (optional)", story.person.postcode)
    await visitor.press("Continue")
    await visitor.pick("Which GP surgery are you with?", story.practice)
    await visitor.press("Continue")
    await visitor.choose("Feeling lonely", "Arts and music")
    await visitor.write("What matters to you? (optional)", "To sing with people again")
    await visitor.press("Continue")
    await visitor.write("Do you need anything else? (optional)", "Large print")
    await visitor.press("Continue")
    await _leave_is_there(visitor)
    await visitor.sees("Check your answers", story.person.family, story.person.spaced)
    await visitor.press("Send to the team")
    await visitor.sees("We have your referral", "What happens next")
    await _leave_is_there(visitor)


async def _leave_is_there(visitor: Visitor) -> None:
    way_out = visitor.page.get_by_role("link", name="Leave this page quickly")
    box = await way_out.bounding_box()
    assert box
    assert box["y"] + box["height"] < 400, "the way out is on the first screen"


async def _name(visitor: Visitor, story: Story) -> None:
    await visitor.write("First name", story.person.given)
    await visitor.write("Last name", story.person.family)


async def _birth(visitor: Visitor, story: Story) -> None:
    await visitor.write_day("born_on", story.person.born)


async def _number(visitor: Visitor, story: Story) -> None:
    await visitor.write("Do you know your NHS number? (optional)", story.person.spaced)


_ABOUT = {"name": _name, "birth": _birth, "number": _number}
