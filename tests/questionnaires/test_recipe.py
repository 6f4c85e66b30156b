"""'Adding a field' in docs/architecture.md: one declaration and a migration are enough for everything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("app", "templates", "migrations", "static", "tests", "config.py", "wsgi.py")
# The declaration uses an enumeration of answers that the questions about treatments have too.
IMPORT = "from app.stories.answers import About, "
BEFORE = "    body_place: Mapped[str] = question_column("
DECLARATION = """    told_friends: Mapped[Again | None] = question_column(
        OneOf(label=_("Did you tell your friends?"), step="what", answers=Again, is_exposed=True)
    )
"""


def test_a_new_field_needs_one_declaration_and_a_migration(tmp_path: Path, migrated_sqlite: Path) -> None:
    project = tmp_path / "project"
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        project.mkdir(exist_ok=True)
        copy(ROOT / name, project / name)
    questions = project / "app" / "stories" / "questions.py"
    imports, before = questions.read_text(encoding="utf-8").split(IMPORT)
    before, after = before.split(BEFORE)
    questions.write_text(imports + IMPORT + "Again, " + before + DECLARATION + BEFORE + after, encoding="utf-8")

    (tmp_path / "old").mkdir()
    shutil.copyfile(migrated_sqlite, tmp_path / "old" / "salve.sqlite3")
    run(project, tmp_path / "old", "flask", "--app", "wsgi", "db", "migrate", "-m", "tell friends")
    said = run(project, tmp_path / "new", "tests.questionnaires.journey", str(tmp_path / "new"))

    assert said.splitlines()[-1:] == ["done"]


def run(project: Path, data: Path, *module: str) -> str:
    """What a module prints that is run in a copy of the project."""
    environment = {**os.environ, "SALVE_DATA": str(data), "SALVE_ENV": "development"}
    environment.pop("SALVE_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", *module],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
