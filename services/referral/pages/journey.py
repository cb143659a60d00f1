"""A form over several pages: what was typed travels sealed in the form, so nothing is kept and nothing expires."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.door.forms import Form, Typed
from shared.door.problems import NotFound

GO = "go"  # the name of the buttons that lead elsewhere than on


@dataclass(frozen=True, slots=True)
class Step:
    """One page. `fields` are those it asks, in their order; a problem with one of them is shown here."""

    name: str
    title: str
    fields: Sequence[str]


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes after a page was sent: which page is shown, with which problems; None when all is ready to be sent."""

    step: Step | None
    problems: Mapping[str, str] = field(default_factory=dict)


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

    def turn(self, step: Step, form: Form, problems: Mapping[str, str]) -> Turn:
        """Where the person goes from a page they sent: where a button of it leads (going back needs nothing to be
        right), else to the first page with something to put right, else on."""
        if asked := form.text(GO):
            return Turn(self.step(asked))
        if blocked := self.blocked(step, problems):
            return Turn(blocked, self.wrong_on(blocked, problems))
        index = self.steps.index(step) + 1
        return Turn(self.steps[index] if index < len(self.steps) else None)

    def before(self, step: Step) -> Step | None:
        index = self.steps.index(step)
        return self.steps[index - 1] if index else None

    def blocked(self, step: Step, problems: Mapping[str, str]) -> Step | None:
        """The first page up to this one with something to put right; what later pages ask is not wrong yet."""
        so_far = self.steps[: self.steps.index(step) + 1]
        return next((each for each in so_far if self.wrong_on(each, problems)), None)

    def wrong_on(self, step: Step, problems: Mapping[str, str]) -> dict[str, str]:
        """The problems that this page shows, in the order of its fields."""
        return {field: problems[field] for field in step.fields if field in problems}


def answers(step: Step, form: Form) -> Typed:
    """All answers so far: those carried, with this page's own replaced by what was typed now."""
    # A box that is no longer ticked is not sent at all, so what was carried of this page must go.
    kept = {name: texts for name, texts in form.carried.items() if _field(name) not in step.fields}
    typed = {name: texts for name, texts in form.typed.items() if _field(name) in step.fields}
    return Typed({**kept, **typed}, key=form.key)


def _field(name: str) -> str:
    """The field that a control belongs to: `born_on` of `born_on[day]`."""
    return name.partition("[")[0]
