"""Who may use which route. Every route declares its access; the application does not start if one does not.

The declaration on the route is the first check. Domain functions check their policy again with `require`, because a
view is not the only way to call them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.foundation import database
from app.foundation.errors import Missing, NotAllowed

View = TypeVar("View", bound=Callable[..., object])
Thing = TypeVar("Thing")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Role(enum.StrEnum):
    """The role of a person with an account. Administrators may do everything that the other roles may do."""

    MEMBER = "member"
    MODERATOR = "moderator"
    EDITOR = "editor"
    ADMIN = "admin"


class Actor(Protocol):
    """Whoever asks for something: a person, or Flask-Login's `current_user`, who may be nobody.

    Only `is_authenticated` may be read of somebody who is not logged in; policies ask it first.
    """

    @property
    def id(self) -> int:
        """The id of the person."""

    @property
    def is_authenticated(self) -> bool:
        """Whether it is a person who is logged in."""

    @property
    def is_moderator(self) -> bool:
        """Whether they may decide on what others wrote; False while they are suspended."""

    @property
    def is_suspended(self) -> bool:
        """Whether they may send nothing for now."""

    @property
    def warned_at(self) -> datetime | None:
        """Since when a warning has been waiting to be read; until then they may send nothing."""

    def has_role(self, role: Role) -> bool:
        """Whether they have this role, or are administrators; False while they are suspended."""


@dataclass(frozen=True)
class Access:
    """The access declaration of a route: its level ('public', 'member' or 'staff') and, for staff, the role."""

    level: str
    role: Role | None = None

    def __str__(self) -> str:
        return f"{self.level}:{self.role}" if self.role else self.level


def _declare(access: Access) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        cast("Any", view).access = access
        return view

    return decorate


def public(view: View) -> View:
    """Decorator for a view that anybody may use, logged in or not."""
    return _declare(Access("public"))(view)


def member(view: View) -> View:
    """Decorator for a view that anybody with an account may use. Others are asked to log in."""
    return _declare(Access("member"))(view)


def staff(role: Role) -> Callable[[View], View]:
    """Decorator for a view that only people with this role and administrators may use.

    Visitors who are not logged in are asked to log in; everybody else gets 404, as for a page that does not exist.
    """
    return _declare(Access("staff", role))


def prepare(before_lock: Callable[..., object]) -> Callable[[View], View]:
    """Decorator for a view: call `before_lock` with the view's arguments before the write lock is taken.

    For slow work that needs no transaction, such as hashing a password or rendering a text. The result is stored in
    `g.prepared`.
    """

    def decorate(view: View) -> View:
        cast("Any", view).prepare = before_lock
        return view

    return decorate


def require(allowed: bool, message: str = "") -> None:
    """Raise NotAllowed with `message` unless `allowed`. Domain functions call this with the answer of their policy."""
    if not allowed:
        raise NotAllowed(message or _("You don’t have permission to do this."))


def or_404(thing: Thing | None) -> Thing:
    """Return `thing`, or raise Missing if it is None. What a person may not know of answers as if it did not exist."""
    if thing is None:
        raise Missing
    return thing


def _is_staff_page() -> bool:
    """Whether the page being drawn is one for staff, drawn for them: to others it has to look like a missing one."""
    declared = access_of(current_app, request.endpoint) if request.endpoint else None
    if declared is None or declared.role is None or not current_user.is_authenticated:
        return False
    return bool(current_user.has_role(declared.role))


def access_of(app: Flask, endpoint: str) -> Access | None:
    """The access declaration of an endpoint, or None if it has none. Static files are always public."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return Access("public")
    return getattr(app.view_functions[endpoint], "access", None)


def _enforce() -> ResponseReturnValue | None:
    g.prepared = None
    if request.endpoint is None:
        return None
    access = access_of(current_app, request.endpoint)
    if access is None:
        abort(404)
    if request.method not in SAFE_METHODS:
        prepare_view = getattr(current_app.view_functions[request.endpoint], "prepare", None)
        if prepare_view is not None:
            refusal = _refusal(access)
            if refusal is not None:
                return refusal
            # Read again under the lock: much can happen while a text is rendered.
            g.pop("_login_user", None)
            g.prepared = prepare_view(**(request.view_args or {}))
        database.begin_writing()
    return _refusal(access)


def _refusal(access: Access) -> ResponseReturnValue | None:
    """What somebody gets who may not use a route; None for those who may. Raises Missing where it is for staff."""
    if access.level == "public":
        return None
    if not current_user.is_authenticated:
        return _ask_to_log_in()
    if access.role is not None and not current_user.has_role(access.role):
        raise Missing
    return None


def _ask_to_log_in() -> ResponseReturnValue:
    if request.method in SAFE_METHODS:
        return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")))
    # Somebody submitted a form after their session had ended: the page shows them what they wrote.
    return abort(401)


def init_app(app: Flask) -> None:
    """Check the access declaration before every request."""
    app.jinja_env.globals["is_staff_page"] = _is_staff_page
    app.before_request(_enforce)


def check_declarations(app: Flask) -> None:
    """Raise RuntimeError if a route has no access declaration. Called once all views are registered."""
    undeclared = sorted({rule.endpoint for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) is None})
    if undeclared:
        raise RuntimeError(f"routes without declared access: {', '.join(undeclared)}")
