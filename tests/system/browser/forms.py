"""Every form, sent as nobody should send it: what is typed in it, and which of its fields must say what is wrong."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from tests.system.browser.referring import say_who
from tests.system.browser.story import Story
from tests.system.browser.visitor import Visitor
from tests.system.browser.world import World

Way = Callable[[Visitor, World], Awaitable[None]]
CASE = "/referral/cases/{reference}"
REQUEST = "/directory/desk/requests/{reference}"


@dataclass(frozen=True)
class WrongForm:
    """`typed` by name: in text fields, or the value that is ticked. `fields` have something to put right, in order."""

    name: str
    who: str | None
    path: str
    thing: str
    button: str
    fields: tuple[str, ...]
    typed: Mapping[str, str] = field(default_factory=dict)
    before: Way | None = None


async def _second_page(visitor: Visitor, world: World) -> None:
    story = Story(world.network, "U99001", world.journeys["worked"].link_worker)
    visitor.eye.hidden += story.person.words
    await say_who(visitor, story)
    await visitor.press("Continue", look=False)


def _self_referral(*steps: tuple[str, Mapping[str, str]]) -> Way:
    """Through the short pages with these answers, up to the one that is sent wrongly."""

    async def go(visitor: Visitor, _: World) -> None:
        await visitor.press("Start", look=False)
        for _name, typed in steps:
            await visitor.type_in(typed)
            await visitor.press("Continue", look=False)

    return go


async def _chosen(visitor: Visitor, world: World) -> None:
    await visitor.type_in({"words": "singing"})
    await visitor.press("Search", within=visitor.page.locator("main"), look=False)
    await visitor.press(f"Ask for a place: {world.journeys['asked'].activity['name']}", look=False)


async def _folded(visitor: Visitor, _: World) -> None:
    await visitor.unfold("Needs, days, cost and access")


NAME = ("name", {"given_name": "Rosalind", "family_name": "Achterberg"})
BIRTH = ("birth", {"born_on[day]": "14", "born_on[month]": "3", "born_on[year]": "1951"})
NUMBER = ("number", {"nhs_number": ""})
CONTACT = ("contact", {"channels": "email", "email": "rosalind@example.org"})
PAST = {"born_on[day]": "31", "born_on[month]": "2", "born_on[year]": "1951"}

FORMS = (
    WrongForm(
        "refer, who",
        "referrer",
        "/referral/new",
        "",
        "Continue",
        ("given_name", "born_on-day"),
        {"family_name": "Achterberg"},
    ),
    WrongForm(
        "refer, why",
        "referrer",
        "/referral/new",
        "",
        "Continue",
        ("reasons", "channels", "agreement"),
        {"what_matters": "To sing", "urgency": "urgent"},
        _second_page,
    ),
    WrongForm(
        "self, name",
        None,
        "/referral/self",
        "",
        "Continue",
        ("given_name",),
        {"family_name": "Achterberg"},
        _self_referral(),
    ),
    WrongForm("self, birth", None, "/referral/self", "", "Continue", ("born_on-day",), PAST, _self_referral(NAME)),
    WrongForm(
        "self, number",
        None,
        "/referral/self",
        "",
        "Continue",
        ("nhs_number",),
        {"nhs_number": "999 999 9999"},
        _self_referral(NAME, BIRTH),
    ),
    WrongForm(
        "self, contact",
        None,
        "/referral/self",
        "",
        "Continue",
        ("email",),
        {"channels": "email", "phone": "07700 900866"},
        _self_referral(NAME, BIRTH, NUMBER),
    ),
    WrongForm(
        "self, home",
        None,
        "/referral/self",
        "",
        "Continue",
        ("postcode",),
        {"postcode": "RM1"},
        _self_referral(NAME, BIRTH, NUMBER, CONTACT, ("safety", {})),
    ),
    WrongForm(
        "self, reasons",
        None,
        "/referral/self",
        "",
        "Continue",
        ("reasons",),
        {"what_matters": "To sing"},
        _self_referral(NAME, BIRTH, NUMBER, CONTACT, ("safety", {}), ("home", {}), ("surgery", {})),
    ),
    WrongForm(
        "decide",
        "team-lead",
        "/referral/triage/{reference}",
        "waiting",
        "Save decision",
        ("reason",),
        {"decision": "decline", "words": "Lives elsewhere"},
    ),
    WrongForm(
        "contact", "link-worker", CASE + "/contact", "asked", "Save contact", ("mode", "outcome"), {"note": "No answer"}
    ),
    WrongForm(
        "contact on a day that is none",
        "link-worker",
        CASE + "/contact",
        "asked",
        "Save contact",
        ("on-day", "time"),
        {"mode": "phone", "outcome": "reached", "when": "other", "time": "teatime"},
    ),
    WrongForm(
        "session",
        "link-worker",
        CASE + "/sessions/next",
        "asked",
        "Save session",
        ("happened", "mode"),
        {"note": "We spoke"},
    ),
    WrongForm(
        "booking",
        "link-worker",
        CASE + "/sessions/book",
        "asked",
        "Book session",
        ("next_on-day", "next_time"),
        {"next_time": "25pm"},
    ),
    WrongForm(
        "plan",
        "link-worker",
        CASE + "/plan/change",
        "asked",
        "Agree this plan",
        ("goal-1",),
        {"strengths": "Knows every song"},
    ),
    WrongForm(
        "well-being",
        "link-worker",
        CASE + "/outcomes",
        "asked",
        "Save well-being",
        ("satisfied", "worthwhile", "anxious"),
        {"happy": "0", "skip_reason": "Tired"},
    ),
    WrongForm(
        "place",
        "link-worker",
        CASE + "/prescribe",
        "new",
        "Ask for a place",
        ("agreed",),
        {"answer_by[day]": "30"},
        _chosen,
    ),
    WrongForm("unmet need", "link-worker", CASE + "/unmet", "asked", "Record unmet need", ("cause",)),
    WrongForm("close", "link-worker", CASE + "/close", "asked", "Close case", ("reason",), {"words": "Moved to Leeds"}),
    WrongForm(
        "withdraw", "link-worker", CASE + "/requests/{request}/withdraw", "asked", "Take back the request", ("reason",)
    ),
    WrongForm("answer", "provider", REQUEST, "asked", "Send answer", ("reason",), {"answer": "decline"}),
    WrongForm(
        "attendance",
        "provider",
        REQUEST + "/attendance",
        "accepted",
        "Save attendance",
        ("attended",),
        {"on[year]": "2026"},
    ),
    WrongForm("end", "provider", REQUEST + "/end", "worked", "Save how it ended", ("outcome",)),
    WrongForm("search", None, "/directory/search", "", "Search", ("age",), {"age": "old", "words": "singing"}, _folded),
    WrongForm(
        "funnel",
        "analyst",
        "/reporting/funnel",
        "",
        "Apply filters",
        ("to",),
        {"from": "2026-05-02", "to": "2026-05-01"},
    ),
)
