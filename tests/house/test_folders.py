"""What is in a folder: few enough files to read at a glance, and names that say what a file is for."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST = 14
# Folders that hold more today. Take a folder out of this list when it has become small enough; add none.
STILL_LARGER = {"templates/components"}


def files_in_folders() -> Counter[str]:
    """How many files each folder of code, templates and tests holds, without those in folders below it."""
    files = [*(ROOT / "app").rglob("*.py"), *(ROOT / "templates").rglob("*.html"), *(ROOT / "tests").rglob("*.py")]
    return Counter(str(file.parent.relative_to(ROOT)) for file in files if file.name != "__init__.py")


def test_a_folder_has_at_most_fourteen_files() -> None:
    assert {folder for folder, number in files_in_folders().items() if number > MOST} <= STILL_LARGER


def test_every_file_of_views_is_called_views() -> None:
    """The import rules in pyproject.toml name `app.**.views`: they would overlook a file with another name."""
    packages = [file for file in (ROOT / "app").rglob("*.py") if "foundation" not in file.parts]
    with_routes = {file.name for file in packages if "Blueprint(" in file.read_text(encoding="utf-8")}

    assert with_routes == {"views.py"}
    assert [file for file in packages if file.stem.endswith("_views")] == []
