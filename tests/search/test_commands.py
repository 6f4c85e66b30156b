"""`flask search ...`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.ctx import AppContext
from flask.testing import FlaskCliRunner

from app.search.index.registry import engine
from app.topics.models import TopicKind
from tests.factories.pages import a_topic
from tests.factories.stories import a_published_story
from tests.search.searching import committed_and_indexed, found_titles

FILLER = "It was a long year and we tried one thing after the other until the summer came."


@pytest.fixture
def runner(context: AppContext, app: Flask) -> FlaskCliRunner:
    """A shell, on a site with two stories."""
    with committed_and_indexed():
        treatment = a_topic("Diphencyprone", TopicKind.TREATMENT, "DPCP")
        a_published_story(title="Filed", body=FILLER, treatments=[treatment])
        a_published_story(title="Said", body=f"They called it DPCP. {FILLER}")
    return app.test_cli_runner()


def test_rebuild(runner: FlaskCliRunner, app: Flask) -> None:
    shutil.rmtree(app.config["SALVE_DATA"] / "search")
    result = runner.invoke(args=["search", "rebuild"])
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "2 documents indexed.")
    assert found_titles("summer") != []


def test_verify(runner: FlaskCliRunner) -> None:
    assert runner.invoke(args=["search", "verify"]).exit_code == 0
    engine().update([], ["story:1"])
    result = runner.invoke(args=["search", "verify"])
    assert result.exit_code == 1
    assert "missing: 1 story:1" in result.output
    assert "Error: The index differs from the database." in result.output
    result = runner.invoke(args=["search", "verify", "--repair"])
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "1 repaired.")
    assert runner.invoke(args=["search", "verify"]).exit_code == 0


def test_verify_without_an_index(runner: FlaskCliRunner, app: Flask) -> None:
    shutil.rmtree(app.config["SALVE_DATA"] / "search")
    result = runner.invoke(args=["search", "verify"])
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith("Error: there is no search index.")
    assert runner.invoke(args=["search", "verify", "--repair"]).exit_code == 0
    assert runner.invoke(args=["search", "verify"]).exit_code == 0


def test_query(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["search", "query", "DPCP"])
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "Includes Diphencyprone, also called DPCP.",
        "   1  story    Said  /stories/2/said",
        "   2  story    Filed  /stories/1/filed",
        "2 found, page 1 of 1.",
    ]


def test_query_with_filters(runner: FlaskCliRunner) -> None:
    filtered = runner.invoke(args=["search", "query", "summer", "--kind", "story", "--treatment", "diphencyprone"])
    assert [line.split()[2] for line in filtered.output.splitlines()[:-1]] == ["Filed"]
    unknown = runner.invoke(args=["search", "query", "summer", "--condition", "nothing"])
    assert (unknown.exit_code, unknown.output) == (1, "Error: There is no nothing to filter by.\n")


def test_query_without_an_index(runner: FlaskCliRunner, app: Flask) -> None:
    shutil.rmtree(app.config["SALVE_DATA"] / "search")
    result = runner.invoke(args=["search", "query", "DPCP"])
    assert result.exit_code == 1
    assert result.output == "Error: there is no search index. 'flask search rebuild' builds it anew.\n"


def test_a_rebuild_that_cannot_write_says_so_in_one_line(
    runner: FlaskCliRunner, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.search.whoosh.writing.build", full)
    result = runner.invoke(args=["search", "rebuild"])
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith("Error: The index was not built, the old one stays: ")
    assert found_titles("summer") != []
