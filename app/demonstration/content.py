"""Reading the content files. Everything slow (parsing, rendering) happens here, before any transaction.

`content/` holds one file for each topic page, article and comparison, and one each for the vocabulary, for the stories,
for their follow-ups and for the comments. What it says is in `entries`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from app.demonstration import contributions, pages
from app.demonstration.entries import Content
from app.demonstration.facts import ContentError, Facts, Keys, whole
from app.foundation.text import frontmatter

FOLDER = Path(__file__).parent / "content"


def read(folder: Path, *, before: datetime | None = None) -> Content:
    """Everything that the files in a folder say. Raises ContentError for the first mistake.

    All of it has happened `before` this moment: on a machine whose clock is behind the files, every date moves back by
    the same number of days. Otherwise the site would wait for its own past: what is due is due by its date.
    """
    content = _read(folder, timedelta())
    if before is not None and content.last_moment >= before:
        late = content.last_moment - before
        content = _read(folder, -timedelta(days=late.days + 1))
    return content


def _read(folder: Path, shift: timedelta) -> Content:
    def files(pattern: str) -> list[Facts]:
        found = sorted(folder.glob(pattern))
        if not found:
            raise ContentError(f"{folder / pattern}: there is no such file")
        return [Facts(_parsed(path, folder), str(path.relative_to(folder)), shift) for path in found]

    topics, guides, comparisons = files("topics/*.md"), files("articles/*.md"), files("comparisons/*.toml")
    (words,), (told,), (later,), (said,) = map(
        files, ("vocabulary.toml", "stories.toml", "follow_ups.toml", "comments.toml")
    )
    keys = Keys(
        topics=_unique("slug", [*topics, *words.parts("topic")], value="kind"),
        articles=_unique("slug", [*guides, *comparisons]),
        stories=_unique("key", told.parts("story"), value="author"),
        follow_ups=_unique("key", later.parts("follow_up")),
        comments=_unique("key", said.parts("comment")),
    )
    content = Content(
        topics=(
            *whole(topics, partial(pages.topic, keys)),
            *words.tables("topic", partial(pages.vocabulary_only, keys)),
        ),
        articles=(*whole(guides, partial(pages.guide, keys)), *whole(comparisons, partial(pages.comparison, keys))),
        stories=told.tables("story", partial(contributions.story, keys)),
        edits=told.tables("edit", partial(contributions.edit, keys)),
        follow_ups=later.tables("follow_up", partial(contributions.follow_up, keys)),
        comments=said.tables("comment", partial(contributions.comment, keys)),
        reports=said.tables("report", partial(contributions.report, keys)),
    )
    for file in (words, told, later, said):
        file.finish()
    return content


def _parsed(path: Path, folder: Path) -> dict[str, object]:
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            return tomllib.loads(text)
        values, body = frontmatter.split(text)
    except ValueError as error:
        # Both not UTF-8 and not TOML are ValueErrors.
        raise ContentError(f"{path.relative_to(folder)}: {error}") from None
    return {**values, "body": body}


def _unique(name: str, several: Iterable[Facts], value: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for facts in several:
        key = facts.peek(name)
        if key in found:
            raise facts.mistake(name, f"is {key!r}, as in another place")
        found[key] = facts.peek(value)
    return found
