"""What is found, and in which order."""

from __future__ import annotations

import pytest
from flask.ctx import AppContext

from app.foundation import clock
from app.search.index.engine import Sort
from app.search.results import search
from app.stories import thanks
from app.stories.answers import Effect, Severity
from app.topics.models import TopicKind
from tests.factories.comments import a_published_comment
from tests.factories.pages import a_topic, an_article
from tests.factories.people import a_person
from tests.factories.stories import a_published_story, a_treatment
from tests.search.searching import (
    FILLER,
    committed_and_indexed,
    found_titles,
    publish_stories,
    search_for,
    titles_with_some_words,
)


def offered(text: str, facet: str, **filters: str) -> dict[str, int]:
    """The choices of a facet with their counts."""
    return {
        choice.value: choice.count
        for each in search_for(text, **filters).facets
        if each.name == facet
        for choice in each.choices
    }


def test_every_word_has_to_be_said(context: AppContext) -> None:
    publish_stories({"Both": "The itch at night, and the redness.", "One": "The itch at night."})
    for number in range(2):
        with committed_and_indexed():
            a_published_story(title=f"Both {number}", body=f"Redness and itch. {FILLER}")
    assert set(found_titles("itch redness")) == {"Both", "Both 0", "Both 1"}
    assert set(found_titles("night")) == {"Both", "One"}
    assert found_titles('itch "elephants"') == []


def test_what_has_only_some_of_the_words_follows_the_closest_first(context: AppContext) -> None:
    publish_stories(
        {
            "All": "Itch, redness and elephants.",
            "Two": "The itch at night, and the redness.",
            "One": "The itch at night.",
        }
    )
    found = search_for("itch redness elephants")
    assert ([item.title for item in found.items], found.total, found.complete) == (["All", "Two", "One"], 3, 1)
    assert [item.title for item in found.incomplete_items] == ["Two", "One"]
    assert titles_with_some_words("mice elephants redness") == ["All", "Two"]
    # Words that no text has leave the order to the others.
    assert set(titles_with_some_words("mice elephants dogs cats redness night")) == {"Two", "All", "One"}
    # What is quoted, excluded or one of two is meant.
    assert [item.title for item in search_for('itch redness "elephants"').items] == ["All"]
    assert [item.title for item in search_for("elephants OR mice itch").items] == ["All"]
    assert titles_with_some_words("redness elephants mice -night") == ["All"]


def test_where_enough_has_all_words_nothing_follows(context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "FILL_TO", 3)
    publish_stories({"Both": "Redness and itch.", "Again": "Itch and redness.", "One": "Itch.", "Two": "Redness."})
    assert (search_for("itch redness").total, search_for("itch redness").complete) == (3, 2)
    publish_stories({"Third": "Itch and redness."})
    assert (search_for("itch redness").total, search_for("itch redness").complete) == (3, 3)


def test_counts_are_those_of_what_has_all_words_if_anything_has(context: AppContext) -> None:
    publish_stories({"Both": "Redness and itch.", "One": "Itch.", "Two": "Redness."})
    assert search_for("itch redness").counts["story"] == 1
    found = search_for("itch elephants")
    assert (found.complete, found.counts["story"], found.total) == (0, 2, 2)


