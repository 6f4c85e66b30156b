"""The exceptions that domain functions raise, with the HTTP status of the page each of them becomes."""

from __future__ import annotations

from flask_babel import LazyString


class DomainError(Exception):
    """Base class: the request is refused and rolled back, and the person sees `message`. `field` names a form field."""

    status = 422

    def __init__(self, message: str | LazyString, field: str | None = None) -> None:
        self.message = str(message)
        super().__init__(self.message)
        self.field = field


class Refused(DomainError):
    """422: the input cannot be accepted. `field` names the form field with the mistake, if there is one."""


class Conflict(DomainError):
    """409: somebody else was faster, or the object has changed since the person read it."""

    status = 409


class Busy(DomainError):
    """503: too many people ask for the same at the same moment. It may work a few seconds later."""

    status = 503


class Missing(DomainError):
    """404: it does not exist, or this person may not know that it does. The two give the same answer."""

    status = 404

    def __init__(self, message: str | LazyString = "") -> None:
        super().__init__(message)


class Removed(DomainError):
    """410: it was public once and has been withdrawn, erased or removed. The page says so."""

    status = 410


class NotAllowed(DomainError):
    """403: the person may see the object but may not do this to it."""

    status = 403
