"""Phrases that suggest that somebody may want to die or to harm themselves.

Such a text is read first, and its author is shown help lines at once. One mark too many is better than one too few;
only what clearly means something else ('dying to try it', 'kills the cells', 'cut myself shaving', 'the leaflet warns
of suicidal thoughts') is left out. English only, like the rest of the site's texts.

The phrases are in `words/crisis.txt` and are searched for in the words as `phrases.spelling` reads them. Most lines are
marked wherever they stand; those that people also deny, or write about as a subject, are looked at here.
"""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _

from app.screening.bundled_lists import load_lines
from app.screening.marks import Mark, without_overlaps
from app.screening.phrases.phrase_list import PhraseList, Place, sentence_around
from app.screening.phrases.spelling import Spelling, Words

# A denial before the passage, in the same sentence and at most a few words away.
_DENIAL = re.compile(
    r"\b(?:never|not|no|without|nor|neither|zero|none|free of|absence of)"
    r" (?!(?:longer|more|only|just|sure|until|before|since|surprised|stop|help|get|shake) )"
    r"(?:(?!(?:but|until|although|except|then) )[\w'-]+ ){0,6}$"
)
# 'I never had suicidal thoughts before' denies nothing.
_NO_DENIAL = re.compile(r"^(?: [\w'-]+){0,4} (?:before|until|till|previously|prior)\b")
# Words beside which 'suicide' is usually a subject and not a disclosure, unless somebody says it of a person.
_SUBJECT = re.compile(
    r"\b(?:leaflets?|warnings?|warns?|warned|lists?|listed|boxed?|insert|label|linked|rates?|prevention|charity|film|"
    r"movie|song|book|novel|play|episode|series|asked|asks|questionnaire|forms?|quiz|risk|include|including|such as|"
    r"possible|potential|read|heard|if you|tell your|call your|contact your|studies|study|statistics|awareness|"
    r"documentary|posters?|course|training|news|articles?|history of|monitor\w*)\b"
)
_PERSON = (
    r"(?<!whether )(?<!if )(?<!that )\b(?:i|me|my|she|he|him|her|we|son|daughter|brother|sister|mum|mom|dad|mother|"
    r"father|husband|wife|partner|friend|cousin|uncle|aunt|boyfriend|girlfriend)"
)
_DISCLOSED = re.compile(
    rf"{_PERSON} (?:(?:have|had|has|having|was|were|am|is|are|been|got|get|became|become|becoming|felt|feel|feeling|"
    r"went|started|attempted|committed|commit|tried|try|to|made|makes|still|very|quite|so|really|extremely|often|"
    r"increasingly|more|actively|acutely|severely|seriously|depressed|and|thinking|thought|thoughts|of|about|with|by|"
    r"died|lost|the|constant|daily|turned|a|an|two|three|several|my) )+$"
)

# Words whose misspellings are read, how many letters of them may be wrong, and English words that are as similar.
_KEYWORDS = {
    "suicide": 2, "suicides": 2, "suicidal": 2, "suicidality": 2, "overdose": 1, "overdosed": 1, "overdosing": 1,
    "myself": 1, "himself": 1, "herself": 1, "killing": 1, "killed": 1, "harming": 1, "harmed": 1, "attempted": 2,
    "attempts": 1, "attempt": 1, "disappear": 2, "goodbye": 1, "swallowed": 2, "existing": 1, "burden": 1,
}  # fmt: skip
_NO_MISSPELLINGS = frozenset({
    "sulfide", "subside", "subsided", "subsides", "suicidally", "overdone", "overused", "overusing", "overdoing",
    "killings", "kipling", "kilning", "killer", "harking", "harping", "haring", "hamming", "harding", "harped",
    "hammed", "harmer", "hared", "tempted", "attend", "attested", "disappeared", "disappears", "swallower",
    "exiting", "exciting", "burdens", "burdened",
})  # fmt: skip
_PHRASES = PhraseList(load_lines("crisis.txt"))
_SPELLING = Spelling(_KEYWORDS, _NO_MISSPELLINGS)
WHY = _("These words may mean that someone wants to die or to harm themselves.")


def marks(text: str) -> list[Mark]:
    """Return the passages that suggest that somebody may want to die or to harm themselves, in their order."""
    words = _SPELLING.words(text)
    passages = [
        words.source(place.start, place.end)
        for place in _PHRASES.search(words.text)
        if not place.is_deniable or _is_disclosure(words, place, text)
    ]
    return without_overlaps((Mark("crisis", start, end, text[start:end], WHY) for start, end in passages), len(text))


def _is_disclosure(words: Words, place: Place, source: str) -> bool:
    """Whether a passage says it of somebody, and neither denies it nor only mentions the subject."""
    begin, stop = sentence_around(words.text, place.start, place.end)
    before, after = words.text[begin : place.start], words.text[place.end : stop]
    denial = _DENIAL.search(before)
    if denial and not _NO_DENIAL.search(after):
        # A denial ends with a comma, 'no appetite, suicidal thoughts', unless 'or' follows.
        denied = source[words.source(begin + denial.start(), place.start)[0] : words.source(place.start, place.end)[0]]
        if "," not in denied or re.search(r"\b(?:or|nor)\b", denial.group()):
            return False
    if _DISCLOSED.search(before):
        return True
    return not (_SUBJECT.search(before) or _SUBJECT.search(after))
