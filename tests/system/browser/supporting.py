"""Walking as the team lead who decides and as the link worker who supports."""

import re
from datetime import timedelta

from shared.runtime.clock import LONDON, now
from tests.system.browser.story import Story
from tests.system.browser.visitor import Visitor

REQUEST = re.compile(r"as request ([0-9A-Z]{3}-[0-9A-Z]{3})")
WAITING = "To decide"


async def decide(visitor: Visitor, story: Story) -> None:
    """The team lead accepts and allocates in one step."""
    await visitor.open("/referral/triage")
    await visitor.press(f"Decide, {story.reference}")
    await visitor.sees("Your decision", "A large dog in the hall")
    await visitor.tick("link_worker", story.worker.subject)
    await visitor.press("Save decision")
    await visitor.sees(f"{story.reference} is with {story.worker.name}")
    await visitor.open("/referral/workload")
    await visitor.sees(story.worker.name)


async def support(visitor: Visitor, story: Story) -> None:
    """From what is owed today to a place that is asked for."""
    await visitor.open("/referral/today")
    await visitor.press("Record a", within=visitor.row(story.reference))
    await record_contact(visitor)
    await visitor.press("Record a session")
    await record_session(visitor)
    await visitor.press("Plan", within=visitor.page.get_by_role("navigation", name="Sections of the case"))
    await visitor.press("Write the plan")
    await write_plan(visitor)
    await visitor.press("Well-being")
    await ask_how_they_feel(visitor)
    await visitor.press("Requests")
    await visitor.press("Find a group")
    await ask_for_a_place(visitor, story)
    await visitor.press("History")
    await visitor.press("Overview")
    await visitor.press("Back to today")


async def record_contact(visitor: Visitor) -> None:
    """A call that reached them."""
    await visitor.choose("How did you try to reach them?: Phone", "What came of it?: Reached them")
    await visitor.write("Note (optional)", "Glad of the call")
    await visitor.press("Save contact")
    await visitor.sees("Contact recorded.")


async def record_session(visitor: Visitor) -> None:
    """A session that took place, and the next one in a week."""
    await visitor.choose("What happened?: Happened", "How did you meet?: Face to face")
    await visitor.write("What was said (optional)", "Spoke of the choir she left")
    await visitor.write_day("next_on", (now() + timedelta(days=7)).astimezone(LONDON).date())
    await visitor.write("Time", "2:30pm")
    await visitor.press("Save session")
    await visitor.sees("Session 1 of 12 saved.", "at 2:30pm")


async def write_plan(visitor: Visitor) -> None:
    """A goal in the person's words, with room for another one."""
    await visitor.write("What I am good at (optional)", "Knows every song")
    await visitor.page.locator('[name="goal-1"]').fill("I want to sing with people again")
    await visitor.page.locator('[name="what-1-1"]').fill("Try one evening")
    await visitor.press("Add another goal")
    await visitor.sees("Goal 3")
    await visitor.press("Agree this plan")
    await visitor.sees("Version 1 is saved.", "I want to sing with people again")


async def ask_how_they_feel(visitor: Visitor) -> None:
    """The four questions of the baseline; 0 is an answer."""
    for name, value in (("satisfied", "4"), ("worthwhile", "5"), ("happy", "0"), ("anxious", "10")):
        await visitor.tick(name, value)
    await visitor.press("Save well-being")
    await visitor.sees("Well-being recorded.")


async def ask_for_a_place(visitor: Visitor, story: Story) -> None:
    """Search the directory, see how a group fits, ask it; and tell the person of another."""
    await visitor.write("What are you looking for? (optional)", "singing")
    await visitor.press("Search", within=visitor.page.locator("main"))
    await visitor.sees(f"Choosing for {story.reference}", story.activity)
    await visitor.press(f"Ask for a place: {story.activity}")
    await visitor.choose(f"{story.person.given} agreed to this request")
    await visitor.press("Ask for a place")
    await visitor.sees("has been asked for a place")
    found = REQUEST.search(await visitor.page.locator("main").inner_text())
    assert found
    story.request = found[1]


async def see_it_through(visitor: Visitor, story: Story) -> None:
    """The link worker sees that the person came."""
    await visitor.until(f"{story.case}/requests", "Attending")
    await visitor.press("Plan")
    await visitor.sees("What is arranged", story.activity)
