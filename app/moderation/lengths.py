"""The validator for texts with a limit, with a message that names it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms.validators import Length


def at_most(characters: int) -> Length:
    """Accept up to this many characters."""
    return Length(max=characters, message=_("Use up to %(most)s characters.", most=f"{characters:,}"))
