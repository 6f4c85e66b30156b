"""The forms for creating an account and for logging in."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import lazy_gettext as _
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from app.accounts import passwords, registration, usernames
from app.foundation.errors import Refused
from app.foundation.web.forms import Form


def _at_most(length: int) -> Length:
    return Length(max=length, message=_("Use %(max)d characters or fewer"))


class RegistrationForm(Form):
    """The form for a new account."""

    username = StringField(_("User name"), [InputRequired(_("Choose a user name")), _at_most(100)], id="username")
    email = EmailField(_("Email"), [InputRequired(_("Enter your email address")), _at_most(254)], id="email")
    password = PasswordField(
        _("Password"),
        [InputRequired(_("Choose a password")), _at_most(passwords.MAX_LENGTH)],
        id="password",
    )
    next = HiddenField()

    def validate_username(self, field: StringField) -> None:
        """Check that the user name is acceptable."""
        _as_error(lambda: usernames.check(field.data or ""))

    def validate_email(self, field: EmailField) -> None:
        """Check that the e-mail address is valid."""
        _as_error(lambda: registration.check_email(field.data or ""))

    def validate_password(self, field: PasswordField) -> None:
        """Check that the password is not easily guessed."""
        known = (self.username.data or "", self.email.data or "")
        _as_error(lambda: passwords.check_strength(field.data or "", *known))


def _as_error(check: Callable[[], object]) -> None:
    try:
        check()
    except Refused as error:
        raise ValidationError(error.message) from None


class LoginForm(Form):
    """The form for logging in."""

    username = StringField(_("User name"), [InputRequired(_("Enter your user name")), _at_most(254)], id="username")
    password = PasswordField(
        _("Password"),
        [InputRequired(_("Enter your password")), _at_most(passwords.MAX_LENGTH)],
        id="password",
    )
    next = HiddenField()
