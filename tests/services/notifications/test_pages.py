"""What people see of messages: letters, states without words, and the embedded mailbox."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from msgspec.structs import replace
from pydantic import SecretStr

from deploy.embedded.mailbox import serving
from services.notifications.app import create
from services.notifications.mail import Outcome, SmtpMailer
from services.notifications.sender import Sender
from services.notifications.store import reading
from shared.events.vocabulary import Channel
from shared.runtime.actor import Role
from shared.runtime.settings import Settings
from tests.callers import COOKIE_KEY, ISSUER, Callers
from tests.engines import Addresses
from tests.services.notifications.stage import PCN, PRIVATE, Stage, Story

LETTER = {"notify_by": Channel.LETTER, "address_lines": ("1 Elm Street", "Elm"), "postcode": "RM17 6XX"}


class House:
    """The service's app beside the stage that feeds its store."""

    def __init__(self, app: FastAPI, callers: Callers, settings: Settings) -> None:
        self.app, self.callers, self.settings = app, callers, settings
        self.stage = Stage(app.state.doorway.store)

    @asynccontextmanager
    async def visit(self, *roles: Role, organisations: tuple[str, ...] = (PCN,)) -> AsyncIterator[httpx.AsyncClient]:
        async with self.callers.client(self.app, *roles, organisations=organisations) as client:
            yield client


@pytest.fixture
async def house(database: Callable[[str], Awaitable[Addresses]], tmp_path: Path) -> AsyncIterator[House]:
    addresses, callers = await database("notifications"), Callers(tmp_path)
    settings = Settings(
        service="notifications",
        database_url=SecretStr(addresses.app_url),
        issuer=ISSUER,
        jwks=callers.jwks,
        cookie_key=SecretStr(COOKIE_KEY),
        contact_private_key=SecretStr(PRIVATE),
        embedded=True,
        mailbox=tmp_path / "mailbox",
    )
    house = House(create(settings), callers, settings)
    yield house
    await house.stage.store.close()


async def letter_of(house: House) -> str:
    story = Story(**LETTER)
    await house.stage.hear(story.created, story.person, story.network)
    await house.stage.send()
    wanted = "SELECT reference FROM message WHERE state = 'to_print' AND referral_id = :id"
    (row,) = await house.stage.rows(wanted, id=story.ids.referral)
    return str(row["reference"])


def fields(html: str) -> dict[str, str]:
    """The hidden fields of a page's own form."""
    form = html[html.index("/posted") :] if "/posted" in html else html[html.index("/again") :]
    return dict(re.findall(r'name="(_\w+|message)" value="([^"]*)"', form))


async def test_a_letter_is_listed_printed_and_marked_as_posted(house: House) -> None:
    reference = await letter_of(house)
    async with house.visit(Role.LINK_WORKER) as client:
        listed = (await client.get("/notifications/letters")).text
        sheet = (await client.get(f"/notifications/letters/{reference}")).text
        answer = await client.post(f"/notifications/letters/{reference}/posted", data=fields(sheet))
        again = await client.post(f"/notifications/letters/{reference}/posted", data=fields(sheet))
        after = (await client.get("/notifications/letters")).text
    assert "Rosa Okafor" in listed
    assert reference in listed
    for line in ("Rosa Okafor", "1 Elm Street", "RM17 6XX", "Dear Rosa", "Elm PCN", "Page 1 of 1", "End of letter"):
        assert line in sheet
    assert "<title>" in sheet
    assert "Rosa" not in sheet[sheet.index("<title>") : sheet.index("</title>")]
    assert (answer.status_code, again.status_code) == (303, 303)
    assert "There are no letters to print." in after
    (row,) = await house.stage.rows("SELECT state FROM message WHERE reference = :reference", reference=reference)
    assert row["state"] == "posted"


async def test_the_letters_are_paged_and_all_of_them_are_counted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 2)
    references = {await letter_of(house) for _ in range(3)}
    async with house.visit(Role.TEAM_LEAD) as client:
        first = (await client.get("/notifications/letters")).text
        (further,) = re.findall(r'href="(/notifications/letters\?after=[^"]+)"', first)
        second = (await client.get(further)).text
    shown = [set(re.findall(r"Open letter (\S+) to print", page)) for page in (first, second)]
    assert "3 letters, longest waiting first" in first
    assert ([len(page) for page in shown], shown[0] | shown[1]) == ([2, 1], references)
    assert "after=" not in second


