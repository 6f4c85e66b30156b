"""The comparison of the demonstration: what is written once, that nothing is left open, and where it comes from."""

from __future__ import annotations

import msgspec
import pytest

from app.demonstration import content
from app.demonstration.entries import CellTable, ComparisonTable

MAX_WORDS = 25
# What a reader asks of every treatment. The rows with figures of single studies are for those that have them.
ASKED = ("how", "who", "long", "well", "back", "feel", "scars", "pregnancy", "prescription", "cost")
# A cell without a source says that there is none.
WITHOUT_SOURCE = ("We found no", "We found nothing", "Not part of this trial", "Fluorouracil cream alone: we found no")


@pytest.fixture(scope="module")
def comparison() -> ComparisonTable:
    (article,) = (each for each in content.read(content.FOLDER).articles if each.comparison)
    assert article.comparison is not None
    return article.comparison


@pytest.fixture(scope="module")
def cells(comparison: ComparisonTable) -> dict[tuple[str, str, str], CellTable]:
    expanded = comparison.expanded_cells()
    found = {(cell.condition, cell.option, cell.criterion): cell for cell in expanded}
    assert len(found) == len(expanded)
    return found


def test_a_cell_without_condition_stands_wherever_its_option_does(cells: dict[tuple[str, str, str], CellTable]) -> None:
    texts = {
        cells[condition, "cryotherapy", "how"].text
        for condition in ("actinic-keratosis", "warts", "basal-cell-carcinoma")
    }

    assert len(texts) == 1


def test_a_cell_without_condition_brings_no_option_where_it_has_no_other(comparison: ComparisonTable) -> None:
    shared = CellTable(option="diphencyprone", criterion="well3", text="A cell for every condition.")
    with_it = msgspec.structs.replace(comparison, cells=(*comparison.cells, shared))

    found = [cell.condition for cell in with_it.expanded_cells() if cell.text == shared.text]

    assert found == ["warts"]


def test_a_condition_of_its_own_goes_before_what_is_shared(cells: dict[tuple[str, str, str], CellTable]) -> None:
    assert cells["actinic-keratosis", "cryotherapy", "pregnancy"].reference == "pregnancy-freezing"
    assert cells["basal-cell-carcinoma", "cryotherapy", "pregnancy"].text == "We found nothing on this."


def test_every_question_is_answered_for_every_treatment(
    comparison: ComparisonTable, cells: dict[tuple[str, str, str], CellTable]
) -> None:
    columns = {(condition, option) for condition, option, _ in cells}

    assert {condition for condition, _ in columns} == set(comparison.conditions)
    assert {option for _, option in columns} == set(comparison.options)
    assert [(*column, asked) for column in columns for asked in ASKED if (*column, asked) not in cells] == []


def test_every_cell_says_what_it_rests_on(comparison: ComparisonTable) -> None:
    bare = [cell for cell in comparison.cells if not (cell.evidence and cell.reference)]

    assert [cell.text for cell in bare if cell.figure or not cell.text.startswith(WITHOUT_SOURCE)] == []


def test_cells_are_short_enough_for_a_phone(comparison: ComparisonTable) -> None:
    long = [cell.text for cell in comparison.cells if len(f"{cell.figure} {cell.text}".split()) > MAX_WORDS]

    assert long == []


def test_every_reference_is_used(comparison: ComparisonTable) -> None:
    assert {reference.key for reference in comparison.references} == {
        cell.reference for cell in comparison.cells if cell.reference
    }
