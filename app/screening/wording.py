"""Wording that a moderator should look at: instructions to take or stop medicine, advertising, shouting.

What somebody did is a story ('I took 50 mg'); what others should do is an instruction ('take 50 mg').
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask_babel import lazy_gettext as _

from app.screening.marks import Mark, lower_same_length, normalised_characters, without_overlaps

_NEAR = r"[^.!?\n]{0,60}?\b"
_MEDICINE = (
    r"(?:medicines?|medications?|meds|tablets?|pills?|capsules?|doses?|dosage|drugs?|steroids?"
    r"|antibiotics?|prescriptions?"
    r"|injections?|chemo(?:therapy)?|insulin|immunosuppressants?|methotrexate|ciclosporin|cyclosporine?"
    r"|prednisol?one|biologics?"
    r"|isotretinoin|acitretin|blood thinners?|beta blockers?|inhalers?)"
)
_AMOUNT = (
    r"\d{1,5}(?:[.,]\d{1,3})? ?(?:mg|mcg|µg|g|ml|iu|tablets?|pills?|capsules?|drops|puffs|units|%"
    r"|times (?:a|per) day)\b"
)
_STOP = (
    r"(?:stop(?: (?:taking|using|with))?|quit|drop|skip|come off|go off|leave out|throw away|flush|refuse"
    r"|cut out)"
)
_CHANGE = (
    r"(?:take|swallow|inject|use|apply|put on|double|triple|halve|increase|raise|up|reduce|lower|mix"
    r"|dilute|try)"
)
# An imperative: addressed to 'you', or at the beginning of a sentence or a line.
_ORDER = (
    r"(?:\b(?:you|u|y'all|everyone|everybody|people|patients) (?:should|shouldn't|must|mustn't|need to"
    r"|have to|ought to|can|can just"
    r"|could|'d better|had better|might want to|want to|don't need to)(?: (?:not|just|always|never|simply"
    r"|definitely|really|only|all|also)){0,2}"
    r"|\b(?:i (?:advise|recommend|suggest|urge)|my (?:advice|tip)(?: is)?)[^.!?\n]{0,20}?(?: to|:)?"
    r"|(?:^|[.!?:;\n]) ?(?:[*-] ?)?(?:(?:just|please|so|and|always|never|don't|do not|simply|then|first|now),? ){0,2})"
)
_DOSE = r"(?:the|your|twice the|half the|a higher|a lower|a bigger) (?:dose|dosage)"
_INSTRUCTION = re.compile(
    rf"{_ORDER} ?\b(?:{_STOP}(?![a-z]){_NEAR}{_MEDICINE}|{_CHANGE}(?![a-z]){_NEAR}(?:{_AMOUNT}|{_DOSE}))"
)

# What sellers say. That a patient bought something, got a sample from a doctor or calls it a miracle is a story.
_ADVERTISING = re.compile(
    r"\b(?:use|with|enter|apply)(?: my| our| the)?(?: discount| promo| coupon| voucher)? code [a-z0-9]*\d"
    r"|\b(?:use|enter|apply) (?:my|our) (?:discount |promo |coupon |voucher |referral )?code\b"
    r"|\b(?:discount|promo|coupon|voucher) codes?\b"
    r"|\b\d{1,2} ?% (?:off (?:your|today|now|all|on|with|everything|first|and free|!)|discount for)"
    r"|\bfree (?:worldwide )?(?:shipping|delivery)\b|\bmoney[- ]back guarantee"
    r"|(?:^|[.!?\n:] ?|\b(?:and|so|please|just|now) )(?:buy|order|shop|get yours?|book)"
    r" (?:it |yours |one |them |your \w+ )?(?:now|online|today|here|from (?:us|our|my))\b"
    r"|\b(?:special|limited(?:[- ]time)?|exclusive) (?:offer|deal|price)s?\b"
    r"|\bclick (?:here|the link|on the link|below)\b|\blink in (?:my )?bio\b"
    r"|\b(?:visit|check out|see|at|in|from|follow) (?:my|our) (?:\w+ )?(?:shop|store|webshop|website|channel|page"
    r"|products?)\b"
    r"|\bour (?:\w+ )?(?:online shop|store|webshop|products?|clinic offers|supplements?|customers|formula|experts)\b"
    r"|\b(?:we|i) (?:sell|ship|deliver|supply) (?:worldwide|it|them|these|our \w*products?|free|to all)\b"
    r"|\bno prescription (?:needed|required|necessary)"
    r"|\b(?:guaranteed|100 ?% (?:effective|safe|guaranteed)) (?:cure|remedy|results?|treatment|formula)\b"
    r"|\b(?:dm|pm|message|whatsapp|contact|text|email|inbox) me (?:for (?:the |a |your )?(?:price|details|order|info"
    r"|discount|link|help|yours)|to (?:buy|order|get))\b"
    r"|\b(?:cured?|healed) (?:me|my|him|her|of)[^.!?\n]{0,40}"
    r" (?:herbal (?:medicine|doctor|healer|cure|remedy)|spell|herbs)\b"
    r"|\bherbal (?:doctor|healer|cure)\b"
    r"|\b(?:best|lowest) prices? (?:guaranteed|online|here)|\bat (?:the )?(?:best|lowest) prices?\b"
    r"|\bcheap(?:est)? (?:pills|meds)"
)

# Five or more consecutive words in capitals.
_SHOUTING = re.compile(r"(?:\b[^\W\d_a-zß-ÿ]{1,30}\b[^\w\n]{1,4}){4,}[^\W\d_a-zß-ÿ]{1,30}\b")
_MIN_LETTERS = 20

WHY = {
    "instruction": _("This tells people what to take or to stop. Stories say what someone did."),
    "advertising": _("This reads like advertising."),
    "shouting": _("A text in capital letters reads like shouting."),
}


def instructions(text: str) -> list[Mark]:
    """Return passages that tell others what to take, how much of it, or to stop a medicine."""
    return without_overlaps(
        _marks("instruction", _INSTRUCTION, lower_same_length(normalised_characters(text)), text), len(text)
    )


def advertising(text: str) -> list[Mark]:
    """Return passages that advertise something."""
    return without_overlaps(
        _marks("advertising", _ADVERTISING, lower_same_length(normalised_characters(text)), text), len(text)
    )


def shouting(text: str) -> list[Mark]:
    """Return passages of five or more words in capital letters, but not sequences of abbreviations."""
    return [
        mark
        for mark in _marks("shouting", _SHOUTING, text, text)
        if mark.text.isupper() and sum(char.isalpha() for char in mark.text) >= _MIN_LETTERS
    ]


def _marks(kind: str, pattern: re.Pattern[str], searched: str, text: str) -> Iterator[Mark]:
    for found in pattern.finditer(searched):
        start, end = found.span()
        # The end of the previous sentence belongs to the pattern, but not to the passage.
        start += len(text[start:end]) - len(text[start:end].lstrip(" \n.!?:;*-"))
        yield Mark(kind, start, end, text[start:end], WHY[kind])
