"""'Adding a kind' in docs/architecture.md: a package of its own and one registration are enough for everything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.foundation import kinds
from app.foundation.kinds import Kind, Text
from app.stories.kind import STORY

ROOT = Path(__file__).parents[2]


def test_a_new_kind_needs_nothing_but_its_package_and_one_registration(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "tests.throwaway_kind.journey", str(tmp_path)]
    journey = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (journey.returncode, journey.stdout.splitlines()[-1:]) == (0, ["done"]), journey.stderr


def test_kinds_are_registered_before_tables_are_built_from_them() -> None:
    late = Kind(**{**vars(STORY), "model": type("Late", (), {"kind": "late", "kinds": "late"})})
    with pytest.raises(RuntimeError, match="before the models of moderation"):
        kinds.register(late)
    with pytest.raises(ValueError, match="already"):
        kinds.register(Kind(**vars(STORY)))


def test_a_kind_has_a_body() -> None:
    with pytest.raises(ValueError, match="'body'"):
        Kind(**{**vars(STORY), "texts": (Text("title", "title"),)})
