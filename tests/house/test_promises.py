"""Promises about the code as a whole, checked against the source files themselves."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from flask import Flask
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
CODE = sorted((ROOT / "app").rglob("*.py"))


def files_with(pattern: str) -> set[str]:
    return {str(file.relative_to(ROOT)) for file in CODE if re.search(pattern, file.read_text(encoding="utf-8"))}


def test_there_is_one_place_that_commits() -> None:
    assert files_with(r"\.commit\(") == {"app/foundation/database.py"}


def test_there_is_one_maker_of_markup() -> None:
    assert files_with(r"\bMarkup\(") == {"app/foundation/text/markup.py"}
    unsafe = [file for file in (ROOT / "templates").rglob("*.html") if re.search(r"\|\s*safe\b", file.read_text())]
    assert unsafe == []


def test_only_the_configuration_reads_the_environment() -> None:
    assert files_with(r"os\.environ|getenv") == set()


def test_every_setting_is_documented() -> None:
    read = set(re.findall(r'"((?:SALVE_[A-Z_]+)|PORT|HOST)"', (ROOT / "config.py").read_text(encoding="utf-8")))
    documented = set(
        re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/settings.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert read == documented


def test_every_package_is_in_the_table_of_packages() -> None:
    packages = {str(file.parent.relative_to(ROOT / "app")) for file in (ROOT / "app").rglob("*/__init__.py")}
    listed = set(
        re.findall(r"^\| `([a-z_/]+)/`", (ROOT / "docs/architecture.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert packages == listed


def test_the_modules_and_layers_of_the_architecture_page_are_those_of_the_code() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_/]+)/` \|.*\| ((?:`[a-z_]+` ?)+)\|$", page, re.MULTILINE)
    drawn = re.search(r"## Layers\n\n```\n(.*?)```", page, re.DOTALL)
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]

    missing = [
        f"{package}/{module}"
        for package, modules in rows
        for module in re.findall(r"\w+", modules)
        if not (ROOT / "app" / package / f"{module}.py").is_file()
    ]

    assert len(rows) > 30
    assert missing == []
    assert drawn is not None
    # What follows a layer after two spaces or more explains it.
    assert [line.split("  ")[0] for line in drawn[1].splitlines()] == layers


def test_lower_layers_never_import_upward() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_every_make_target_that_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for document in documents:
        named = set(re.findall(r"`make ([a-z-]+)", document.read_text(encoding="utf-8")))
        assert named <= targets, document


def test_pages_say_their_language(app: Flask) -> None:
    # Scripts write times and numbers by it, and screen readers read by it.
    with app.test_client() as client:
        assert '<html lang="en-GB">' in client.get("/about").text
