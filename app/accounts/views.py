"""Registration, log-in and log-out, and the pages of the person who is logged in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import passwords, registration, sessions
from app.accounts.forms import LoginForm, RegistrationForm
from app.accounts.models import Person
from app.foundation import clock, database
from app.foundation import kinds as registry
from app.foundation.access import member, prepare, public
from app.foundation.contributions import authorship, erasure, erasure_requests
from app.foundation.contributions.models import Contribution
from app.foundation.contributions.publication import latest_of
from app.foundation.database import db
from app.foundation.errors import Refused
from app.foundation.web import formatting, forms, keyset
from app.foundation.web.forms import Form
from app.foundation.web.pagination import URLArguments
from app.notifications import notices, submissions

AnyForm = TypeVar("AnyForm", bound=Form)

bp = Blueprint("accounts", __name__)

OWN_CONTRIBUTION = f"/account/contributions/{registry.url_rule()}/<int:contribution_id>"


@bp.app_context_processor
def _unread_notices() -> dict[str, int]:
    return {"unread_notices": notices.count_unseen(current_user) if current_user.is_authenticated else 0}


def safe_next(target: str | None) -> str:
    """Return the address to go to after logging in: a path on this site, or the front page."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target:
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc and target.isprintable():
            return target
    return url_for("home.front")


def _hash_if_valid() -> str | None:
    form = RegistrationForm()
    return passwords.make_hash(form.password.data or "") if form.validate() else None


@bp.get("/register")
@public
def register() -> ResponseReturnValue:
    """The form for a new account."""
    return _form_for_visitors(RegistrationForm, _registration_page)


@bp.post("/register")
@public
@prepare(_hash_if_valid)
def create() -> ResponseReturnValue:
    """Create the account and log in."""
    form = RegistrationForm()
    if not form.validate_on_submit() or g.prepared is None:
        database.roll_back()
        return _registration_page(form), 422
    try:
        person = registration.create_account(form.username.data or "", form.email.data or "", g.prepared)
    except Refused as error:
        forms.refuse(form, error)
        return _registration_page(form), 422
    sessions.log_in(person)
    flash(_("Welcome, %(name)s. Your account is ready.", name=person.display_name), "success")
    return redirect(safe_next(form.next.data))


def _form_for_visitors(form: type[AnyForm], page: Callable[[AnyForm], str]) -> ResponseReturnValue:
    """An empty form that leads on to `next` of the address; whoever is logged in goes there at once."""
    target = request.args.get("next")
    if current_user.is_authenticated:
        return redirect(safe_next(target))
    return page(form(data={"next": target or ""}))


def _registration_page(form: RegistrationForm) -> str:
    return render_template("accounts/register.html", form=form, errors=forms.all_errors(form))


def _check_credentials() -> tuple[int, str] | None:
    form = LoginForm()
    if not form.validate():
        return None
    return sessions.check_credentials(form.username.data or "", form.password.data or "")


@bp.get("/login")
@public
def login() -> ResponseReturnValue:
    """The form for logging in."""
    return _form_for_visitors(LoginForm, _login_page)


@bp.post("/login")
@public
@prepare(_check_credentials)
def log_in() -> ResponseReturnValue:
    """Log in. Gives the same answer whether the account does not exist or the password is wrong."""
    form = LoginForm()
    valid = form.validate_on_submit()
    # The password was checked before the lock; the hash shows whether it has been changed since.
    person = db.session.get(Person, g.prepared[0]) if g.prepared else None
    if not valid or person is None or not person.is_active or person.password_hash != g.prepared[1]:
        database.roll_back()
        if valid:
            form.form_errors.append(_("That user name or password isn’t right. Try again."))
        return _login_page(form), 422
    sessions.log_in(person)
    return redirect(safe_next(form.next.data))


def _login_page(form: LoginForm) -> str:
    return render_template("accounts/login.html", form=form, errors=forms.all_errors(form))


@bp.post("/logout")
@public
def logout() -> ResponseReturnValue:
    """End this session."""
    sessions.log_out(current_user)
    flash(_("You’ve logged out."), "success")
    return redirect(url_for("home.front"))


@bp.get("/account/contributions")
@member
def contributions() -> ResponseReturnValue:
    """The status of everything that this person submitted, a page at a time."""
    return render_template(
        "accounts/contributions.html",
        submissions=submissions.submissions_of(current_user),
        mark_seen_url=url_for("accounts.mark_seen", **_page_arguments()),
    )


@bp.post("/account/contributions/seen")
@member
def mark_seen() -> ResponseReturnValue:
    """Mark the notices shown on a page as read: those named in the form, or all of them if it names none."""
    notices.mark_seen(current_user, _posted_notice_ids())
    return redirect(url_for("accounts.contributions", **_page_arguments()))


def _page_arguments() -> URLArguments:
    """The arguments of the address that say which page of the list it is."""
    return {name: request.args[name] for name in keyset.ARGUMENTS if name in request.args}


def _posted_notice_ids() -> list[int] | None:
    if "notice" not in request.form:
        return None
    return [
        int(text) for text in request.form.getlist("notice") if text.isascii() and text.isdecimal() and len(text) < 10
    ]


@bp.get(f"{OWN_CONTRIBUTION}/erase")
@member
def confirm_erase(kinds: str, contribution_id: int) -> ResponseReturnValue:
    """Ask for confirmation, saying what erasing does and when."""
    thing = _own_contribution(kinds, contribution_id)
    if erasure_requests.is_requested(thing):
        return redirect(url_for("accounts.contributions"))
    return render_template(
        "accounts/erase.html",
        thing=thing,
        labels=registry.of(thing).labels,
        latest=latest_of(thing),
        due_at=clock.now() + erasure.grace_period(),
    )


@bp.post(f"{OWN_CONTRIBUTION}/erase")
@member
def erase(kinds: str, contribution_id: int) -> ResponseReturnValue:
    """Request that one's own contribution be erased for good."""
    erasure_request = erasure.request(current_user, _own_contribution(kinds, contribution_id))
    if not erasure_request.is_done:
        message = _(
            "No one else can read it now. It will be deleted on %(date)s. You can change your mind here until then.",
            date=formatting.longdate(erasure_request.due_at),
        )
        flash(message, "success")
    return redirect(url_for("accounts.contributions"))


@bp.post(f"{OWN_CONTRIBUTION}/keep")
@member
def cancel_erasure(kinds: str, contribution_id: int) -> ResponseReturnValue:
    """Cancel the erasure of one's own contribution."""
    erasure.cancel(current_user, _own_contribution(kinds, contribution_id))
    flash(_("It won’t be deleted. No one else can read it unless you send it again."), "success")
    return redirect(url_for("accounts.contributions"))


def _own_contribution(kinds: str, contribution_id: int) -> Contribution:
    model: type[Contribution] = registry.by_plural(kinds).model
    return authorship.own(current_user, model, contribution_id)
