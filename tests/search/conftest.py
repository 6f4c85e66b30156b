"""Fixtures of the tests of search."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.ctx import AppContext

from tests.statements import counted


@pytest.fixture
def statements(context: AppContext) -> Iterator[list[str]]:
    """The statements that are sent to the database from here on."""
    with counted(context.app) as sent:
        yield sent
