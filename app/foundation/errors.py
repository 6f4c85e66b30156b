"""Refusals a verb may raise, and the answer each of them becomes."""

from __future__ import annotations


class DomainError(Exception):
    """A refusal with a message for the person. The request is rolled back."""

    status = 422

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Refused(DomainError):
    """The input cannot be accepted; `field` names the form field at fault, if one is. 422."""


class Conflict(DomainError):
    """Somebody was faster, or the thing changed since it was read. 409."""

    status = 409


class Missing(DomainError):
    """No such thing, or none that this person may know of; the two answer alike. 404."""

    status = 404

    def __init__(self, message: str = "") -> None:
        super().__init__(message)


class Removed(DomainError):
    """It was here and is gone for good; the page says so. 410."""

    status = 410


class NotAllowed(DomainError):
    """The person is known and may see the thing, but not do this. 403."""

    status = 403