def test_what_has_only_some_of_the_words_is_on_later_pages_too(
    context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PER_PAGE", 2)
    publish_stories({"1": "Redness and itch.", "2": "Itch.", "3": "Redness.", "4": "Redness."})
    first, second = search_for("itch redness"), search_for("itch redness", page=2)
    assert (len(first.complete_items), len(first.incomplete_items)) == (1, 1)
    assert (len(second.complete_items), len(second.incomplete_items)) == (0, 2)


def test_sorted_otherwise_only_what_has_all_words_is_listed(context: AppContext) -> None:
    publish_stories({"Both": "Redness and itch.", "One": "Itch."})
    found = search_for("itch redness", sort=Sort.NEWEST)
    assert (found.total, found.sort) == (1, Sort.NEWEST)
    # Where nothing has, the closest comes first all the same.
    found = search_for("itch elephants mice", sort=Sort.NEWEST)
    assert (found.total, found.complete, found.sort) == (2, 0, Sort.RELEVANCE)


def test_words_around_what_is_meant_are_not_asked_for(context: AppContext) -> None:
    publish_stories({"Told": "Gloves helped against scratching."})
    assert found_titles("what did help against the scratching") == ["Told"]
    assert found_titles("it was") == ["Told"]


def test_a_word_in_the_title_weighs_more_than_in_a_name_and_in_the_text(context: AppContext) -> None:
    with committed_and_indexed():
        zinc = a_topic("Zinc paste", TopicKind.TREATMENT)
        a_published_story(title="In the text", body=f"Somebody spoke of zinc. {FILLER}")
        a_published_story(title="By its treatment", body=FILLER, treatments=[zinc])
        a_published_story(title="Half a year with zinc", body=FILLER)
    assert found_titles("zinc") == ["Half a year with zinc", "By its treatment", "In the text"]


def test_everything_public_is_found(context: AppContext) -> None:
    with committed_and_indexed():
        topic = a_topic("Warts", page="They are rather *stubborn* things.")
        story = a_published_story(title="A story", body=f"They were stubborn. {FILLER}", advice="Be stubborn too.")
        an_article(title="An article", body="On stubborn figures.", topics=[topic])
        a_published_comment(story, body="Mine are stubborn as well.")
    found = search_for("stubborn")
    assert {item.kind for item in found.items} == {"story", "topic", "article"}
    assert found.counts == {"story": 1, "topic": 1, "article": 1}
    # Comments are found by those who ask for them.
    assert found.total == 3
    assert [item.kind for item in search_for("stubborn", kind="comment").items] == ["comment"]


def test_quotes_find_words_as_they_are_written_and_nothing_for_them(context: AppContext) -> None:
    with committed_and_indexed():
        a_published_story(title="Plural", body=f"It burns a lot. It\u2019s na\u00efve of the doctor. {FILLER}")
        a_published_story(title="Singular", body=f"It will burn a lot. {FILLER}")
    assert found_titles('"burns"') == ["Plural"]
    assert found_titles('"burn"') == ["Singular"]
    assert found_titles('"BURNS a lot"') == ["Plural"]
    assert found_titles('"naive of the"') == ["Plural"]
    assert found_titles('"burning"') == []
    assert set(found_titles("burning")) == {"Plural", "Singular"}
    assert found_titles('lot -"burns"') == ["Singular"]
    assert found_titles('lot -"burns a lot"') == ["Singular"]
    assert found_titles("lot -burns") == []
    assert set(found_titles('"burns" OR "burn"')) == {"Plural", "Singular"}


def test_quotes_mark_what_they_find_and_nothing_else(context: AppContext) -> None:
    publish_stories({"It burns": "A burn that burns, burning."})
    (item,) = search_for('"burns"').items
    assert str(item.marked_title) == "It <mark>burns</mark>"
    assert "A burn that <mark>burns</mark>, burning." in str(item.snippet)


def test_quotes_leave_out_other_names(context: AppContext) -> None:
    with committed_and_indexed():
        a_published_story(title="Filed", condition="Warts", body=f"It went away. {FILLER}")
    assert found_titles('"warts"') == ["Filed"]
    assert found_titles('"wart"') == []
    assert found_titles("wart") == ["Filed"]


def test_quoted_words_stand_one_after_the_other(context: AppContext) -> None:
    publish_stories(
        {"Apart": "I was not at ease, and in all it helped.", "Together": "It did not help at all: not at all."}
    )
    assert found_titles('"not at all"') == ["Together"]
    assert found_titles("ease helped")[0] == "Apart"
    assert found_titles('"all not"') == ["Together"]


def test_a_minus_leaves_out(context: AppContext) -> None:
    publish_stories({"With acid": "First came the salicylic acid, then tape.", "With tape": "Nothing but tape."})
    assert found_titles("tape -acid") == ["With tape"]
    assert found_titles('tape -"salicylic acid"') == ["With tape"]
    assert len(found_titles('tape -"acid salicylic"')) == 2
    assert found_titles("-acid") == ["With tape"]


def test_either_of_two(context: AppContext) -> None:
    with committed_and_indexed():
        tar = a_topic("Coal tar", TopicKind.TREATMENT, "Psoriderm")
        a_published_story(title="Named", body=FILLER, treatments=[tar])
        a_published_story(title="Acid", body=f"Salicylic acid. {FILLER}")
        a_published_story(title="Neither", body=FILLER)
    assert set(found_titles("summer acid OR psoriderm")) == {"Acid", "Named"}
    assert set(found_titles("acid OR psoriderm summer")) == {"Acid", "Named"}
    assert found_titles('"salicylic acid" OR elephants') == ["Acid"]
    assert found_titles("elephants OR mice") == []
    assert set(found_titles("the OR acid OR")) == {"Acid"}


def test_field_words_narrow(context: AppContext) -> None:
    with committed_and_indexed():
        eczema, tar = a_topic("Eczema"), a_topic("Coal tar", TopicKind.TREATMENT, "LCD", "liquor carbonis")
        well = a_treatment(tar, effect=Effect.VERY_WELL)
        with clock.at(clock.now().replace(year=2019)):
            a_published_story(title="Tar worked", body=FILLER, condition=eczema, treatments=[well])
        a_published_story(title="Eczema", body=FILLER, condition=eczema)
        a_published_story(title="Warts", body=f"Not eczema. {FILLER}")
    assert found_titles("condition:eczema summer", sort=Sort.NEWEST) == ["Eczema", "Tar worked"]
    for typed in ("treatment:coal-tar", "treatment:lcd", 'treatment:"liquor carbonis"', "outcome:worked treatment:LCD"):
        assert found_titles(typed) == ["Tar worked"], typed
    assert found_titles("year:..2020") == ["Tar worked"]
    assert found_titles('outcome:"very well" kind:stories') == ["Tar worked"]
    found = search_for("summer condition:eczema kind:story")
    assert (found.parsed.text, found.filters.topic_names) == ("summer", ["Eczema"])
    # They add to what the address says already.
    assert found_titles("summer condition:eczema", condition="warts", year="2019") == ["Tar worked"]


def test_field_words_that_mean_nothing_are_words(context: AppContext) -> None:
    publish_stories({"Said": "The summer of 2019."})
    for typed in ("condition:summer", "year:summer", "outcome:summer", "kind:2019", "treatment:summer/long"):
        assert found_titles(typed) == ["Said"], typed
    assert found_titles("treatment:warts") == ["Said"]
    assert found_titles("condition:elephants") == []


@pytest.mark.parametrize("typed", ["5-FU", "5 FU", "5fu", "5‑FU"])
def test_an_abbreviation_is_found_however_it_is_written(context: AppContext, typed: str) -> None:
    publish_stories({"Said": "The 5-FU stung.", "Not said": "In 5 weeks we walked to the fu restaurant."})
    assert found_titles(typed)[0] == "Said"


def test_filters_narrow_and_counts_agree(context: AppContext) -> None:
    with committed_and_indexed():
        eczema, tar = a_topic("Eczema"), a_topic("Coal tar", TopicKind.TREATMENT)
        a_published_story(title="Warts", body=f"Patience. {FILLER}")
        a_published_story(title="Eczema and tar", body=f"Patience. {FILLER}", condition=eczema, treatments=[tar])
        story = a_published_story(title="Eczema", body=f"Patience. {FILLER}", condition=eczema)
        an_article(title="On eczema", body="Patience.", topics=[eczema])
        a_published_comment(story, body="Patience indeed.")
    assert set(found_titles("patience", condition="eczema", kind="story")) == {"Eczema and tar", "Eczema"}
    assert found_titles("patience", condition="eczema", treatment="coal-tar") == ["Eczema and tar"]
    assert found_titles("patience", condition="warts", treatment="coal-tar") == []
    narrowed = search_for("patience", condition="eczema")
    assert narrowed.counts == {"story": 2, "topic": 0, "article": 1}
    # The count of a kind does not depend on which kind is looked at.
    assert search_for("patience", condition="eczema", kind="article").counts == narrowed.counts


def test_a_comparison_is_filed_and_found_by_what_it_compares(context: AppContext) -> None:
    from app.articles.publishing import Cell, Comparison

    with committed_and_indexed():
        eczema, tar = a_topic("Eczema"), a_topic("Coal tar", TopicKind.TREATMENT)
        cell = Cell(condition=eczema, option=tar, criterion="How messy it is", text="Stains the sheets")
        comparison = Comparison([tar], [("How messy it is", "")], [eczema], [cell])
        an_article(title="Compared", topics=[], comparison=comparison)
    assert found_titles("tar", condition="eczema", treatment="coal-tar") == ["Compared"]
    assert found_titles("messy sheets") == ["Compared"]
    assert "<mark>messy</mark>" in search_for("messy sheets").items[0].snippet


def test_filters_alone_list_the_newest_first(context: AppContext) -> None:
    with committed_and_indexed():
        for year in (2021, 2024, 2022):
            with clock.at(clock.now().replace(year=year)):
                a_published_story(title=f"Of {year}", body=FILLER)
    assert found_titles(condition="warts") == ["Of 2024", "Of 2022", "Of 2021"]
    assert found_titles(kind="story") == ["Of 2024", "Of 2022", "Of 2021"]
    assert found_titles(kind="article") == []


def test_several_values_are_either_and_several_filters_are_both(context: AppContext) -> None:
    with committed_and_indexed():
        tar, acid = a_topic("Coal tar", TopicKind.TREATMENT), a_topic("Salicylic acid", TopicKind.TREATMENT)
        eczema = a_topic("Eczema")
        a_published_story(title="Tar", body=FILLER, treatments=[tar])
        a_published_story(title="Acid", body=FILLER, treatments=[acid], condition=eczema)
        a_published_story(title="Neither", body=FILLER, condition=eczema)
    either = ["coal-tar", "salicylic-acid"]
    assert set(found_titles("summer", treatment=either)) == {"Tar", "Acid"}
    assert found_titles("summer", treatment=either, condition="eczema") == ["Acid"]


def test_an_outcome_is_that_of_the_treatment_asked_for(context: AppContext) -> None:
    with committed_and_indexed():
        tar, acid = a_topic("Coal tar", TopicKind.TREATMENT), a_topic("Salicylic acid", TopicKind.TREATMENT)
        well, ill = Effect.VERY_WELL, Effect.NOT_AT_ALL
        a_published_story(
            title="Tar helped",
            body=FILLER,
            treatments=[a_treatment(acid, effect=ill), a_treatment(tar, effect=well)],
        )
        a_published_story(title="Acid helped", body=FILLER, treatments=[a_treatment(acid, effect=well)])
    assert found_titles("summer", treatment="coal-tar", outcome="very_well") == ["Tar helped"]
    assert found_titles("summer", treatment="salicylic-acid", outcome="not_at_all") == ["Tar helped"]
    assert set(found_titles("summer", outcome="very_well")) == {"Tar helped", "Acid helped"}
    assert offered("summer", "outcome", treatment="salicylic-acid") == {"not_at_all": 1, "very_well": 1}
    assert offered("summer", "treatment", outcome="very_well") == {"coal-tar": 1, "salicylic-acid": 1}


def test_side_effects_and_years_narrow(context: AppContext) -> None:
    with committed_and_indexed():
        rash, tar = a_topic("Rash", TopicKind.EFFECT), a_topic("Coal tar", TopicKind.TREATMENT)
        answers = a_treatment(tar, side_effects={rash: Severity.MILD})
        for year in (2021, 2024):
            with clock.at(clock.now().replace(year=year)):
                a_published_story(title=f"Rash in {year}", body=FILLER, treatments=[answers])
                a_published_story(title=f"None in {year}", body=FILLER)
    assert set(found_titles("summer", side_effect="rash")) == {"Rash in 2021", "Rash in 2024"}
    assert found_titles("summer", side_effect="rash", year="2021") == ["Rash in 2021"]
    assert set(found_titles("summer", year="2022..")) == {"Rash in 2024", "None in 2024"}
    assert set(found_titles("summer", year="..2021")) == {"Rash in 2021", "None in 2021"}
    assert offered("summer", "year", side_effect="rash") == {"2024": 1, "2021": 1}


def test_counts_are_of_what_one_more_click_gives(context: AppContext) -> None:
    with committed_and_indexed():
        eczema, tar = a_topic("Eczema"), a_topic("Coal tar", TopicKind.TREATMENT)
        a_published_story(title="Warts", body=FILLER)
        a_published_story(title="Eczema", body=FILLER, condition=eczema)
        story = a_published_story(title="Eczema and tar", body=FILLER, condition=eczema, treatments=[tar])
        a_published_comment(story, body="A summer!")
    for filters in ({}, {"condition": "eczema"}, {"treatment": "coal-tar"}, {"kind": "story"}, {"kind": "comment"}):
        for facet in search_for("summer", **filters).facets:
            for choice in facet.choices:
                clicked = search_for("summer", **(filters | {facet.name: choice.value}))
                assert clicked.total == choice.count, (filters, facet.name, choice)


def test_what_is_chosen_is_offered_though_nothing_is_left_of_it(context: AppContext) -> None:
    with committed_and_indexed():
        a_topic("Eczema")
        a_published_story(title="Warts", body=FILLER)
    assert offered("summer", "condition", condition="eczema") == {"warts": 1, "eczema": 0}


def test_the_newest_first_on_request(context: AppContext) -> None:
    with committed_and_indexed():
        for year, title in ((2021, "Summer of tar"), (2024, "A year")):
            with clock.at(clock.now().replace(year=year)):
                a_published_story(title=title, body=FILLER)
    assert found_titles("summer") == ["Summer of tar", "A year"]
    assert found_titles("summer", sort=Sort.NEWEST) == ["A year", "Summer of tar"]


@pytest.mark.parametrize("filters", [{"kind": "person"}, {"condition": "nothing"}, {"treatment": "x" * 500}])
def test_an_unknown_filter_finds_nothing_and_says_so(context: AppContext, filters: dict[str, str]) -> None:
    with committed_and_indexed():
        a_published_story(title="Told", body=FILLER)
    result = search_for("summer", **filters)
    assert (result.total, list(result.unknown)) == (0, list(filters.values()))


def test_all_pages_together_hold_what_the_total_says(context: AppContext) -> None:
    with committed_and_indexed():
        for number in range(45):
            a_published_story(title=f"Number {number}", body=f"Some patience. {FILLER}")
    pages = [search_for("patience", page=page) for page in (1, 2, 3)]
    keys = [item.key for page in pages for item in page.items]
    assert [page.total for page in pages] == [45, 45, 45]
    assert len(keys) == len(set(keys)) == 45
    assert pages[0].pages == 3
    # Beyond the last page there is the last page.
    assert search_for("patience", page=40).page == 3
    assert search_for("patience", page=9999).items == pages[2].items


def test_no_more_than_fifty_pages_can_be_seen(context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PER_PAGE", 1)
    monkeypatch.setattr(search, "MAX_PAGES", 2)
    with committed_and_indexed():
        for number in range(3):
            a_published_story(title=f"Number {number}", body=FILLER)
    result = search_for("summer", page=3)
    assert (result.total, result.pages, result.page, result.is_truncated) == (3, 2, 2, True)


def test_a_page_costs_a_fixed_number_of_statements(context: AppContext, statements: list[str]) -> None:
    with committed_and_indexed():
        story = a_published_story(title="First", body=f"Patience. {FILLER}")
        for number in range(6):
            a_published_story(title=f"Number {number}", body=f"Patience. {FILLER}")
            a_published_comment(story, body=f"Patience {number}")
    search_for("patience first")
    del statements[:]
    for kind, number in (("story", 7), ("comment", 6)):
        del statements[:]
        few = search_for('"patience" 3', condition="warts", kind=kind)
        for_few = len(statements)
        del statements[:]
        many = search_for("patience", condition="warts", kind=kind)
        assert len(few.items) < len(many.items) == number
        assert len(statements) <= for_few + 1 <= 9


def test_a_word_as_it_is_typed_goes_before_its_other_forms(context: AppContext) -> None:
    publish_stories(
        {
            "Once": "Somebody recommended it.",
            "Often": "My recommendations: recommend, recommend and recommend.",
            "Noun": "A recommendation.",
        }
    )
    assert found_titles("recommended")[0] == "Once"
    assert found_titles("recommendation")[0] == "Noun"
    assert set(found_titles("recommend")) == {"Once", "Often", "Noun"}


def test_the_names_of_topics_may_be_typed_in_any_form(context: AppContext) -> None:
    with committed_and_indexed():
        a_published_story(title="Filed", condition="Warts", body=f"It went away. Warts, warts, warts. {FILLER}")
        a_published_story(title="Said", condition="Eczema", body=f"Not a wart at all, they said. {FILLER}")
    assert found_titles("wart")[0] == "Filed"


def test_what_helped_most_comes_first_on_request_and_one_or_two_count_as_none(context: AppContext) -> None:
    with committed_and_indexed():
        people = [a_person() for _ in range(5)]
        told = {
            name: a_published_story(title=name, body=f"Some patience. {FILLER}") for name in ("Five", "Three", "Two")
        }
        told["None"] = a_published_story(title="None", body=f"Some patience. {FILLER}")
    with committed_and_indexed():
        for name, count in (("Five", 5), ("Three", 3), ("Two", 2)):
            for person in people[:count]:
                thanks.thank(person, told[name])
    assert found_titles("patience", sort=Sort.HELPFUL) == ["Five", "Three", "None", "Two"]
    assert found_titles(kind="story", sort=Sort.HELPFUL) == ["Five", "Three", "None", "Two"]
    assert [item.helpful for item in search_for("patience", sort=Sort.HELPFUL).items] == [5, 3, 0, 0]
    # Of what says the same, the one that helped goes first; what says more stays before it.
    assert found_titles("patience")[0] == "Five"
    with committed_and_indexed():
        a_published_story(title="Patience", body=f"Patience and patience. {FILLER}")
        thanks.withdraw_thanks(people[0], told["Three"])
    assert found_titles("patience")[0] == "Patience"
    assert found_titles("patience", sort=Sort.HELPFUL) == ["Five", "Patience", "None", "Two", "Three"]