async def test_a_letter_of_another_network_is_not_found(house: House) -> None:
    reference = await letter_of(house)
    async with house.visit(Role.LINK_WORKER, organisations=("U00002",)) as client:
        assert (await client.get(f"/notifications/letters/{reference}")).status_code == 404
        assert reference not in (await client.get("/notifications/letters")).text


@pytest.mark.parametrize("path", ["/notifications/letters", "/notifications/messages", "/notifications/api/messages"])
async def test_nobody_sees_messages_without_the_right(house: House, path: str) -> None:
    async with house.visit(Role.PROVIDER) as provider, house.visit() as nobody:
        assert (await provider.get(path)).status_code == 403
        assert (await nobody.get(path)).status_code in (303, 401)


async def test_a_lost_message_is_shown_without_words_and_sent_again_by_an_operator(house: House) -> None:
    story = Story()
    await house.stage.hear(story.created, story.person, story.referrer)
    with house.stage.post.answering(lambda _: Outcome.NOT_KNOWN):
        await house.stage.send()
    async with house.visit(Role.OPERATOR, organisations=()) as client:
        page = (await client.get("/notifications/messages?state=unsure")).text
        answer = await client.post("/notifications/messages/again", data=fields(page))
    assert "Not known if sent" in page
    assert "Sending was interrupted. It may have arrived." in page
    assert not any(secret in page for secret in ("Rosa", "kith.example", "K7F-3QD"))
    assert answer.status_code == 303
    assert sorted(state for _, _, state in await house.stage.states()) == ["queued", "unsure"]


async def test_a_link_worker_reads_what_became_of_a_referrals_messages(house: House) -> None:
    story = Story(unsafe=True)
    await house.stage.hear(story.created, story.person, story.referrer)
    await house.stage.send()
    path = f"/notifications/api/messages?referral={story.ids.referral}"
    async with house.visit(Role.LINK_WORKER) as client, house.visit(Role.LINK_WORKER, organisations=("U1",)) as other:
        messages = (await client.get(path)).json()["messages"]
        assert (await other.get(path)).json() == {"messages": []}
    told = {message["audience"]: (message["state"], message["reason"]) for message in messages}
    assert told == {"person": ("withheld", "unsafe"), "referrer": ("sent", "")}


async def test_what_stands_in_no_network_is_for_team_leads(house: House) -> None:
    story = Story()
    nowhere = {name: value for name, value in json.loads(story.created.value or b"").items() if name != "pcn"}
    await house.stage.hear(replace(story.created, value=json.dumps(nowhere).encode()), story.person, story.referrer)
    path = f"/notifications/api/messages?referral={story.ids.referral}"
    async with house.visit(Role.LINK_WORKER) as client, house.visit(Role.TEAM_LEAD) as lead:
        assert (await client.get(path)).json() == {"messages": []}
        assert len((await lead.get(path)).json()["messages"]) == 2


async def test_the_embedded_mailbox_shows_every_message(house: House) -> None:
    story = Story()
    await house.stage.hear(story.created, story.person, story.referrer, story.network)
    assert house.settings.mailbox is not None
    async with serving(house.settings.mailbox, 0) as port:
        mailer = SmtpMailer(house.settings.model_copy(update={"smtp_port": port}))
        sender = Sender(house.stage.store, mailer, "http://kith.example")
        while await sender.send_next():
            pass
    async with house.visit() as anyone:
        box = (await anyone.get("/notifications/mailbox")).text
        mails = [(await anyone.get(f"/notifications/mailbox/{number}")).text for number in (1, 2)]
        assert (await anyone.get("/notifications/mailbox/3")).status_code == 404
    assert "2 messages, newest first" in box
    assert "A message from Elm PCN" in box
    assert any("A link worker will contact you in the way you chose." in mail for mail in mails)


async def test_an_empty_mailbox_says_what_to_do(house: House) -> None:
    async with house.visit() as anyone:
        assert "No message has been sent yet." in (await anyone.get("/notifications/mailbox")).text


async def test_there_is_no_mailbox_but_embedded(house: House) -> None:
    elsewhere = create(house.settings.model_copy(update={"embedded": False}))
    async with house.callers.client(elsewhere, Role.OPERATOR) as client:
        assert (await client.get("/notifications/mailbox")).status_code == 404
        assert (await client.get("/notifications/mailbox/1")).status_code == 404
    await elsewhere.state.doorway.store.close()
