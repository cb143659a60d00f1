"""Fills an empty network: its files, then everybody's past in order, each part heard by all before the next is told."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlmodel import select

from deploy.embedded.living.acts import Act, Asked, Life
from deploy.embedded.living.book import read_book
from deploy.embedded.living.case_work import Offers
from deploy.embedded.living.days import days_before
from deploy.embedded.living.desk import Desk
from deploy.embedded.living.files import NETWORK, Files
from deploy.embedded.living.lives import lives
from deploy.embedded.living.office import Case, Office
from deploy.embedded.living.staff import staff_of
from services.referral.actions.keys import Keys
from services.referral.store.request_rows import ActivityRow
from shared.backbone.running import Backbone
from shared.runtime.actor import Actor, system
from shared.runtime.store import Store

PEOPLE = 300
LANES = 6
"""How many people's pasts are told at once; each takes a connection of the store."""
LOOK_S = 0.25
One = TypeVar("One")
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Network:
    """The two services that the past is told to, running with their timers held."""

    referral: Store
    directory: Store
    keys: Keys
    backbones: Sequence[Backbone]


async def fill(network: Network, now: datetime, say: Callable[[str], None], *, people: int = PEOPLE) -> list[Life]:
    """Bring an empty network to life; begun once more after a crash, with the same `now`, it goes on where it was.

    Returns whose past was told. Timers stay held: they would run ahead of answers that are still to come.
    """
    files, staff = Files(), staff_of(Files().staff().rows)
    say(f"Taken in: {await files.into_referral(network.referral, network.keys, now)}")
    say(f"Taken in: {await files.into_directory(network.directory, network.keys, now)}")
    await settled(network.backbones)
    office = Office(network.referral, network.keys, staff, await _offers(network.referral, staff.providers))
    desk = Desk(network.directory, staff)
    told = lives(people, read_book(NETWORK), days_before(now), files.surgeries())
    cases = await _in_lanes(told, office.begin)
    say(f"{people} people were referred, and {sum(case is not None for case in cases)} met a link worker")
    carried = [(life, case) for life, case in zip(told, cases, strict=True) if case is not None]
    await _answer(network, desk, [(case, life.acts) for life, case in carried], say)
    followed = await _in_lanes(carried, lambda one: office.go_on(*one))
    say(f"{len(carried)} cases went on")
    await _answer(network, desk, [(case, life.later) for (life, _), case in zip(carried, followed, strict=True)], say)
    return told


async def settled(backbones: Sequence[Backbone]) -> None:
    """Until all that was said is heard by all of these, and whatever they said in turn."""
    while not all([await backbone.settled() for backbone in backbones]):  # noqa: ASYNC110 - others may run them
        await asyncio.sleep(LOOK_S)


async def _offers(store: Store, providers: Mapping[str, Actor]) -> Offers:
    async with store.transaction(system("referral")) as tx:
        rows = (await tx.session.exec(select(ActivityRow))).all()
    return Offers.of(rows, providers)


async def _answer(
    network: Network, desk: Desk, asked: Sequence[tuple[Case, Sequence[Act]]], say: Callable[[str], None]
) -> None:
    """The providers hear what was asked of them, and do what they do; referral hears it."""
    await settled(network.backbones)
    requests = [
        (sent, act.reactions)
        for case, acts in asked
        for sent, act in zip(case.sent, (act for act in acts if isinstance(act, Asked)), strict=True)
    ]
    await _in_lanes([one for one in requests if one[1]], lambda one: desk.react(*one))
    await settled(network.backbones)
    say(f"{len(requests)} requests for places were made, and answered or not")


async def _in_lanes(ones: Sequence[One], tell: Callable[[One], Awaitable[Told]]) -> list[Told]:
    """A few at a time, in order; the first trouble ends it all."""
    turn = asyncio.Semaphore(LANES)

    async def lane(one: One) -> Told:
        async with turn:
            return await tell(one)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(lane(one)) for one in ones]
    return [task.result() for task in tasks]
