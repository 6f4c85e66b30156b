"""Names: a word finds what is filed under its synonyms, exact words first."""

from __future__ import annotations

import pytest
from flask.ctx import AppContext

from app.foundation.database import transaction
from app.search.query import understanding
from app.search.query.parsing import parse
from app.topics import vocabulary
from app.topics.models import NameKind, Topic, TopicKind
from tests.factories.comments import a_published_comment
from tests.factories.pages import a_topic
from tests.factories.stories import a_published_story
from tests.search.searching import committed_and_indexed, found_titles, search_for

FILLER = "It was a long year and we tried one thing after the other until the summer came."


def dpcp() -> Topic:
    return a_topic("Diphencyprone", TopicKind.TREATMENT, "DPCP", "diphenylcyclopropenone")


def told(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(topic.name, topic.others) for topic in search_for(text).recognised_topics]


def test_an_abbreviation_finds_what_is_filed_under_the_topic(context: AppContext) -> None:
    with committed_and_indexed():
        a_published_story(title="Painted", body=FILLER, treatments=[dpcp()])
        a_published_story(title="Frozen", body=FILLER)
    assert found_titles("DPCP") == ["Painted"]
    assert told("DPCP") == [("Diphencyprone", ("DPCP",))]
    assert told("diphencyprone") == [("Diphencyprone", ("DPCP", "diphenylcyclopropenone"))]


def test_a_plural_is_no_other_name_to_be_told_of(context: AppContext) -> None:
    with committed_and_indexed():
        a_topic("Warts", TopicKind.CONDITION, "wart", page="Stubborn.")
        a_topic("Corns", TopicKind.CONDITION, "corn", "clavus", page="Hard.")
    assert told("warts") == told("wart") == []
    assert told("corn") == [("Corns", ("clavus",))]


def test_a_name_finds_texts_that_say_another_name(context: AppContext) -> None:
    with committed_and_indexed():
        dpcp()
        a_published_story(title="Short", body=f"They painted DPCP on it. {FILLER}")
        a_published_story(title="Long", body=f"They painted diphenylcyclopropenone on it. {FILLER}")
    assert found_titles("diphenylcyclopropenone") == ["Long", "Short"]
    marked = {item.title: str(item.snippet) for item in search_for("painted diphencyprone").items}
    assert "<mark>painted</mark> <mark>DPCP</mark>" in marked["Short"]
    assert "<mark>painted</mark> <mark>diphenylcyclopropenone</mark>" in marked["Long"]


@pytest.mark.parametrize("others", range(3))
def test_exact_words_go_before_whatever_is_found_by_a_synonym(context: AppContext, others: int) -> None:
    with committed_and_indexed():
        treatment = dpcp()
        # One mention at the end of a long text, against a short text that is full of the other names.
        a_published_story(title="By synonym", body="Diphencyprone diphenylcyclopropenone. " * 9, treatments=[treatment])
        a_published_story(title="Exact", body=f"{FILLER} " * 20 + "And then DPCP.")
        for number in range(others * 10):
            # However rare or common the words are.
            a_published_story(title=f"Other {number}", body=f"Diphencyprone again. {FILLER}", treatments=[treatment])
    assert found_titles("DPCP")[0] == "Exact"
    assert len(found_titles("DPCP")) == min(20, 2 + others * 10)


def test_what_says_all_words_goes_before_what_says_one_often(context: AppContext) -> None:
    with committed_and_indexed():
        treatment = dpcp()
        a_published_story(title="Itch itch itch", body="Itch and itch, itch. " * 9, treatments=[treatment])
        a_published_story(title="Told once", body=f"{FILLER} The itch came with DPCP. {FILLER}")
    assert found_titles("itch DPCP") == ["Told once", "Itch itch itch"]


def test_the_page_of_the_topic_goes_first(context: AppContext) -> None:
    with committed_and_indexed():
        a_topic("Diphencyprone", TopicKind.TREATMENT, "DPCP", page=f"It is painted on the skin. {FILLER}")
        a_published_story(title="DPCP and DPCP and DPCP", body="DPCP, always DPCP, nothing else but DPCP for us all.")
    assert found_titles("dpcp")[0] == "Diphencyprone"


def test_names_of_several_words_are_understood_within_a_query(context: AppContext) -> None:
    with committed_and_indexed():
        a_topic("Fluorouracil", TopicKind.TREATMENT, "5-FU", "Efudix")
        sadbe = a_topic("Squaric acid dibutyl ester", TopicKind.TREATMENT, "SADBE")
        a_published_story(title="SADBE for me", body=f"Patience and SADBE. {FILLER}")
        a_published_story(title="Filed", body=f"Patience. {FILLER}", treatments=[sadbe])
    assert found_titles("squaric acid dibutyl ester patience") == ["Filed", "SADBE for me"]
    assert told("patience with squaric acid dibutyl ester") == [("Squaric acid dibutyl ester", ("SADBE",))]


