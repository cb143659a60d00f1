"""Forms filled wrongly, sent twice, or sent after somebody else: nothing typed is lost, nothing is doubled."""

import pytest

from tests.system.browser.eye import DESK, PHONE
from tests.system.browser.forms import FORMS, WrongForm
from tests.system.browser.visitor import Visitor, Visits
from tests.system.browser.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
SUMMARY = """() => {
  const summary = document.querySelector('main > .nhsuk-error-summary');
  const fields = [...(summary?.querySelectorAll('a') ?? [])].map(link => document.getElementById(link.hash.slice(1)));
  const follows = (one, other) => one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
  return {
    ordered: fields.every((field, at) => at === 0 || (field && fields[at - 1] && follows(fields[at - 1], field))),
    first: summary !== null && summary === document.querySelector('main').firstElementChild,
    links: [...(summary?.querySelectorAll('a') ?? [])].map(link => {
      const field = document.getElementById(link.hash.slice(1));
      const group = field?.closest('.nhsuk-form-group--error:has(.nhsuk-error-message)');
      return {
        field: link.hash.slice(1),
        words: link.innerText,
        control: /^(INPUT|SELECT|TEXTAREA)$/.test(field?.tagName ?? ''),
        beside: group?.querySelector('.nhsuk-error-message')?.innerText.endsWith(link.innerText) ?? false,
      };
    }),
  };
}"""


async def _send_wrongly(visitor: Visitor, world: World, form: WrongForm) -> None:
    await visitor.open(world.address(form.path, form.thing), look=False)
    if form.before:
        await form.before(visitor, world)
    await visitor.type_in(form.typed)
    await visitor.press(form.button, within=visitor.page.locator("main"))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
async def test_a_form_filled_wrongly_says_so_first_and_keeps_what_was_typed(
    form: WrongForm, visits: Visits, world: World
) -> None:
    async with visits.by(world.who(form.who), widths=(PHONE, DESK)) as visitor:
        await _send_wrongly(visitor, world, form)
        assert (await visitor.page.title()).startswith("Error: ")
        said = await visitor.page.evaluate(SUMMARY)
        assert said["first"], "the summary is the first thing in main"
        words = [link["words"] for link in said["links"]]
        assert len(set(words)) == len(words), "each problem is told from the others"
        assert said["ordered"], "the summary is in the order of the page"
        assert tuple(link["field"] for link in said["links"]) == form.fields
        assert all(link["control"] and link["beside"] for link in said["links"]), said
        assert await visitor.typed(form.typed) == dict(form.typed)
        await visitor.page.locator("main > .nhsuk-error-summary a").first.click()
        assert await visitor.page.evaluate("document.activeElement.id") == form.fields[0]


async def test_without_scripting_the_summary_leads_to_the_field_too(visits: Visits, world: World) -> None:
    form = next(form for form in FORMS if form.name == "contact")
    async with visits.by(world.who(form.who), script=False) as visitor:
        await _send_wrongly(visitor, world, form)
        assert (await visitor.page.evaluate(SUMMARY))["first"]
        await visitor.page.locator("main > .nhsuk-error-summary a").first.click()
        assert visitor.page.url.endswith(f"#{form.fields[0]}")


async def test_places_that_are_no_number_are_asked_for_again(visits: Visits, world: World) -> None:
    async with visits.by(world.who("provider"), widths=(PHONE, DESK)) as visitor:
        await visitor.open("/directory/desk/room", look=False)
        field = visitor.page.locator('main [name="places"]').first
        await field.fill("many")
        await visitor.press("Room now")
        said = await visitor.page.evaluate(SUMMARY)
        assert said["first"]
        assert all(link["control"] and link["beside"] for link in said["links"]), said
        assert await visitor.page.locator(f"#{said['links'][0]['field']}").input_value() == "many"
