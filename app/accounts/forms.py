"""Forms for coming in."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import lazy_gettext as _
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from app.accounts import passwords, registration, usernames
from app.foundation.errors import Refused
from app.foundation.web.forms import Form


class RegistrationForm(Form):
    """Create account."""

    username = StringField(
        _("User name"), [InputRequired(_("Please choose a user name.")), Length(max=100)], id="username"
    )
    email = EmailField(_("Email"), [InputRequired(_("Please give your e-mail address.")), Length(max=254)], id="email")
    password = PasswordField(
        _("Password"),
        [InputRequired(_("Please choose a password.")), Length(max=passwords.LONGEST)],
        id="password",
    )
    next = HiddenField()

    def validate_username(self, field: StringField) -> None:
        """A name that can be used."""
        _as_error(lambda: usernames.check(field.data or ""))

    def validate_email(self, field: EmailField) -> None:
        """An address that mail could reach."""
        _as_error(lambda: registration.check_email(field.data or ""))

    def validate_password(self, field: PasswordField) -> None:
        """A password that is not easily guessed."""
        known = (self.username.data or "", self.email.data or "")
        _as_error(lambda: passwords.check_strength(field.data or "", *known))


def _as_error(check: Callable[[], object]) -> None:
    try:
        check()
    except Refused as error:
        raise ValidationError(error.message) from None


class LoginForm(Form):
    """Log in."""

    username = StringField(
        _("User name"), [InputRequired(_("Please give your user name.")), Length(max=254)], id="username"
    )
    password = PasswordField(
        _("Password"),
        [InputRequired(_("Please give your password.")), Length(max=passwords.LONGEST)],
        id="password",
    )
    next = HiddenField()
