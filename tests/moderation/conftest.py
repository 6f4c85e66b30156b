"""Fixtures of the tests of moderation."""

from __future__ import annotations

import pytest
from flask import Flask

from app.foundation.access import Role
from tests.client import StrictClient
from tests.factories.people import logged_in


@pytest.fixture
def moderator(app: Flask) -> StrictClient:
    """The browser of somebody who may decide."""
    return logged_in(app, "marlow", Role.MODERATOR)
