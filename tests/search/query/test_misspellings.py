"""Misspellings of names and of everyday words by the hundred, on a site with many drugs and the posts of PsyTAR.

The misspellings are drawn at random: a letter missing, doubled, wrong or swapped with the next, and letters written as
they sound. What is not offered costs a reader a second try; another drug must never be offered.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from flask import Flask

from app.foundation import events
from app.foundation.database import transaction
from app.search.index import visibility
from app.search.index.engine import IndexFilters
from app.search.index.registry import engine
from app.search.query import analysis
from app.search.query.name_words import name_words
from app.search.query.parsing import parse
from app.search.query.spelling import did_you_mean
from app.search.query.understanding import understand
from app.topics.models import TopicKind
from tests.conftest import app_on_copy
from tests.factories.pages import a_topic
from tests.factories.stories import a_published_story
from tests.material import real
from tests.search.searching import FILLER
from tests.transfer.import_command import MAPS, import_stories

pytestmark = pytest.mark.long

DRUGS = re.findall(
    r"\w+",
    """
    acitretin adapalene alprazolam amitriptyline amoxicillin aripiprazole atenolol atorvastatin azathioprine
    baclofen betamethasone bisoprolol buprenorphine bupropion buspirone calcipotriol calcitriol carbamazepine
    cefalexin celecoxib cetirizine chlorphenamine ciclosporin ciprofloxacin citalopram clarithromycin
    clindamycin clobetasol clobetasone clonazepam clonidine clotrimazole codeine colchicine dapsone diazepam
    diclofenac diltiazem dithranol doxepin doxycycline dupilumab escitalopram esomeprazole etanercept
    ezetimibe famotidine fexofenadine finasteride fluconazole fluocinolone fluorouracil fluoxetine fluvoxamine
    gabapentin glyceryl griseofulvin haloperidol hydralazine hydrocortisone hydroxychloroquine hydroxyzine
    ibuprofen imipramine imiquimod isotretinoin itraconazole ivermectin ketamine ketoconazole ketoprofen
    lamotrigine lansoprazole levetiracetam levothyroxine lisinopril lithium loratadine lorazepam losartan
    lymecycline meloxicam mesalazine metformin methotrexate metoprolol metronidazole minocycline minoxidil
    mirtazapine mometasone montelukast mupirocin mycophenolate naproxen nortriptyline olanzapine omeprazole
    ondansetron oxybutynin oxycodone pantoprazole paracetamol paroxetine permethrin phenytoin pimecrolimus
    podophyllotoxin pramipexole pravastatin prednisolone prednisone pregabalin prochlorperazine propranolol
    quetiapine ramipril ranitidine risperidone rivaroxaban rosuvastatin secukinumab sertraline sildenafil
    simvastatin sitagliptin spironolactone sulfasalazine sumatriptan tacrolimus tamoxifen tamsulosin
    tazarotene temazepam terbinafine tetracycline tofacitinib topiramate toradol tramadol trazodone tretinoin
    triamcinolone upadacitinib ustekinumab valaciclovir valproate vardenafil venlafaxine verapamil warfarin
    zolpidem zopiclone abilify accutane aldara ambien benadryl celebrex celexa cialis cipro claritin diovan
    dovonex efudix elidel elocon humira klonopin lamictal lamisil lasix lipitor lyrica neurontin nexium
    norvasc paxil plavix prilosec protopic prozac remeron risperdal seroquel singulair skyrizi stelara
    strattera synthroid taltz topamax valium viagra wellbutrin xanax zantac zocor zofran zyprexa zyrtec
    """,
)
SOUNDS = (
    ("ph", "f"),
    ("z", "s"),
    ("c", "k"),
    ("ei", "ie"),
    ("ie", "ei"),
    ("y", "i"),
    ("i", "y"),
    ("th", "t"),
    ("x", "ks"),
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MISSPELT_NAMES, MISSPELT_WORDS = 800, 300


def misspelling(chance: random.Random, word: str) -> str:
    """The word with one mistake in it, not at its first letter."""
    at = chance.randrange(1, len(word))
    mistakes = [
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + chance.choice(LETTERS) + word[at + 1 :],
        word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :] if at > 1 else word[:at] + word[at + 1 :],
        *(word.replace(one, other, 1) for one, other in SOUNDS if one in word[1:]),
    ]
    return chance.choice(mistakes)


def misspellings(words: Sequence[str], count: int) -> Mapping[str, str]:
    """So many misspellings that are no words themselves, and what was meant."""
    chance = random.Random(20261121)
    found: dict[str, str] = {}
    while len(found) < count:
        word = chance.choice(words)
        typed = misspelling(chance, word)
        if typed not in words and typed not in found and analysis.token_of(typed) != analysis.token_of(word):
            found[typed] = word
    return found


@pytest.fixture(scope="module")
def site(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A site with a story about each drug, and the posts."""
    with app_on_copy(migrated_sqlite, tmp_path_factory.mktemp("site")) as app:
        posts = [str(real("psytar-posts.csv")), "--map", str(MAPS / "psytar.toml"), "--as", "published"]
        assert import_stories(app, *posts).exit_code == 0
        with app.app_context():
            for name in DRUGS:
                if name in name_words().topics:
                    continue
                with transaction():
                    drug = a_topic(name.capitalize(), TopicKind.TREATMENT)
                    a_published_story(title="Told", body=FILLER, treatments=[drug])
            events.drain_all()
        yield app


def offered(typed: str) -> str | None:
    """What is offered for a single word."""
    parsed = parse(typed)
    hits = engine().search(understand(parsed)[0], IndexFilters(), visibility.hidden_keys(), limit=0)
    correction = did_you_mean(parsed, hits, IndexFilters())
    return correction.text if correction else None


def test_misspelt_names_lead_to_the_name_and_never_to_another_drug(site: Flask) -> None:
    with site.test_request_context():
        result = outcomes(misspellings(DRUGS, MISSPELT_NAMES))
    print(f"names: {dict(result)}")
    assert result["another drug"] == 0
    assert result["right"] >= 0.95 * MISSPELT_NAMES
    assert result["another word"] <= 0.01 * MISSPELT_NAMES


def test_misspelt_words_lead_to_the_word(site: Flask) -> None:
    words = frequent_words()
    with site.test_request_context():
        result = outcomes(misspellings(words, MISSPELT_WORDS))
    print(f"words: {dict(result)}")
    assert result["right"] >= 0.85 * MISSPELT_WORDS
    assert result["another word"] <= 0.03 * MISSPELT_WORDS
    assert result["another drug"] == 0


def outcomes(typed: Mapping[str, str]) -> Counter[str]:
    found = {word: offered(word) for word in typed}
    for word, meant in typed.items():
        if outcome(meant, found[word]) != "right":
            print(f"{word}: {found[word]} instead of {meant}")
    return Counter(outcome(meant, found[word]) for word, meant in typed.items())


def outcome(meant: str, found: str | None) -> str:
    if found is None:
        return "nothing"
    if analysis.token_of(found) == analysis.token_of(meant):
        return "right"
    return "another drug" if found in DRUGS else "another word"


def frequent_words() -> list[str]:
    """Words of six letters and more that many of the posts have."""
    text = real("psytar-posts.csv").read_text(encoding="utf-8-sig").lower()
    counted = Counter(re.findall(r"[a-z]{6,}", text))
    return [word for word, count in counted.most_common(400) if count >= 10 and word not in DRUGS]
