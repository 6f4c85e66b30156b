"""Template filters and globals, mostly for dates and numbers in the reader's locale."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

from flask import Flask, g
from flask_babel import format_date, format_decimal, format_percent, format_time, get_locale, gettext, ngettext
from flask_login import current_user

from app.foundation import clock
from app.foundation.text import markup


def longdate(moment: date | datetime) -> str:
    """Format a day: '14 March 2026'."""
    return str(format_date(moment, "long"))


def isodate(moment: date | datetime) -> str:
    """Format a moment or a day for the `datetime` attribute of <time>: ISO 8601."""
    return moment.isoformat(timespec="seconds") if isinstance(moment, datetime) else moment.isoformat()


def date_and_time(moment: datetime) -> str:
    """Format a moment to the minute: '14 March 2026, 09:05'."""
    return f"{format_date(moment, 'long')}, {format_time(moment, 'HH:mm')}"


def time_since(since: datetime) -> str:
    """Format the time since a moment in its largest unit: '3 hours'."""
    minutes = (clock.now() - since) // timedelta(minutes=1)
    return _in_largest_unit(minutes) if minutes >= 1 else str(gettext("less than a minute"))


def rounded_up(time: timedelta) -> str:
    """Format a duration for 'within …', rounded up in its largest unit: '7 hours' for anything over six."""
    minutes = max(1, math.ceil(time / timedelta(minutes=1)))
    unit = 1 if minutes <= 60 else 60 if minutes < 48 * 60 else 24 * 60
    return _in_largest_unit(unit * math.ceil(minutes / unit))


def _in_largest_unit(minutes: int) -> str:
    if minutes < 60:
        return str(ngettext("%(num)d minute", "%(num)d minutes", minutes))
    if minutes < 48 * 60:
        return str(ngettext("%(num)d hour", "%(num)d hours", minutes // 60))
    return str(ngettext("%(num)d day", "%(num)d days", minutes // (24 * 60)))


def percent(share: float) -> str:
    """Format a share from 0 to 1: '79%'."""
    return str(format_percent(share))


def number(count: int) -> str:
    """Format a number with separators: '12,300'."""
    return str(format_decimal(count))


def excerpt(html: str, length: int = 200) -> str:
    """Return the beginning of a rendered text, without its markup, in at most `length` characters."""
    return markup.excerpt(markup.plain(html), length)


def note_invented() -> str:
    """Called by a template that shows something invented, so that the page says so at its top. Returns no text."""
    g.shows_invented = True
    return ""


def shows_invented() -> bool:
    """Whether something invented is on the page, as far as it has been drawn."""
    return bool(g.get("shows_invented"))


def init_app(app: Flask) -> None:
    """Make the filters and globals available in templates."""
    app.jinja_env.filters |= {
        "longdate": longdate,
        "isodate": isodate,
        "date_and_time": date_and_time,
        "time_since": time_since,
        "rounded_up": rounded_up,
        "excerpt": excerpt,
        "percent": percent,
        "number": number,
    }
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["site_name"] = app.config["SITE_NAME"]
    app.jinja_env.globals["current_user"] = current_user
    app.jinja_env.globals["note_invented"] = note_invented
    app.jinja_env.globals["shows_invented"] = shows_invented
    # The scripts of a page format times and numbers by the language of the page.
    app.jinja_env.globals["get_locale"] = get_locale
