"""Where a person must not turn up: titles, addresses, logs, figures, open streams; and markup that others typed."""

import logging
import re

import pytest
from structlog.testing import capture_logs

from shared.events.streams import REFERRAL_CONTACTS, STREAMS
from shared.runtime.actor import Actor, Role
from tests.system.rights.house import NAMES, House, people_it
from tests.system.rights.test_rights import OURS, call, every_way, somebody

SYSTEM = Actor("test", frozenset({Role.SYSTEM}))
MARKUP = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"
# Everything that people, practices and groups write themselves.
WRITTEN = {
    "referral": {
        "person": "given_name family_name known_as phone email safe_times do_not through language interpreter"
        " adjustments safety_note",
        "referral": "what_matters other_reason agreement_by agreement_reason decline_words",
        "referral_note": "words",
        "activity": "name provider_name when_text where_text eligibility",
        "prescription": "activity_name provider_name",
        "organisation": "name phone",
        "staff": "name",
    },
    "directory": {
        "activity": "name description how_to_join accessibility_words url email phone cost_words eligibility_words",
        "provider": "name",
    },
    "notifications": {"contact": "what_to_call full_name postcode", "organisation": "name", "activity": "name"},
    "reporting": {"organisation": "name"},
}


async def everything(house: House) -> list[tuple[str, str, str]]:
    """Every route that is called by its own people: its name, where it led, and what it answered."""
    answered = []
    for way in every_way(house):
        for role in way.roles or ():
            sent = way.sent(house.held) if way.method == "POST" and "{reference}" in way.path else None
            answer = await call(house, way, somebody(role, OURS, "jo"), sent)
            answered.append((f"{way} as {role}", answer.headers.get("location", ""), answer.text))
    return answered


async def test_no_title_and_no_address_names_a_person(house: House) -> None:
    await people_it(house)
    wrong: list[str] = []
    for way, location, text in await everything(house):
        title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
        hrefs = re.findall(r'(?:href|action)="([^"]*)"', text)
        said = [title.group(1) if title else "", location, *(href for href in hrefs if not href.startswith("tel:"))]
        wrong += [f"{way}: {words}" for words in NAMES if any(words in each for each in said)]
    assert not wrong, "\n".join(wrong)


async def test_no_log_no_figure_and_no_open_stream_names_a_person(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await people_it(house)
    with caplog.at_level(logging.DEBUG), capture_logs() as lines:
        await everything(house)
    assert any(line["event"] == "answered" for line in lines)
    said = {"logs": f"{caplog.text}{lines}"}
    sealed = [stream.name for stream in STREAMS if stream.sealed]
    for service in house.apps:
        async with house.visit(service) as nobody:
            said[f"figures of {service}"] = (await nobody.get(f"/{service}/metrics")).text
        async with house.store(service).transaction(SYSTEM) as tx:
            rows = await tx.rows("SELECT stream, payload FROM outbox")
        said[f"streams of {service}"] = "".join(str(row["payload"]) for row in rows if row["stream"] not in sealed)
    assert "referral-closed" in said["streams of referral"]
    assert REFERRAL_CONTACTS.name in sealed
    wrong = [f"{where}: {words}" for where, text in said.items() for words in NAMES if words in text]
    assert not wrong, "\n".join(wrong)


async def test_what_others_wrote_is_shown_as_they_wrote_it_and_never_acted_on(house: House) -> None:
    await people_it(house)
    for service, tables in WRITTEN.items():
        async with house.store(service).transaction(SYSTEM) as tx:
            for table, columns in tables.items():
                settings = ", ".join(f"{column} = :markup" for column in columns.split())
                await tx.rows(f"UPDATE {table} SET {settings} RETURNING 1", markup=MARKUP)
    wrong: list[str] = []
    shown = 0
    for way, _, text in await everything(house):
        shown += "&lt;script&gt;" in text
        if ("<script>alert" in text or "<img src=x" in text) and "/api/" not in way:
            wrong.append(way)
    assert not wrong, "\n".join(wrong)
    assert shown > 40
