"""Who may come in. Every route declares its access; one that does not stops the application from starting.

The declaration on the route is the first door. The verbs ask their policy again with `require`, because a view is not
the only way to a verb.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.foundation import database
from app.foundation.errors import Missing, NotAllowed

View = TypeVar("View", bound=Callable[..., Any])
Thing = TypeVar("Thing")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Role(enum.StrEnum):
    """What a person with an account may be. An administrator may do what every other role may."""

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
    """The declaration a route carries."""

    level: str
    role: Role | None = None

    def __str__(self) -> str:
        return f"{self.level}:{self.role}" if self.role else self.level


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        cast("Any", view).access = access
        return view

    return mark


def public(view: View) -> View:
    """Anybody, logged in or not."""
    return _declare(Access("public"))(view)


def member(view: View) -> View:
    """Anybody with an account; others are asked to log in."""
    return _declare(Access("member"))(view)


def staff(role: Role) -> Callable[[View], View]:
    """People of this role and administrators. Others are told that there is no such page."""
    return _declare(Access("staff", role))


def prepare(before_lock: Callable[..., Any]) -> Callable[[View], View]:
    """Run `before_lock` with the view's arguments before the write lock is taken; `g.prepared` keeps its answer.

    For what is slow and needs no transaction: hashing a password, rendering a text.
    """

    def mark(view: View) -> View:
        cast("Any", view).prepare = before_lock
        return view

    return mark


def require(allowed: bool, message: str = "") -> None:
    """Used by verbs: go on if the policy allows it, raise NotAllowed otherwise."""
    if not allowed:
        raise NotAllowed(message or "You may not do this.")


def or_404(thing: Thing | None) -> Thing:
    """The thing, or Missing: what may not be known of answers like what does not exist."""
    if thing is None:
        raise Missing
    return thing


def access_of(app: Flask, endpoint: str) -> Access | None:
    """The declaration of an endpoint; static files are public by nature."""
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
        slow = getattr(current_app.view_functions[request.endpoint], "prepare", None)
        if slow is not None:
            g.prepared = slow(**(request.view_args or {}))
        database.begin_writing()
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
    # Somebody pressed a button after the session ended: the page shows what they wrote.
    return abort(401)


def init_app(app: Flask) -> None:
    """Enforce the declarations on every request."""
    app.before_request(_enforce)


def check_declarations(app: Flask) -> None:
    """Raise RuntimeError if a route does not say who may come in. Called once all views are registered."""
    silent = sorted({rule.endpoint for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) is None})
    if silent:
        raise RuntimeError(f"routes without declared access: {', '.join(silent)}")
