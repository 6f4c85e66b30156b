"""A reviewed list of every route with its access. Losing or adding an address is a decision."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Blueprint, Flask

from app.foundation import access

ROUTES = Path(__file__).with_name("routes.txt")


def listed(app: Flask) -> list[str]:
    return sorted(
        f"{' '.join(sorted(rule.methods - {'HEAD', 'OPTIONS'}))} {rule.rule}  {access.access_of(app, rule.endpoint)}"
        for rule in app.url_map.iter_rules()
    )


def test_the_routes_are_those_of_the_reviewed_list(app: Flask) -> None:
    # To accept a change: read the difference, then write the new list with
    # `python -m tests.house.test_routes > tests/house/routes.txt`.
    assert listed(app) == ROUTES.read_text(encoding="utf-8").splitlines()


def test_a_route_that_does_not_declare_its_access_stops_the_application(new_app: Flask) -> None:
    careless = Blueprint("careless", __name__)
    careless.add_url_rule("/careless", view_func=lambda: "hello", endpoint="view")
    new_app.register_blueprint(careless)
    with pytest.raises(RuntimeError, match=r"careless\.view"):
        access.check_declarations(new_app)
    assert new_app.test_client().get("/careless").status_code == 404


def test_every_unsafe_route_has_a_csrf_check(app: Flask) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods:
            values = {
                name: "story" if name == "kind" else "stories" if name == "kinds" else 1 for name in rule.arguments
            }
            with app.test_request_context():
                address = app.url_for(rule.endpoint, **values)
            assert client.post(address).status_code == 400, address


if __name__ == "__main__":
    from app.factory import create_app
    from config import Testing

    print("\n".join(listed(create_app(Testing()))))
