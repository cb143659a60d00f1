"""Somebody with a browser: opens, fills, presses; every page they come to is looked at."""

import re
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Locator, Page, StorageState, ViewportSize

from tests.system.browser.eye import HEIGHTS, Eye
from tests.system.journey import Member

PATIENCE_MS = 120_000
TOKEN = re.compile(r'name="_token" value="([^"]+)"')


@dataclass
class Visitor:
    """One browser page of one person. `widths`: at which each page is looked at; none: at the one it has."""

    page: Page
    base: str
    eye: Eye
    widths: Sequence[int] = ()

    async def open(self, path: str, status: int = 200, *, look: bool = True) -> None:
        """Go to an address of ours."""
        answer = await self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status == status, f"{path} answered {answer.status}"
        if look:
            await self.eye.look(self.widths)

    async def press(self, name: str, *, within: Locator | None = None, look: bool = True) -> None:
        """A button or link by its name, which leads to a page."""
        place = within or self.page.locator("body")
        # Words for screen readers stand in an element of their own, so a blank may come before their comma or colon.
        heard = re.compile(re.sub(r"(\\?[,:])", r"\\s*\1", re.escape(name)))
        found = place.get_by_role("button", name=heard).or_(place.get_by_role("link", name=heard)).first
        async with self.page.expect_navigation():
            await found.click()
        if look:
            await self.eye.look(self.widths)

    async def write(self, label: str, text: str) -> None:
        """In the field with that label."""
        await self.page.get_by_label(label, exact=True).fill(text)

    async def pick(self, label: str, option: str) -> None:
        """From a list, by the option's value or words."""
        await self.page.get_by_label(label, exact=True).select_option(option)

    async def tick(self, name: str, value: str) -> None:
        """A radio button by what it sends, where its words depend on others."""
        await self.page.locator(f'[name="{name}"][value="{value}"]').check()

    async def choose(self, *labels: str) -> None:
        """A radio button or a box; within a question where it is given as "Question: answer"."""
        for label in labels:
            question, _, answer = label.rpartition(": ")
            place = self.page.get_by_role("group", name=question) if question else self.page
            await place.get_by_label(answer, exact=True).check()

    async def type_in(self, typed: Mapping[str, str]) -> None:
        """Into fields by their names; radio buttons and boxes are ticked."""
        for name, value in typed.items():
            field = self.page.locator(f'main [name="{name}"]')
            if await field.first.get_attribute("type") in ("radio", "checkbox"):
                await self.tick(name, value)
            elif await self.page.locator(f'select[name="{name}"]').count():
                await field.select_option(value)
            else:
                await field.fill(value)

    async def typed(self, names: Iterable[str]) -> dict[str, str]:
        """What stands in fields, by their names."""
        found = {}
        for name in names:
            field = self.page.locator(f'main [name="{name}"]')
            if await field.first.get_attribute("type") in ("radio", "checkbox"):
                field = self.page.locator(f'main [name="{name}"]:checked')
            found[name] = await field.input_value() if await field.count() else ""
        return found

    async def write_day(self, name: str, on: date) -> None:
        """In the three fields of a date."""
        for part, number in (("day", on.day), ("month", on.month), ("year", on.year)):
            await self.page.locator(f'[name="{name}[{part}]"]').fill(str(number))

    async def unfold(self, name: str) -> None:
        """Open what is folded away."""
        await self.page.locator("summary").filter(has_text=name).click()

    async def sees(self, *words: str) -> None:
        """The words are on the page."""
        shown = " ".join((await self.page.locator("body").inner_text()).split())
        missing = [each for each in words if each not in shown]
        assert not missing, f"{self.page.url} does not say {missing}: {shown[:3000]}"

    async def until(self, path: str, words: str, seconds: float = PATIENCE_MS / 1000) -> None:
        """Open the page again and again until the words are on it: the news is on its way from another service."""
        until = time.monotonic() + seconds
        while True:
            answer = await self.page.goto(self.base + path)
            assert answer
            assert answer.ok, f"{path} answered {answer.status}"
            if words in " ".join((await self.page.locator("body").inner_text()).split()):
                return await self.eye.look(self.widths)
            assert time.monotonic() < until, f"{path} still does not say {words!r}"

    def row(self, words: str) -> Locator:
        """The row of a list with these words in it."""
        return self.page.locator("main li").filter(has_text=words).first


@dataclass
class Visits:
    """Lends browsers to people; whoever has logged in once keeps the cookie."""

    browser: Browser
    base: str
    hidden: list[str] = field(default_factory=list)
    pictures: Path | None = None
    cookies: dict[str, StorageState] = field(default_factory=dict)

    @asynccontextmanager
    async def by(
        self, who: Member | None, *, width: int = 360, script: bool = True, widths: Sequence[int] = ()
    ) -> AsyncIterator[Visitor]:
        """A page for somebody who has logged in, or for the public."""
        async with self._context(who, width, script) as context:
            page = await context.new_page()
            eye = Eye(page, self.base, script, self.hidden, self.pictures)
            eye.open()
            yield Visitor(page, self.base, eye, widths)

    @asynccontextmanager
    async def _context(self, who: Member | None, width: int, script: bool) -> AsyncIterator[BrowserContext]:
        state = self.cookies.get(who.subject) if who else None
        view = ViewportSize(width=width, height=HEIGHTS[width])
        context = await self.browser.new_context(viewport=view, java_script_enabled=script, storage_state=state)
        context.set_default_timeout(PATIENCE_MS)
        try:
            if who and state is None:
                await self._log_in(context, who)
            yield context
        finally:
            await context.close()

    async def _log_in(self, context: BrowserContext, who: Member) -> None:
        page = await (await context.request.get(f"{self.base}/sign-in")).text()
        found = TOKEN.search(page)
        assert found, "the log-in page has a form"
        form: Mapping[str, str] = {"_token": found[1], "person": who.subject}
        origin = {"origin": self.base, "sec-fetch-site": "same-origin"}
        answer = await context.request.post(f"{self.base}/sign-in", form=dict(form), headers=origin, max_redirects=0)
        assert answer.status == 303, f"{who.subject} was not let in: {answer.status}"
        self.cookies[who.subject] = await context.storage_state()
