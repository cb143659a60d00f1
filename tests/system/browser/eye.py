"""What is looked at on every page that anybody opens: what axe sees, and what it does not."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import ConsoleMessage, Page, Request, Response

PHONE, DESK, NARROWEST = 360, 1200, 320
AXE_SCRIPT = Axe().axe_script
FOLDING_S = 3.0
HEIGHTS = {PHONE: 740, DESK: 900, NARROWEST: 640}
# Off by default in axe, and level AA of WCAG 2.2: a thumb needs 24 by 24 pixels.
AXE = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
FACTS = """() => ({
  headings: [...document.querySelectorAll('h1')].map(h => h.innerText),
  title: document.title,
  first: document.querySelector('main')?.firstElementChild?.className ?? '',
  buttons: [...document.querySelectorAll('main .nhsuk-button')]
    .filter(b => b.checkVisibility() && !/--(secondary|reverse|warning)/.test(b.className)).map(b => b.innerText),
  language: document.documentElement.lang,
})"""
WIDE = """() => {
  const wide = document.documentElement.scrollWidth, seen = document.documentElement.clientWidth;
  if (wide <= seen) return '';
  const past = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > seen + 1);
  return `${wide} px wide: ${past.slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(' | ')}`;
}"""


@dataclass
class Eye:
    """Looks at one page of a browser. `hidden` are words about people that may stand on a page but never in its
    title or address."""

    page: Page
    base: str
    script: bool
    hidden: list[str] = field(default_factory=list)
    pictures: Path | None = None
    said: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def open(self) -> None:
        """Start listening."""
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("request", self._on_request)
        self.page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        # An answer of 403, 404, 409 or 422 is a message too; what failed to load is told by `_on_response`.
        if not message.text.startswith("Failed to load resource"):
            self.said.append(f"{message.type}: {message.text}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(f"{self.base}/"):
            self.outside.append(request.url)

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.said.append(f"{response.status} {response.url}")

    async def look(self, widths: Sequence[int] = ()) -> None:
        """Everything, at the width as it is or at each of these; says all that is wrong at once."""
        facts: Mapping[str, Any] = await self.page.evaluate(FACTS)
        wrong = [*self._wrong(facts), *self.said, *(f"asked {url}" for url in self.outside)]
        self.said.clear()
        self.outside.clear()
        before = self.page.viewport_size
        for width in widths or [before["width"] if before else PHONE]:
            await self._turn(width)
            wrong += await self._violations(width) if self.script else []
            await self._picture(width)
        wrong += await self._too_wide()
        await self._turn(before["width"] if before else PHONE)
        assert not wrong, f"{self.page.url} ({facts['title']}):\n" + "\n".join(wrong)

    def _wrong(self, facts: Mapping[str, Any]) -> list[str]:
        wrong = [] if len(facts["headings"]) == 1 else [f"{len(facts['headings'])} h1: {facts['headings']}"]
        if len(facts["buttons"]) > 1:
            wrong.append(f"{len(facts['buttons'])} main buttons: {facts['buttons']}")
        if not facts["title"].endswith(" – Kith") or facts["title"].startswith((" ", "–")):
            wrong.append(f"title: {facts['title']}")
        if facts["language"] != "en":
            wrong.append(f"language: {facts['language']}")
        address = unquote(self.page.url).lower()
        for word in self.hidden:
            wrong += [f"{word} in the title"] * (word.lower() in facts["title"].lower())
            wrong += [f"{word} in the address"] * (word.lower() in address)
        return wrong

    async def _turn(self, width: int) -> None:
        if self.page.viewport_size != {"width": width, "height": HEIGHTS[width]}:
            await self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})

    async def _too_wide(self) -> list[str]:
        """Nothing scrolls sideways on the narrowest phone; the menu folds itself a moment after the turn."""
        await self._turn(NARROWEST)
        until = time.monotonic() + FOLDING_S
        while wide := await self.page.evaluate(WIDE):
            if time.monotonic() > until:
                return [f"scrolls sideways: {wide}"]
        return []

    async def _violations(self, width: int) -> list[str]:
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(AXE_SCRIPT)
        found = await self.page.evaluate("options => axe.run(options).then(found => found.violations)", AXE)
        return [f"at {width}: {each['id']}, {node['html'][:300]}" for each in found for node in each["nodes"][:3]]

    async def _picture(self, width: int) -> None:
        if self.pictures:
            name = self.page.url.removeprefix(self.base).split("?")[0].strip("/").replace("/", "_") or "front"
            count = len(list(self.pictures.glob(f"{name}.{width}.*")))
            await self.page.screenshot(path=self.pictures / f"{name}.{width}.{count}.png", full_page=True)