@pytest.mark.parametrize("typed", ["5-FU", "5 fu", "5FU", "Efudix", "efudixs", "fluorouracil"])
def test_a_name_is_known_however_it_is_written(context: AppContext, typed: str) -> None:
    with transaction():
        topic = a_topic("Fluorouracil", TopicKind.TREATMENT, "5-FU", "Efudix")
    query, _told = understanding.understand(parse(typed))
    assert [clause.topics for clause in query.clauses] == [(topic.id,)]


@pytest.mark.parametrize("typed", ["Bowen's disease", "Bowens disease", "bowen’s disease"])
def test_an_apostrophe_may_be_left_out_of_a_name(context: AppContext, typed: str) -> None:
    with transaction():
        topic = a_topic("Squamous cell carcinoma in situ", TopicKind.CONDITION, "Bowen's disease")
    query, _told = understanding.understand(parse(typed))
    assert [clause.topics for clause in query.clauses] == [(topic.id,)]


def test_a_part_of_another_name_finds_what_is_filed(context: AppContext) -> None:
    with committed_and_indexed():
        steroid = a_topic("Topical corticosteroids", TopicKind.TREATMENT, "cortisone cream")
        a_published_story(title="Filed", body=FILLER, treatments=[steroid])
        a_published_story(title="Said", body=f"The cortisone helped. {FILLER}")
    assert found_titles("cortisone") == ["Said", "Filed"]
    assert found_titles('"cortisone"') == ["Said"]


def test_quotes_switch_other_names_off(context: AppContext) -> None:
    with committed_and_indexed():
        a_published_story(title="Filed", body=FILLER, treatments=[dpcp()])
        a_published_story(title="Said", body=f"They called it DPCP. {FILLER}")
    assert found_titles("DPCP") == ["Said", "Filed"]
    assert found_titles('"DPCP"') == ["Said"]
    assert told('"DPCP"') == []


def test_a_name_that_several_topics_share_finds_all_of_them(context: AppContext) -> None:
    with committed_and_indexed():
        one = a_topic("Diphencyprone", TopicKind.TREATMENT, "DCP")
        other = a_topic("Dichlorophen", TopicKind.TREATMENT, "DCP")
        a_published_story(title="One", body=FILLER, treatments=[one])
        a_published_story(title="Other", body=FILLER, treatments=[other])
    assert set(found_titles("dcp")) == {"One", "Other"}
    assert told("dcp") == [("Diphencyprone", ("DCP",)), ("Dichlorophen", ("DCP",))]


def test_a_minus_before_a_name_leaves_out_what_is_filed_under_it(context: AppContext) -> None:
    with committed_and_indexed():
        a_published_story(title="Filed", body=FILLER, treatments=[dpcp()])
        a_published_story(title="Without", body=FILLER)
    assert found_titles("summer -DPCP") == ["Without"]
    assert set(found_titles('summer -"DPCP"')) == {"Without", "Filed"}


def test_comments_are_found_by_their_own_words_only(context: AppContext) -> None:
    with committed_and_indexed():
        story = a_published_story(title="Filed", body=FILLER, treatments=[dpcp()])
        a_published_comment(story, body="Thank you for telling.")
    assert found_titles("DPCP", kind="comment") == []
    assert len(found_titles("thank", treatment="diphencyprone", kind="comment")) == 1


def test_a_new_name_works_at_once(context: AppContext) -> None:
    with committed_and_indexed():
        topic = a_topic("Cryotherapy", TopicKind.TREATMENT)
        a_published_story(title="Filed", body=FILLER, treatments=[topic])
    assert found_titles("freezing") == []
    with transaction():
        vocabulary.add_names(topic, [(NameKind.SYNONYM, "freezing")])
    assert found_titles("freezing") == ["Filed"]


def test_what_is_known_of_a_query_takes_one_statement(context: AppContext, statements: list[str]) -> None:
    with transaction():
        dpcp()
    del statements[:]
    understanding.understand(parse("how long does dpcp take to work on warts of the hands and feet"))
    assert len(statements) == 1


@pytest.mark.parametrize("typed", ["diphencyprome", "difencyprone", "dyphencyprone", "the diphencypron cream"])
def test_what_was_mistyped_leads_to_the_nearest_topics(context: AppContext, typed: str) -> None:
    with committed_and_indexed():
        a_topic("Diphencyprone", TopicKind.TREATMENT, "DPCP", page="Painted.")
        a_topic("Imiquimod", TopicKind.TREATMENT, page="A cream.")
        a_topic("Diphenhydramine", TopicKind.TREATMENT)
    assert [topic.name for topic in search_for(f"{typed} zzz").nearest_topics] == ["Diphencyprone"]


def test_beside_results_only_names_that_are_very_similar_are_offered(context: AppContext) -> None:
    with committed_and_indexed():
        a_topic("Tiredness", page="Being tired.")
        a_topic("Blistering", page="Blisters.")
        a_published_story(title="Nose", body=f"My nose. {FILLER}")
    assert [topic.name for topic in search_for("hairdresser blistered nose").nearest_topics] == ["Blistering"]
    assert "Tiredness" in [topic.name for topic in search_for("hairdresser").nearest_topics]
