"""Places where somebody lives or is treated: postal codes, street addresses, hospitals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask_babel import lazy_gettext as _

from app.screening.bundled_lists import load_words
from app.screening.marks import Mark, lower_same_length

STATES = (
    "A[LKZR]|C[AOT]|D[EC]|FL|GA|HI|I[DLNA]|K[SY]|LA|M[EDAINSOT]|N[EVHJMYCD]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[TA]|W[AVIY]"
)
_POSTCODES = (
    # United Kingdom: the second half may be in lower case.
    re.compile(r"(?<![\w-])[A-Z]{1,2}\d[A-Z\d]? ?\d(?i:[abd-hjlnp-uw-z]{2})(?![\w-])"),
    # Canada.
    re.compile(r"(?<![\w-])[A-CEGHJ-NPR-TVXY]\d[A-CEGHJ-NPRSTV-Z] ?\d[A-CEGHJ-NPRSTV-Z]\d(?![\w-])"),
    # United States: only after a state.
    re.compile(rf"\b(?:{STATES}),? \d{{5}}(?:-\d{{4}})?(?![\w.,]\d|\w)"),
    # The Netherlands.
    re.compile(
        r"(?<![\w.,-])[1-9]\d{3} ?(?!(?:IU|IE|MG|ML|KG|KJ|MJ|AD|BC|CE|UV|US|UK|EU|TV)\b)[A-Z]{2} (?=[A-Z][a-z])"
    ),
    # Five digits and a town.
    re.compile(
        r"(?<![\w.,/-])(?:[A-Z]{1,2}-)?\d{5} (?!(?:Euros?|Dollars?|Pounds?|Patients?|People|Units?|Steps?"
        r"|Women|Men)\b)"
        r"[A-ZÀ-Þ][a-zß-ÿ]{2,30}(?:[ -](?:am|an der|im|la|le|sur|en|de|del)?[ -]?[A-ZÀ-Þ][a-zß-ÿ]{2,30})?"
    ),
)

_STREET = (
    "street|str|st|avenue|ave|av|road|rd|lane|ln|drive|close|court|ct|place|pl|square|sq|terrace|way|boulevard|blvd"
    "|crescent|cres|gardens|gdns|grove|hill|mews|park|row|walk|highway|hwy|circle|parkway|alley|quay"
)
_CAPITAL = r"[A-ZÀ-Þ][\w'.-]{0,30}"
_ADDRESSES = (
    # 14 Elm Street; 12 Upper Wimpole St
    re.compile(rf"(?<![\w.,/-])\d{{1,5}}[a-zA-Z]?,? (?:{_CAPITAL} ){{1,3}}(?i:{_STREET})\b"),
    # at 14 elm street
    re.compile(
        r"\b(?:at|in|on|to|address is|address:) (?P<address>\d{1,5}[a-z]?,? [a-z]{3,20} (?:street|avenue|lane"
        r"|road|close|terrace))\b"
    ),
    # Hauptstraße 12; Lindenweg 7a
    re.compile(
        r"\b[A-ZÄÖÜ][a-zäöüß-]{2,30}(?:straße|strasse|str\.|weg|allee|platz|gasse|ufer|plein|straat|laan"
        r"|gracht) \d{1,4} ?[a-z]?\b"
    ),
    # 27, rue de la Paix
    re.compile(
        r"(?<![\w.,/-])\d{1,4}(?: bis| ter)?,? (?i:rue|avenue|boulevard|place|chemin|quai|impasse|allée|cours) "
        r"(?:(?:de la|de l'|de|du|des|d'|la|le|les) ?){0,2}[A-ZÀ-Þ][\w'-]{1,30}(?:[ -][A-ZÀ-Þ][\w'-]{1,30}){0,2}"
    ),
    # Calle Mayor 3; Via Roma, 12
    re.compile(
        r"\b(?:Calle|Avenida|Plaza|Paseo|Carrer|Via|Viale|Piazza|Corso|Rua) (?:de |del |de la |di |da |do )?"
        r"[A-ZÀ-Þ][\w'-]{1,30}(?: [A-ZÀ-Þ][\w'-]{1,30}){0,2},? \d{1,4}\b"
    ),
    re.compile(r"\b(?:[Ff]lat|[Aa]partment|Apt\.?|[Ss]uite) (?:\d{1,4}[A-Za-z]?|[A-Z]\d{0,3})\b"),
    re.compile(r"\b(?:P\. ?O\.|PO|Post Office) ?[Bb]ox \d{1,7}\b|\bPostfach \d{1,7}\b"),
)

_HOUSE = (
    "Hospital|Hospitals|Clinic|Clinics|Infirmary|Hospice|Sanatorium|Medical Cent(?:er|re)|Cancer Cent(?:er|re)"
    "|Health Cent(?:er|re)|Skin Cent(?:er|re)|Surgery|Medical Practice|Practice|Polyclinic|Klinik"
    "|Klinikum|Krankenhaus|Spital"
    "|Hautklinik|Ziekenhuis|Institute|Pharmacy|Apotheke|Hospice|Care Home|Nursing Home"
)
_WORD = r"(?:[A-ZÀ-Þ][\w'.-]{0,30}|&|of|the|and|for)"
_HOSPITAL = re.compile(rf"\b(?:{_WORD} ){{1,6}}(?:{_HOUSE})\b(?: of(?: the)? {_CAPITAL}(?: {_CAPITAL}){{0,2}})?")
_HOSPITAL_FIRST = re.compile(
    r"\b(?:Hôpital|Hospital|Clinique|Clínica|Clinica|Ospedale|Policlinico|CHU|Klinikum|Klinik|Krankenhaus"
    r"|(?:Universitäts|Uni|Kantons|Bezirks|Landes|Kreis|Stadt|Haut)-?(?:spital|klinikum|klinik|krankenhaus)"
    r"|Universitair Ziekenhuis|Infirmary|University Hospitals?|Szpital)"
    r"(?: (?:of|de|de la|del|di|der|am|im|St\."
    r"|Sankt))? (?P<name>[A-ZÀ-Þ][\w'.-]{1,30}(?: [A-ZÀ-Þ][\w'.-]{1,30}){0,2})"
)
_KNOWN = re.compile(
    r"\b(?:mayo clinic|cleveland clinic|johns hopkins|addenbrooke'?s|charit[eé]"
    r"|memorial sloan[ -]kettering|md anderson"
    r"|mass(?:achusetts)? general|great ormond street|(?:st\.?|saint) [a-z]{3,15}'?s?'? hospital)(?!\w)"
)
_ANY = load_words("any-house.txt")

WHY = {
    "postcode": (_("A postcode can mean just a few houses."), _("[postcode]")),
    "address": (_("An address shows where someone lives or works."), _("[address]")),
    "hospital": (_("Where someone was treated can identify them."), ""),
}


def find(text: str) -> Iterator[Mark]:
    """Return the postal codes, street addresses and hospitals in a text normalised by `marks.even`."""
    for pattern in _POSTCODES:
        for found in pattern.finditer(text):
            yield _mark("postcode", found.start(), found.start() + len(found.group().rstrip()), text)
    for pattern in _ADDRESSES:
        for found in pattern.finditer(text):
            start = found.start("address") if "address" in pattern.groupindex else found.start()
            yield _mark("address", start, found.end(), text)
    yield from _hospitals(text)


def _hospitals(text: str) -> Iterator[Mark]:
    for found in _HOSPITAL.finditer(text):
        start = _start_of_name(found)
        if start is not None:
            yield _hospital(start, found.end(), text)
    for found in _HOSPITAL_FIRST.finditer(text):
        if found["name"].lower().rstrip(".") not in _ANY:
            yield _hospital(found.start(), found.end(), text)
    for found in _KNOWN.finditer(lower_same_length(text)):
        yield _hospital(found.start(), found.end(), text)


def _start_of_name(found: re.Match[str]) -> int | None:
    """Return where the name of a hospital begins, after 'At the' or 'My'; None if every word is a generic one."""
    words = list(re.finditer(r"\S+", found.group()))
    named = [word for word in words if word.group().strip(".'").lower() not in _ANY]
    # The last word, or the last two ('Medical Center'), say what kind of institution it is.
    house = re.search(rf"(?:{_HOUSE})\b", found.group())
    first = next((word for word in named if house is None or word.start() < house.start()), None)
    if first is None:
        behind = re.search(r" of (?:the )?([A-ZÀ-Þ][\w'-]+)", found.group()[house.end() if house else 0 :])
        first = words[0] if behind and behind[1].lower() not in _ANY else None
    return None if first is None else found.start() + first.start()


def _hospital(start: int, end: int, text: str) -> Mark:
    before = text[max(0, start - 4) : start]
    if before.lower() == "the ":
        start -= 4
    words = text[start:end].lower()
    kind = "clinic" if "clinic" in words else "surgery" if "surgery" in words or "practice" in words else "hospital"
    kind = "pharmacy" if "pharmacy" in words or "apotheke" in words else kind
    neutral = {"clinic": _("a clinic"), "surgery": _("a surgery"), "pharmacy": _("a pharmacy")}
    return Mark("hospital", start, end, text[start:end], WHY["hospital"][0], neutral.get(kind, _("a hospital")))


def _mark(kind: str, start: int, end: int, text: str) -> Mark:
    why, replacement = WHY[kind]
    return Mark(kind, start, end, text[start:end], why, replacement)
