"""The rules of screening and of the fast lane. They are stored as versions, of which the newest is in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.foundation.access import require
from app.foundation.database import db
from app.foundation.errors import Conflict, Refused
from app.moderation import policy
from app.moderation.audit import audit_log
from app.moderation.rules.models import RulesVersion
from app.screening.word_list import MAX_LIST_LENGTH, MAX_WORD_LENGTH, MIN_WORD_LENGTH, WordList

# The lowest and the highest permitted value of each threshold.
THRESHOLDS = {
    "most_links": (1, 100),
    "alike_percent": (30, 100),
    "rejected_percent": (1, 100),
    "lane_approved": (0, 1_000),
    "lane_percent": (1, 100),
}


@dataclass(frozen=True)
class Rules:
    """One version of the rules. `blocked` and `suspect` are the entries of word lists as typed."""

    blocked: tuple[str, ...] = ()
    suspect: tuple[str, ...] = ()
    # The number of links from which a text gets a signal.
    most_links: int = 3
    # The share of a text that must be in another one for a near duplicate, in per cent.
    alike_percent: int = 70
    # The share of rejections, in per cent, from which an author gets a signal.
    rejected_percent: int = 50
    # The fast lane takes members with at least `lane_approved` approved contributions (0 switches it off) of whose
    # contributions less than `lane_percent` per cent were refused. At least one must be approved, because a moderator
    # reads the user name with the first contribution.
    lane_approved: int = 0
    lane_percent: int = 10

    @property
    def has_fast_lane(self) -> bool:
        """Whether the fast lane is switched on."""
        return self.lane_approved > 0

    @cached_property
    def blocked_words(self) -> WordList:
        """The refused words, compiled for searching."""
        return WordList(self.blocked)

    @cached_property
    def suspect_words(self) -> WordList:
        """The suspect words, compiled for searching."""
        return WordList(self.suspect)

    def check(self) -> None:
        """Raise Refused, with the name of the field, for the first value outside its limits."""
        for name, words in (("blocked", self.blocked), ("suspect", self.suspect)):
            if len(words) > MAX_LIST_LENGTH:
                message = _(
                    "A list can have up to %(most)s words. This one has %(number)s.",
                    most=f"{MAX_LIST_LENGTH:,}",
                    number=f"{len(words):,}",
                )
                raise Refused(message, name)
            for word in words:
                if not MIN_WORD_LENGTH <= len(word.strip("*").strip()) <= MAX_WORD_LENGTH:
                    shown = word[:MAX_WORD_LENGTH]
                    message = _(
                        "A word needs %(least)d to %(most)d characters. Change ‘%(word)s’.",
                        least=MIN_WORD_LENGTH,
                        most=MAX_WORD_LENGTH,
                        word=shown,
                    )
                    raise Refused(message, name)
        for name, (lowest, highest) in THRESHOLDS.items():
            if not lowest <= getattr(self, name) <= highest:
                raise Refused(_("Enter a number from %(lowest)d to %(highest)d.", lowest=lowest, highest=highest), name)


def parse_word_list(text: str) -> tuple[str, ...]:
    """The entries of a word list typed one per line: in this order, without blank lines and duplicates."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


def current() -> Rules:
    """The rules in force; the defaults while no version has been saved."""
    return current_version()[1]


def current_version() -> tuple[int, Rules]:
    """The number of the version in force, and its rules; 0 and the defaults while no version has been saved."""
    newest = newest_id()
    return newest, version(newest)


def newest_id() -> int:
    """The number of the version in force; 0 while no version has been saved."""
    return db.session.scalar(sa.select(sa.func.max(RulesVersion.id))) or 0


def version(number: int) -> Rules:
    """The rules of a version; the defaults for 0. Cached: versions never change, and compiling long lists is slow."""
    if not number:
        return Rules()
    cached: tuple[int, Rules] | None = current_app.extensions.get("salve.rules")
    if cached is None or cached[0] != number:
        cached = (number, rules_of(db.session.get_one(RulesVersion, number)))
        current_app.extensions["salve.rules"] = cached
    return cached[1]


def rules_of(version: RulesVersion) -> Rules:
    """The rules of a stored version."""
    return Rules(
        blocked=parse_word_list(version.blocked),
        suspect=parse_word_list(version.suspect),
        **{name: getattr(version, name) for name in THRESHOLDS},
    )


def save(actor: Person, rules: Rules, *, based_on: int) -> RulesVersion:
    """Save rules as a new version, which is in force from then on, and return it. Moderators may.

    `based_on` is the number of the version that was edited. Raises NotAllowed, Refused if a value is outside
    its limits, and Conflict if another version was saved since `based_on`.
    """
    require(policy.may_moderate(actor))
    rules.check()
    message = _(
        "Someone else has changed the rules since you opened this page. Yours are still here. Compare them, then"
        " save again."
    )
    if newest_id() != based_on:
        raise Conflict(message)
    version = RulesVersion(
        # Set explicitly: if two people save at the same moment, only one of them gets this number.
        id=based_on + 1,
        editor_id=actor.id,
        blocked="\n".join(rules.blocked),
        suspect="\n".join(rules.suspect),
        **{name: getattr(rules, name) for name in THRESHOLDS},
    )
    try:
        with db.session.begin_nested():
            db.session.add(version)
    except IntegrityError:
        raise Conflict(message) from None
    audit_log.record(actor, "change_rules", version, kind="rule")
    return version


@dataclass(frozen=True)
class SavedVersion:
    """A version of the rules, with what it changed compared with the version before."""

    version: RulesVersion
    changes: Sequence[Difference]


@dataclass(frozen=True)
class Difference:
    """What changed in one rule: entries added and removed, or the old and the new number."""

    name: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    old: int | None = None
    new: int | None = None


def history(limit: int = 20) -> list[SavedVersion]:
    """The last `limit` versions, newest first, each with what it changed."""
    versions = db.session.scalars(
        sa.select(RulesVersion)
        .options(joinedload(RulesVersion.editor))
        .order_by(RulesVersion.id.desc())
        .limit(limit + 1)
    ).all()
    before = [rules_of(version) for version in versions[1:]]
    if len(before) < len(versions):
        before.append(Rules())
    return [
        SavedVersion(version, differences(old, rules_of(version)))
        for version, old in zip(versions, before, strict=True)
    ][:limit]


def differences(old: Rules, new: Rules) -> list[Difference]:
    """The rules that differ between two versions."""
    changed = []
    for name in ("blocked", "suspect"):
        was, now = getattr(old, name), getattr(new, name)
        if set(was) != set(now):
            known, kept = set(was), set(now)
            added = tuple(word for word in now if word not in known)
            changed.append(Difference(name, added, tuple(word for word in was if word not in kept)))
    numbers = [(name, getattr(old, name), getattr(new, name)) for name in THRESHOLDS]
    return [*changed, *(Difference(name, old=was, new=now) for name, was, now in numbers if was != now)]
