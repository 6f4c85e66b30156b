"""Every module and name that the documents refer to exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
DOCS = ROOT / "docs"
# `folder/module.py`, perhaps followed by names in it: (`First`, `Second`).
REFERENCE = re.compile(r"`([a-z_/]+\.py)`(?: \(((?:`\w+`(?:, )?)+)\))?")


def glossary_references() -> list[tuple[str, tuple[str, ...]]]:
    """Each module that the glossary names, with the names it lists from that module."""
    found = REFERENCE.findall((DOCS / "glossary.md").read_text(encoding="utf-8"))
    return [(module, tuple(re.findall(r"\w+", names))) for module, names in found]


def defined_in(module: Path) -> set[str]:
    """The functions, classes and constants at the top level of a module."""
    return set(names_of(ast.parse(module.read_text(encoding="utf-8")).body))


def names_of(body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield statement.name
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id
        elif isinstance(statement, ast.Assign):
            yield from (target.id for target in statement.targets if isinstance(target, ast.Name))


def test_every_module_and_name_in_the_glossary_exists() -> None:
    references = glossary_references()

    # The configuration is beside `app`, and everything else in it.
    missing = [module for module, _names in references if module != "config.py" and not (APP / module).is_file()]
    unknown = [
        f"{module}: {name}"
        for module, names in references
        if module not in missing
        for name in names
        if name not in defined_in(APP / module)
    ]

    assert len(references) > 80
    assert (missing, unknown) == ([], [])


@pytest.mark.parametrize("document", sorted(DOCS.rglob("*.md")), ids=lambda path: path.name)
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|toml|html|txt|md))`", document.read_text(encoding="utf-8"))

    assert [path for path in named if not (APP / path).exists() and not (ROOT / path).exists()] == []
