"""How Kith says no: problem details (RFC 9457) for programs, a plain page for people."""

from collections.abc import Mapping


class Problem(Exception):
    """An answer that is not what was asked for, with words a person can act on.

    `fields` maps a field's name to its message, `kind` names the problem for programs ("open-referral"),
    `more` adds members to the problem details.
    """

    status = 400
    title = "There is a problem"

    def __init__(
        self,
        status: int | None = None,
        title: str = "",
        detail: str = "",
        *,
        fields: Mapping[str, str] | None = None,
        kind: str = "",
        more: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or title)
        self.status = status or self.status
        self.title = title or self.title
        self.detail = detail
        self.fields = dict(fields or {})
        self.kind = kind
        self.more = dict(more or {})

    def document(self) -> dict[str, object]:
        """The members of `application/problem+json`."""
        known: dict[str, object] = {
            "type": f"urn:kith:problem:{self.kind}" if self.kind else "about:blank",
            "title": self.title,
            "status": self.status,
        }
        extra = {"detail": self.detail, "fields": self.fields}
        return {**self.more, **known, **{name: value for name, value in extra.items() if value}}


class Unauthorised(Problem):
    """Nobody is logged in, or the token is not good."""

    status, title = 401, "Log in to see this"


class Forbidden(Problem):
    """The caller is known and may not."""

    status, title = 403, "You cannot see this"

    def __init__(self, detail: str = "", **more: str) -> None:
        super().__init__(detail=detail or "Ask your team lead if you need it for your work.", more=more)


class NotFound(Problem):
    """There is no such thing, as far as the caller may know."""

    status, title = 404, "Page not found"

    def __init__(self, detail: str = "", **more: str) -> None:
        super().__init__(detail=detail or "Check the reference or the address.", more=more)


class Conflict(Problem):
    """What was asked for does not fit what is saved by now."""

    status, title = 409, "Someone else changed this first"

    def __init__(self, detail: str = "", *, title: str = "", kind: str = "", **more: str) -> None:
        super().__init__(detail=detail, title=title, kind=kind, more=more)


class Invalid(Problem):
    """What was sent cannot be accepted; `fields` says where and why."""

    status, title = 422, "There is a problem"

    def __init__(self, detail: str = "", *, fields: Mapping[str, str] | None = None, kind: str = "") -> None:
        super().__init__(detail=detail, fields=fields, kind=kind)


class Away(Problem):
    """Something that Kith stands on does not answer at the moment."""

    status, title = 503, "Kith cannot do this at the moment"


class Backlog(Away):
    """What was saved before has waited too long to be passed on, so that nothing more is taken in until it is."""

    title = "Sorry, Kith cannot save anything at the moment"

    def __init__(self) -> None:
        super().__init__(detail="It was not saved: what was saved before has to be passed on first.", kind="backlogged")
