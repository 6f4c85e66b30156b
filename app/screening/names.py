"""Names of people: after a title, after 'my daughter', after 'is called'.

There is no list of names. A capitalised word counts as a name if the words before it say that a person follows, unless
it is one of the words that occur there in ordinary medical text: brands, eponyms, the beginning of a clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask_babel import lazy_gettext as _

from app.screening.bundled_lists import load_words
from app.screening.marks import Mark
from app.screening.places import STATES

_TITLE = re.compile(
    r"\b(?P<title>(?:[Dd]r|DR|[Dd]octor|[Pp]rof|[Pp]rofessor|[Mm]r|[Mm]rs|[Mm]s|[Mm]x|Miss|[Nn]urse|Sister"
    r"|Matron|Sir|Dame|Frau"
    r"|Herrn?|Schwester|Señora?|Sra?|Doña?|Mme|Madame|Monsieur|Docteur|Dott|Dottoressa|Signora?|Mevrouw"
    r"|Meneer|Aunt|Auntie|Uncle|Cousin|Grandma|Grandpa|Granny|Nana)\b\.?"
    r"(?: (?:[Dd]r|[Pp]rof|[Mm]ed|[Dd]oktor)\b\.?){0,3})(?= )"
)
_DOCTORS = ("dr", "doctor", "prof", "docteur", "dott")
_KIN = ("aunt", "auntie", "uncle", "cousin", "grandma", "grandpa", "granny", "nana")
_NURSES = ("nurse", "sister", "matron", "schwester")

_RELATIVE = (
    "(?:mother|father|sister|brother|daughter|son)[- ]in[- ]law|daughter|son|mother|mum|mom|mam|mummy"
    "|father|dad|daddy|parents?|husband|wife|partner|fianc[eé]e?|boyfriend|girlfriend|brother|sister"
    "|twin|aunt|auntie|uncle|cousin|niece|nephew|grandmother|grandfather|grandma|grandpa|gran|granny|nan"
    "|nana|granddad"
    "|grandad|grandson|granddaughter|grandchild|child|kid|toddler|baby|boy|girl|ex|stepson|stepdaughter|stepmother"
    "|stepfather|godson|goddaughter"
    "|friend|mate|neighbour|neighbor|colleague|boss|roommate|flatmate|carer|teacher|landlady|landlord|hairdresser"
    "|eldest|oldest|youngest|firstborn|little one|hubby|missus|other half|bf|gf|bestie|buddy|pal|sis|bro"
    "|lad|lass|stepdad|stepmum|stepmom"
)
_CARER = (
    "doctor|dr|dermatologist|derm|gp|nurse|surgeon|consultant|oncologist|specialist|registrar|pharmacist"
    "|chemist|physician"
    "|physiotherapist|physio|therapist|counsellor|psychologist|paediatrician|pediatrician|midwife"
    "|receptionist|podiatrist"
    "|chiropodist|homeopath|gynaecologist|urologist|practitioner|health visitor|assistant|secretary|professor"
    "|dentist|orderly|matron|trainee|intern|locum|houseman|(?:medical |nursing )student"
)
_SOMEBODY = (
    "someone|somebody|man|woman|lady|guy|chap|fellow|bloke|person|student|trainee|volunteer|patient|stranger|anaesthetist"
    "|anesthetist|radiologist|pathologist|lecturer|scientist|researcher|healer|therapist"
)
_WHOSE = r"(?:my|our|his|her|their|your|a|one of my)"
_BEHIND_RELATION = re.compile(
    rf"\b(?i:{_WHOSE}) (?:[a-z-]{{2,15}} ){{0,3}}?(?P<noun>(?i:{_RELATIVE}|{_CARER})(?: (?i:{_RELATIVE}"
    rf"|{_CARER}))?)\b"
    r"(?P<link>'s name(?: is| was)?|,? (?:is |was )?(?:called|named)|,? whose name (?:is|was)|,| \(|:)?"
)
_BEHIND_CARER = re.compile(
    rf"\b(?i:the|a|an|this|that|another) (?:[a-z-]{{2,15}} ){{0,2}}?(?P<noun>(?i:{_CARER}))\b"
    r"(?P<link>'s name(?: is| was)?|,? (?:is |was )?(?:called|named)|,? whose name (?:is|was)"
    r"|(?: who did it| who did mine)?,| \()?"
)
_CALLED = re.compile(
    r"\b(?i:(?:is|are|was|were|'s|am|'m) called|named|name is|name's|name was|ich hei(?:ß|ss)e"
    r"|je m'appelle|me llamo|(?:introduc\w+|present\w+) (?:him|her|them|my)sel(?:f|ves) as"
    rf"|(?:{_SOMEBODY}|{_CARER}),? (?:who is )?(?:called|named))(?= )"
)
# 'The nurse there is Graham,': a name if the clause ends after it.
_CARER_IS = re.compile(rf"\b(?i:{_CARER})(?: (?:there|here|now|today))? (?:is|was)(?= )")
_I_AM = re.compile(r"\b(?:[Ii]'m|[Ii] am|[Tt]his is|[Hh]ere is)(?= )")
_CLAUSE_ENDS = re.compile(r"[,.!\n]| and | from |$")
_SIGNED = re.compile(
    r"(?:^|[\n.!?,] ?)(?i:signed|yours|yours truly|sincerely|(?:best|kind|warm)(?:est)? (?:regards|wishes)"
    r"|regards|greetings from|cheers|love"
    r"|thanks|xx+),? ?\n?(?=[A-ZÀ-Þ])"
)

# 'Jane Doe, Springfield, IL', as people sign letters to a newspaper; a name and a town.
_SIGNED_WITH_TOWN = re.compile(
    r"(?:^|[\n.!?–-] ?)(?P<name>[A-ZÀ-Þ][^\W\d_]{1,20} (?:[A-ZÀ-Þ]\.? )?[A-ZÀ-Þ][^\W\d_]{1,20}, "
    rf"[A-ZÀ-Þ][^\W\d_]{{1,20}}\.?(?: [A-ZÀ-Þ][^\W\d_]{{1,20}}){{0,2}}),? (?:{STATES})\b"
)

_WORD = re.compile(r"[^\W\d_]{1,30}(?:['-][^\W\d_]{1,30}){0,3}")
_INITIAL = re.compile(r"[A-ZÀ-Þ]\.(?:-[A-ZÀ-Þ]\.)?")
_PARTICLES = load_words("particles.txt")
_SMALL = load_words("behind-dr.txt")
_NO_NAME = load_words("no-names.txt")
_BRANDS = load_words("brands.txt")
_MAX_WORDS = 5
_FIRST_NAMES = load_words("first-names.txt")
# Words that say how somebody is: by their endings, and the most frequent of the others.
_QUALITY = re.compile(
    r"\w+(?:ful|less|ous|able|ible|ing|ally|ive|ish|[tg]ic|ated|ised|ized|ied|ered|ssed|pped|ught|nant|etic|sion|tion|ness|est)"
    r"|happy|sad|sick|ill|tired|well|better|worse|great|good|bad|fine|glad|new|old|young|free|clear|cured|healed|sorry"
    r"|proud|angry|scared|afraid|worried|shocked|excited|relieved|pleased|delighted|thankful|lucky|blessed|hooked|sold"
    r"|done|back|home|alone|certain|aware|ready|able|unable|stuck|lost|broke|dead|alive|male|female|mixed|fair|dark|pale"
    r"|single|married|divorced|retired|disabled|obese|overweight|sensitive|normal|human|living|proof|evidence|poison|hell"
    r"|crap|rubbish|amazing|awesome|terrible|horrible|awful|wonderful|fantastic|insane|crazy|serious|important|number"
)
_SMALL_DOCTOR = re.compile(
    r"\bdr\.? (?P<name>[a-z]['a-z-]{2,25})"
    r"(?=[,.;!?)]|$| (?:[a-z]+ly )?(?:gave|told|said|says|put|prescribed|started|took|did|froze|cut"
    r"|removed|was|is|has|had|who|at|from|and"
    r"|wants?|wanted|thinks?|thought|recommended|suggested|referred|sent|diagnosed|explained|used|finally)\b)"
)


def find(text: str) -> Iterator[Mark]:
    """Return the names of people in a text normalised by `marks.even`."""
    yield from _related(text)
    yield from _titled(text)
    yield from _introduced(text)


def _related(text: str) -> Iterator[Mark]:
    """Match 'My daughter Emily' and 'the nurse, Angela,', which are neutral without the name."""
    for pattern in (_BEHIND_RELATION, _BEHIND_CARER):
        for found in pattern.finditer(text):
            titled = _TITLE.match(text, found.end() + 1) if text[found.end() : found.end() + 1] == " " else None
            end = _name(text, titled.end() if titled else found.end())
            if end is None and (first := _WORD.match(text, found.end() + 1)) and first.group() in _FIRST_NAMES:
                end = first.end()
            if end is None:
                continue
            link = found["link"]
            if link in {",", " ("} and text[end : end + 1] in {",", ")"}:
                end += 1
            spoken = link is None or link in {",", " (", ":"}
            yield _mark(found.start("noun"), end, text, found["noun"] if spoken else "")


def _titled(text: str) -> Iterator[Mark]:
    """Match 'Dr Patel' and 'Nurse Jackie'; in lower case, 'dr patel' only if no verb follows."""
    for found in _TITLE.finditer(text):
        first = _WORD.match(text, found.end() + 1)
        if first is not None and _plain(first.group()) in _BRANDS:
            continue
        title = found["title"].split()[0].rstrip(".").lower()
        if title in _DOCTORS and first is not None and first.group().lower() in _SMALL:
            continue
        if (end := _name(text, found.end(), may_be_capitals=not found["title"].isupper())) is not None:
            yield _mark(found.start(), end, text, _instead(title))
    for found in _SMALL_DOCTOR.finditer(text):
        if found["name"] not in _SMALL and not found["name"].endswith(("ed", "ing", "ly")):
            yield _mark(found.start(), found.end("name"), text, _instead("dr"))


def _introduced(text: str) -> Iterator[Mark]:
    """Match 'My name is ...', 'I'm Katarzyna, 34' and 'Best wishes, ...'."""
    for found in _CALLED.finditer(text):
        end = _name(text, found.end())
        if end is not None:
            yield _mark(found.end() + 1, end, text, "")
    for pattern in (_I_AM, _CARER_IS):
        for found in pattern.finditer(text):
            end = _name(text, found.end())
            if end is not None and _CLAUSE_ENDS.match(text, end) and not _is_quality(text[found.end() + 1 : end]):
                yield _mark(found.end() + 1, end, text, "")
    for found in _SIGNED_WITH_TOWN.finditer(text):
        yield _mark(*found.span("name"), text, "")
    for found in _SIGNED.finditer(text):
        end = _name(text, found.end() - 1)
        if end is not None:
            yield _mark(found.end(), end, text, "")


