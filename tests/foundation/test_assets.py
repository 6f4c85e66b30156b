"""Style sheets and scripts as they are sent."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask


def address_of(app: Flask, name: str) -> str:
    with app.test_request_context():
        return app.jinja_env.globals["asset"](name)


@pytest.mark.parametrize("name", ["main.css", "main.js"])
def test_an_asset_is_sent_compressed_to_whoever_takes_it(app: Flask, name: str) -> None:
    client, address = app.test_client(), address_of(app, name)
    plain = client.get(address, buffered=True)
    packed = client.get(address, headers={"Accept-Encoding": "br, gzip"}, buffered=True)

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data)
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert answer.content_length == len(answer.data)


def test_whoever_refuses_gzip_gets_none(app: Flask) -> None:
    answer = app.test_client().get(address_of(app, "main.css"), headers={"Accept-Encoding": "gzip;q=0"}, buffered=True)
    assert "Content-Encoding" not in answer.headers
