"""A form over several pages: what was typed travels sealed in the form, so nothing is kept and nothing expires."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.door.forms import Form, Typed
from shared.door.problems import NotFound

GO = "go"  # the name of the buttons that lead elsewhere than on


@dataclass(frozen=True, slots=True)
class Step:
    """One page. `fields` are those it asks; a problem with one of them is shown here."""

    name: str
    title: str
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Journey:
    """The pages in their order, under one path; the last one is where the answers are checked and sent."""

    path: str
    steps: Sequence[Step]

    def step(self, name: str) -> Step:
        """The page of this name; one that is not there is not found."""
        found = next((step for step in self.steps if step.name == name), None)
        if found is None:
            raise NotFound
        return found

    def after(self, step: Step) -> Step:
        return self.steps[min(self.steps.index(step) + 1, len(self.steps) - 1)]

    def before(self, step: Step) -> Step | None:
        index = self.steps.index(step)
        return self.steps[index - 1] if index else None

    def blocked(self, step: Step, problems: Mapping[str, str]) -> Step | None:
        """The first page up to this one with something to put right; what later pages ask is not wrong yet."""
        so_far = self.steps[: self.steps.index(step) + 1]
        return next((each for each in so_far if self.wrong_on(each, problems)), None)

    def wrong_on(self, step: Step, problems: Mapping[str, str]) -> dict[str, str]:
        """The problems that this page shows."""
        return {field: words for field, words in problems.items() if field in step.fields}


def answers(step: Step, form: Form) -> Typed:
    """All answers so far: those carried, with this page's own replaced by what was typed now."""
    # A box that is no longer ticked is not sent at all, so what was carried of this page must go.
    kept = {name: texts for name, texts in form.carried.items() if _field(name) not in step.fields}
    typed = {name: texts for name, texts in form.typed.items() if _field(name) in step.fields}
    return Typed({**kept, **typed}, key=form.key)


def _field(name: str) -> str:
    """The field that a control belongs to: `born_on` of `born_on[day]`."""
    return name.partition("[")[0]
