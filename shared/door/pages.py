"""Draws pages: NHS.UK frontend's components and templates of our own, with what every page shows about its reader."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jinja2 import (
    BaseLoader,
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    Template,
    pass_context,
)
from jinja2.runtime import Context, Macro
from markupsafe import Markup

from shared.door import words
from shared.door.assets import Assets
from shared.door.forgery import form_token
from shared.door.forms import Typed, seal_answers
from shared.door.menu import MenuItem
from shared.door.sealer import Sealer
from shared.door.service import Service
from shared.door.states import state
from shared.door.visit import Visit
from shared.runtime.clock import now as clock_now
from shared.runtime.ids import new_id

_OPTIONS: dict[str, Any] = {"trim_blocks": True, "lstrip_blocks": True, "auto_reload": False}


class _Templates(Environment):
    """Our templates stop at a misspelt name; NHS.UK's lean on undefined ones, in an environment apart."""

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(loader=loader, autoescape=True, undefined=StrictUndefined, **_OPTIONS)
        self._theirs = Environment(loader=loader, autoescape=True, undefined=ChainableUndefined, **_OPTIONS)

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> Template:  # noqa: A002
        if isinstance(name, str) and name.startswith("nhsuk/"):
            return self._theirs.get_template(name, parent, globals)
        return super().get_template(name, parent, globals)


@dataclass(frozen=True, slots=True)
class Link:
    """One drawn item of the menu; `todo` is how much of it is the reader's to do."""

    label: str
    href: str
    current: bool
    todo: int


def templates(service: Service, assets: Assets) -> Environment:
    """The environment of one service: its own templates first, then the shared ones, then NHS.UK's."""
    here = PackageLoader("shared.door")
    env = _Templates(ChoiceLoader([FileSystemLoader(service.templates), here, PackageLoader("nhsuk_frontend_jinja")]))
    for name in ("day", "short_day", "clock", "moment", "nhs_number", "number", "percent", "money", "listed", "said"):
        env.filters[name] = getattr(words, name)
    env.filters["ago"] = _ago
    env.globals.update(asset=assets.path, state=state, form_on_page=_form)
    return env


@pass_context
def _ago(context: Context, value: datetime) -> str:
    known = context.resolve_or_missing("now")
    return words.ago(value, known if isinstance(known, datetime) else clock_now())


def _error_list(errors: Mapping[str, str], typed: Typed) -> list[dict[str, str]]:
    """What the error summary lists, each linked to the first control of its field."""
    return [{"text": text, "href": f"#{typed.first_control(name)}"} for name, text in errors.items()]


@pass_context
def _form(context: Context, action: str, *, caller: Macro, **options: object) -> Markup:
    """The one form macro; it reaches the page's own context however it was imported. Options: `kith/form.html`."""
    page: Callable[..., Markup] = context["draw_form"]
    return page(action, caller(), **options)


class Pages:
    """Renders a service's templates for one visit at a time."""

    def __init__(self, service: Service, assets: Assets, sealer: Sealer) -> None:
        self._service, self._sealer = service, sealer
        self.env = templates(service, assets)

    def render(self, template: str, visit: Visit, *, path: str, now: datetime, **model: object) -> str:
        """The page as HTML. `model` may hold `errors`, `typed`, `confirm` and `todo` besides the page's own names."""
        todo = model.get("todo")
        counts = todo if isinstance(todo, Mapping) else {}
        base: dict[str, object] = {
            "service": self._service,
            "actor": visit.actor,
            "signed_in": visit.session is not None,
            "correlation": visit.correlation,
            "menu": self._menu(visit, path, counts),
            "path": path,
            "now": now,
            "errors": {},
            "typed": Typed(),
            "confirm": "",
            "sign_out_token": form_token(self._sealer, visit.session),
            "error_list": _error_list,
        }
        known = {**base, **model}
        known["draw_form"] = self._form_drawer(visit, known["typed"])
        return self.env.get_template(template).render(known)

    def _form_drawer(self, visit: Visit, typed: object) -> Callable[..., Markup]:
        kept = typed.key if isinstance(typed, Typed) else ""

        def draw(action: str, content: Markup, *, key: str = "", carried: object = None, **options: object) -> Markup:
            model = {
                "version": None,
                "classes": "",
                "id": "",
                "upload": False,
                "time_out": True,
                **options,
                "token": form_token(self._sealer, visit.session),
                "key": key or kept or str(new_id()),
                "carried": seal_answers(self._sealer, carried) if isinstance(carried, Mapping) else "",
                "staff": visit.session is not None,
            }
            html = self.env.get_template("kith/form.html").render(action=action, content=content, **model)
            return Markup(html)  # noqa: S704  # rendered by an environment that escapes

        return draw

    @staticmethod
    def _sees(item: MenuItem, visit: Visit) -> bool:
        return visit.actor is not None and visit.actor.may(*item.roles)

    def _menu(self, visit: Visit, path: str, todo: Mapping[str, int]) -> list[Link]:
        """The reader's links; of those that the page lies under, the closest is the current one."""
        seen = [item for item in self._service.menu if self._sees(item, visit)]
        above = [item.href for item in seen if path == item.href or path.startswith(f"{item.href}/")]
        current = max(above, key=len, default="")
        return [Link(item.label, item.href, item.href == current, todo.get(item.href, 0)) for item in seen]
