"""The language of the words is a setting of the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from app.foundation import events
from app.foundation.database import db
from app.search.index import indexing
from app.search.index.engine import IndexUnavailable
from app.search.query import analysis
from tests.conftest import make_app
from tests.factories.stories import a_published_story
from tests.search.query.test_analysis import vocabulary
from tests.search.searching import committed_and_indexed, found_titles, search_for

FILLER = "Es war ein langes Jahr, und wir haben eins nach dem anderen versucht, bis der Sommer kam."
DRUGS = re.findall(
    r"\w+",
    """
    aciclovir acitretin adalimumab adapalene alitretinoin azathioprine azelaic betamethasone bleomycin calcipotriol
    calcitriol cantharidin cidofovir ciclosporin clindamycin clobetasol clobetasone clotrimazole cyclosporine dapsone
    diclofenac diphencyprone dithranol doxycycline dupilumab erythromycin etanercept famciclovir fluconazole
    fluorouracil hydroxyzine imiquimod infliximab ingenol isotretinoin itraconazole ivermectin ixekizumab
    ketoconazole methotrexate minocycline mometasone omalizumab permethrin pimecrolimus podophyllin podophyllotoxin
    prednisolone prednisone secukinumab sirolimus tacrolimus terbinafine tetracycline tralokinumab tretinoin
    valaciclovir
    """,
)


def in_language(app: Flask, monkeypatch: pytest.MonkeyPatch, language: str) -> Flask:
    """The same site, started with another language."""
    monkeypatch.setenv("SALVE_SEARCH_LANGUAGE", language)
    return make_app(Path(app.config["SALVE_DATA"]))


def test_another_language_has_other_forms_and_the_worker_builds_the_index_anew(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        with committed_and_indexed():
            a_published_story(title="Ärger", body=f"Eine Warze blieb. {FILLER}")
            a_published_story(title="Mehr", body=f"Viele Warzen und nur Warzen. {FILLER}")
        assert found_titles("Warzen") == ["Mehr"]
        db.engine.dispose()
    german = in_language(app, monkeypatch, "de")
    with german.app_context():
        with pytest.raises(IndexUnavailable, match="language"):
            search_for("Warzen")
        events.run_periodic_tasks()
        assert found_titles("Warzen") == ["Mehr", "Ärger"]
        assert found_titles('"Warzen"') == ["Mehr"]
        assert found_titles("die Warze und der Arger")[0] == "Ärger"
        assert "Eine <mark>Warze</mark> blieb." in str(search_for("Warzen").items[1].snippet)
        assert indexing.verify().differing == []
        db.engine.dispose()


def test_the_language_of_the_site_is_that_of_search(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for locale, language in (("de_AT", "de"), ("en_GB", "en"), ("fr_FR", "en"), ("sv", "sv")):
        monkeypatch.setenv("SALVE_LOCALE", locale)
        assert in_language(app, monkeypatch, "").config["SEARCH_LANGUAGE"] == language
    assert in_language(app, monkeypatch, "ES").config["SEARCH_LANGUAGE"] == "es"


@pytest.mark.parametrize("language", ["fr", "xx", "../../etc", "de_AT"])
def test_a_language_that_is_not_known_is_refused_at_start(
    app: Flask, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    with pytest.raises(Exception, match="SALVE_SEARCH_LANGUAGE must be one of da, de, en,") as refusal:
        in_language(app, monkeypatch, language)
    assert type(refusal.value).__name__ == "ConfigurationError"


@pytest.mark.parametrize("code", analysis.LANGUAGES)
def test_drugs_keep_apart_in_every_language(code: str) -> None:
    compared = analysis.Language(code).compared
    treatments: dict[tuple[str, ...], set[str]] = {}
    for name, slug in [*vocabulary("treatment"), *((drug, drug) for drug in DRUGS)]:
        words = tuple(compared(word)[0] for word in analysis.WORD.findall(name))
        treatments.setdefault(words, set()).add(slug.partition("-")[0])
    assert [slugs for slugs in treatments.values() if len(slugs) > 1] == []