def _name(text: str, at: int, *, may_be_capitals: bool = False) -> int | None:
    """Return the end of the name that begins one space after `at`, or None if there is no name.

    Words in capitals are names only with `may_be_capitals`: 'Dr PATEL', but 'my doctor PROMISED'.
    """
    end, words = None, 0
    while words < _MAX_WORDS and at < len(text) and (text[at] == " " or words == 0):
        at += text[at] in " ("
        initial = _INITIAL.match(text, at)
        word = _WORD.match(text, at)
        if initial is not None:
            at = initial.end()
            end = at if words else end
        elif word is None:
            break
        elif _is_name(word.group(), may_be_capitals=may_be_capitals):
            at = end = word.end()
        elif word.group().lower() in _PARTICLES:
            at = word.end()
        else:
            break
        words += 1
    if end is not None and text[end - 2 : end] == "'s":
        end -= 2
    return end


def _is_name(word: str, *, may_be_capitals: bool) -> bool:
    if not word[0].isupper() or _plain(word) in _NO_NAME:
        return False
    if word.isupper() and len(word) > 1:
        # A short word in capitals is an abbreviation.
        return may_be_capitals and len(word) > 4
    return True


def _is_quality(words: str) -> bool:
    """Whether it is what somebody is and not who: 'I am Grateful', 'I'm Diabetic'."""
    return all(_QUALITY.fullmatch(word) for word in words.lower().split())


def _plain(word: str) -> str:
    return word.lower().removesuffix("'s")


def _instead(title: str) -> str:
    if title in _DOCTORS or title == "professor":
        return str(_("the doctor"))
    if title in _KIN:
        return str(_("a relative"))
    return str(_("the nurse") if title in _NURSES else _("someone"))


WHY = _("A name can identify someone. Say who they are to you instead.")


def _mark(start: int, end: int, text: str, replacement: str) -> Mark:
    return Mark("name", start, end, text[start:end], WHY, replacement)
