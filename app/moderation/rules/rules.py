"""The rules of screening and of the fast lane: words and thresholds. Saved as versions; the newest is in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.foundation.access import require
from app.foundation.database import db
from app.foundation.errors import Conflict, Refused
from app.moderation import policy
from app.moderation.audit import audit_log
from app.moderation.rules.models import RulesVersion
from app.screening.word_list import LONGEST_LIST, LONGEST_WORD, SHORTEST_WORD, WordList

# The thresholds: the lowest and the highest value of each.
NUMBERS = {
    "most_links": (1, 100),
    "alike_percent": (30, 100),
    "rejected_percent": (1, 100),
    "lane_approved": (0, 1_000),
    "lane_percent": (1, 100),
}


@dataclass(frozen=True)
class Rules:
    """The rules that moderators can change. `blocked` and `suspect` are entries of word lists as they were typed."""

    blocked: tuple[str, ...] = ()
    suspect: tuple[str, ...] = ()
    # From how many links on a text has a signal.
    most_links: int = 3
    # How much of a text must be in another one to be a near duplicate, in per cent.
    alike_percent: int = 70
    # From which share of rejected decisions on an author is a signal, in per cent.
    rejected_percent: int = 50
    # The fast lane is for members with at least so many approved contributions and less than so many per cent refused;
    # 0 turns it off. It takes at least one: a user name is read with the first thing of theirs that is published.
    lane_approved: int = 0
    lane_percent: int = 10

    @property
    def has_lane(self) -> bool:
        """Whether the fast lane is on."""
        return self.lane_approved > 0

    @cached_property
    def blocked_words(self) -> WordList:
        """The refused words, ready for searching."""
        return WordList(self.blocked)

    @cached_property
    def suspect_words(self) -> WordList:
        """The suspect words, ready for searching."""
        return WordList(self.suspect)

    def check(self) -> None:
        """Raise Refused, with the field, for the first value outside its limits."""
        for name, words in (("blocked", self.blocked), ("suspect", self.suspect)):
            if len(words) > LONGEST_LIST:
                raise Refused(f"A list has at most {LONGEST_LIST:,} words; this one has {len(words):,}.", name)
            for word in words:
                if not SHORTEST_WORD <= len(word.strip("*").strip()) <= LONGEST_WORD:
                    shown = word[:LONGEST_WORD]
                    message = f"A word has {SHORTEST_WORD} to {LONGEST_WORD} characters, and ‘{shown}’ has not."
                    raise Refused(message, name)
        for name, (lowest, highest) in NUMBERS.items():
            if not lowest <= getattr(self, name) <= highest:
                raise Refused(f"Please choose a number from {lowest} to {highest}.", name)


def words_of(text: str) -> tuple[str, ...]:
    """The entries of a word list as it was typed: one per line, in their order, without duplicates."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


def current() -> Rules:
    """The rules in force."""
    return in_force()[1]


def in_force() -> tuple[int, Rules]:
    """The rules in force, and the number of their version; 0 while nobody has saved any."""
    newest = newest_id()
    return newest, _version(newest) if newest else Rules()


def newest_id() -> int:
    """The number of the version in force; 0 while nobody has saved any."""
    return db.session.scalar(sa.select(sa.func.max(RulesVersion.id))) or 0


def _version(version: int) -> Rules:
    """The rules of a version, cached by the application: versions never change, and long lists take 0.3 s to build."""
    kept: tuple[int, Rules] | None = current_app.extensions.get("salve.rules")
    if kept is None or kept[0] != version:
        kept = (version, read(db.session.get_one(RulesVersion, version)))
        current_app.extensions["salve.rules"] = kept
    return kept[1]


def read(kept: RulesVersion) -> Rules:
    """The rules of a stored version."""
    return Rules(
        blocked=words_of(kept.blocked),
        suspect=words_of(kept.suspect),
        **{name: getattr(kept, name) for name in NUMBERS},
    )


def save(actor: Person, rules: Rules, *, over: int) -> RulesVersion:
    """Save rules, which are in force from now on. Moderators may. Earlier versions stay on record.

    `over` is the version that was in force when they were written. Raises Conflict if somebody saved others since,
    Refused when a limit is broken.
    """
    require(policy.may_moderate(actor))
    rules.check()
    message = "Somebody else saved other rules meanwhile. Yours are kept on this page; compare before you save."
    if newest_id() != over:
        raise Conflict(message)
    version = RulesVersion(
        # The next number, not any: of two who save at the same moment, only one gets it.
        id=over + 1,
        editor_id=actor.id,
        blocked="\n".join(rules.blocked),
        suspect="\n".join(rules.suspect),
        **{name: getattr(rules, name) for name in NUMBERS},
    )
    try:
        with db.session.begin_nested():
            db.session.add(version)
    except IntegrityError:
        raise Conflict(message) from None
    audit_log.record(actor, "change_rules", version, kind="rule")
    return version


@dataclass(frozen=True)
class Saved:
    """A version in the history: who saved it, and what it changed."""

    version: RulesVersion
    changes: Sequence[Difference]


@dataclass(frozen=True)
class Difference:
    """What a version changed in one rule: entries added and removed, or a number."""

    name: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    old: int | None = None
    new: int | None = None


def history(limit: int = 20) -> list[Saved]:
    """The versions, newest first, each with what it changed."""
    kept = db.session.scalars(
        sa.select(RulesVersion)
        .options(joinedload(RulesVersion.editor))
        .order_by(RulesVersion.id.desc())
        .limit(limit + 1)
    ).all()
    before = [read(version) for version in kept[1:]]
    if len(before) < len(kept):
        before.append(Rules())
    return [Saved(version, differences(old, read(version))) for version, old in zip(kept, before, strict=True)][:limit]


def differences(old: Rules, new: Rules) -> list[Difference]:
    """What differs between two sets of rules."""
    found = []
    for name in ("blocked", "suspect"):
        was, now = getattr(old, name), getattr(new, name)
        if set(was) != set(now):
            known, kept = set(was), set(now)
            added = tuple(word for word in now if word not in known)
            found.append(Difference(name, added, tuple(word for word in was if word not in kept)))
    numbers = [(name, getattr(old, name), getattr(new, name)) for name in NUMBERS]
    return [*found, *(Difference(name, old=was, new=now) for name, was, now in numbers if was != now)]
