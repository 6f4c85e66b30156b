"""Fixture: the browser of a member who can write a story."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.client import StrictClient
from tests.factories.people import logged_in
from tests.stories.story_form import create_vocabulary


@pytest.fixture
def writer(app: Flask) -> StrictClient:
    """The browser of a member, on a site with the topics that `story_form` names."""
    create_vocabulary(app)
    return logged_in(app, "quietfern")
