"""Phrases that suggest that somebody may want to die or to harm themselves.

Such a text is read first, and its author is shown help lines at once. One mark too many is better than one too few;
only what clearly means something else ('dying to try it', 'kills the cells', 'cut myself shaving') is left out. English
only, like the rest of the site's texts.
"""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _

from app.screening.marks import Mark, lower_same_length, normalised_characters, without_overlaps

_DONT = r"(?:do ?n'?t|do not|did ?n'?t|did not|no longer|never|can ?not|ca ?n'?t|could ?n'?t|could not)"
_CANT = r"(?:ca ?n'?t|can ?not|could ?n'?t|could not|can no longer)"
_WANT = (
    r"(?:want(?:ed)?|wanna|wish(?:ed)?|feel like|felt like|would like|i'd like|ready|plan(?:ned|ning)?"
    r"|tr(?:y|ied|ying)|think(?:ing)? (?:of|about)|thought (?:of|about)|consider(?:ed|ing)?)"
)
_MYSELF = r"(?:my ?self|themselves|herself|himself|your ?self)"
_OVER = r"(?= ?(?:[.,;!?]|$|any ?more|any longer|like this|living|either|at all))"
_PHRASES = (
    rf"\bkill(?:ed|ing)? {_MYSELF}",
    r"\b(?:end|ended|ending|take|took|taking) (?:my|his|her|their)(?: own)? li(?:fe|ves)",
    r"\b(?:end|ending|ended) (?:it all|it for good|things for good)",
    r"\bsuicid(?:e|al|ality)(?!(?: |-)gene)",
    r"\bkms\b|\bunalive\b",
    rf"\b(?:{_WANT}) (?:to )?(?:just )?(?:die|be dead|dying|not be here|not exist|disappear for ?ever)\b",
    r"\bwish(?:ed)? (?:that )?(?:i|she|he|they) (?:was|were|would be|could be) (?:dead|gone|never born)",
    r"\bwish(?:ed)? (?:i'd|i had|i was|i were) never (?:been )?born",
    r"\bbetter off (?:dead|without me)",
    rf"\b{_DONT} want to (?:be alive|exist|wake up)\b",
    rf"\b{_DONT} want to live\b(?! (?:with|in|near|on|off|without|through|at)\b)",
    rf"\b{_DONT} want to (?:be here|go on|carry on)\b{_OVER}",
    r"\b(?:no|any|lost (?:the|my|any|all)) (?:reason|will|wish|desire) (?:to|for) (?:live|living|life|go on)\b",
    r"\bno point (?:in|to|of) (?:living|life|going on)\b",
    r"\blife (?:is|was) (?:not|no longer|hardly|barely) worth living|\blife (?:isn'?t|wasn'?t) worth living",
    rf"\b{_CANT} (?:go on|take it any ?more|live like this|do this any ?more|face another day|bear to live)",
    r"\bself[- ]?harm(?:ed|ing|s)?\b",
    rf"\b(?:hurt|harm|burn)(?:ed|ing)? {_MYSELF} (?:on purpose|deliberately|again|to feel|because)",
    rf"\b{_WANT} (?:to )?(?:hurt|hurting|harm|harming|cut|cutting) {_MYSELF}",
    rf"\b(?:cutting|slash(?:ed|ing)?) {_MYSELF}(?! (?:off|out|down|some|a|while|on|shaving)\b)",
    rf"\b(?<!\bhad )cuts? {_MYSELF}(?! (?:off|out|down|some|a|while|when|with|on|shaving|in)\b)",
    r"\b(?:cut|slit|slitting|cutting) my (?:own )?(?:wrists?|arms|veins|throat)",
    rf"\b(?:hang|hanging|hanged|shoot|shooting|drown|drowning) {_MYSELF}(?! in\b)",
    r"\b(?:take|took|taken|taking|tried) an? overdose|\boverdosed\b",
    r"\ball (?:of )?(?:my|the) (?:pills|tablets) at once",
    r"\bjump(?:ed|ing)? (?:off|from) (?:a|the) (?:bridge|roof|building|balcony)",
    r"\b(?:jump|step)(?:ed|ped|ing|ping)? in front of (?:a|the) (?:train|car|bus|truck|lorry)",
    r"\b(?:goodbye|good bye) (?:letter|note|to everyone|everyone|world)",
    r"\b(?:nobody|no one|no-one) (?:would|'d|will)(?: even)? miss me",
    r"\b(?:they|everyone) (?:would|'d|will) be better (?:off )?without me",
    r"\b(?:ready|prepared|decided|waiting) to die\b",
)
_CRISIS = re.compile("|".join(_PHRASES))
_OTHERWISE = re.compile(r"(?:\bcells?|cellular|tumou?r|commercial|career|social|financial|political) $")
_LOOK_BACK = 12
WHY = _("These words may mean that somebody wants to die or to harm themselves.")


def marks(text: str) -> list[Mark]:
    """Return the passages that suggest that somebody may want to die or to harm themselves, in their order."""
    plain = lower_same_length(normalised_characters(text)).replace("\n", " ")
    found = [
        Mark("crisis", each.start(), each.end(), text[each.start() : each.end()], WHY)
        for each in _CRISIS.finditer(plain)
        if not _OTHERWISE.search(plain[max(0, each.start() - _LOOK_BACK) : each.start()])
    ]
    return without_overlaps(found, len(text))
