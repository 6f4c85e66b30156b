"""What readers see of the figures: the picture, the table, the file, and the lists behind every number."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections import Counter, defaultdict
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from flask import Flask, render_template_string
from lxml import html

from app.foundation.database import db, transaction
from app.moderation.decisions import decisions
from app.outcomes import summaries
from app.stories.answers import Again, Effect, FirstEffect, Severity
from app.topics import vocabulary
from app.topics.models import TopicKind
from tests.client import Page, StrictClient
from tests.client import _text as words
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator, a_person
from tests.factories.stories import a_pending_story, a_published_story
from tests.material import real
from tests.outcomes.test_counting import told, tried
from tests.transfer.import_command import MAPS, import_stories

EFFECTS = ["not_at_all", "slightly", "moderately", "very_well", "too_early"]


def table_of(page: Page) -> dict[str, list[str]]:
    """The rows of the table behind the picture, by what they are named by."""
    return {
        words(row.find("th")): [words(cell) for cell in row.findall("td")] for row in page.select("#outcomes tbody tr")
    }


def picture_of(page: Page) -> dict[str, str]:
    """The words of each row of the picture."""
    return {words(row.find(".//h3")): words(row) for row in page.select(".sum__row")}


def file_of(client: StrictClient, slug: str) -> dict[tuple[str, str], dict[str, str]]:
    response = client.get(f"/topics/{slug}/outcomes.csv")
    assert (response.status_code, response.mimetype) == (200, "text/csv")
    return {(row["condition"], row["treatment"]): row for row in csv.DictReader(io.StringIO(response.text))}


# --- The imported posts, computed once more from the file ---


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The two p at which the score test just rejects, found by halving."""
    z2, share = 1.959963984540054**2, part / whole

    def edge(inside: float, outside: float) -> float:
        for _ in range(200):
            middle = (inside + outside) / 2
            if (share - middle) ** 2 <= z2 * middle * (1 - middle) / whole:
                inside = middle
            else:
                outside = middle
        return inside

    return edge(share, 0.0), edge(share, 1.0)


def percent(share: float) -> str:
    return f"{(Decimal(repr(share)) * 100).quantize(Decimal(1), ROUND_HALF_EVEN)}%"


def posts() -> dict[tuple[str, str], Counter[str]]:
    """How well it worked, counted by condition and drug, straight from the rows of the file."""
    conditions = tomllib.loads((MAPS / "psytar.toml").read_text(encoding="utf-8"))["condition"]["contains"]
    drugs = {"lexapro": "Escitalopram", "zoloft": "Sertraline", "cymbalta": "Duloxetine", "effexorxr": "Venlafaxine"}
    ratings = dict(zip("12345", ["not_at_all", "slightly", "moderately", "very_well", "very_well"], strict=True))
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    with real("psytar-posts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not re.search(r"\w", row["side_effects"] + row["comment"]):
                continue
            # The first part that names a disorder; in it the leftmost word, of several that begin there the longest.
            condition = next(
                min(named)[2]
                for part in re.split(r"[,;/&+]| and |\. ", row["disorder"].lower())
                if (
                    named := [
                        (part.index(word), -len(word), name)
                        for name, patterns in conditions.items()
                        for word in patterns
                        if word in part
                    ]
                )
            )
            counted[condition, drugs[row["drug"].lower()]][ratings[row["rating"]]] += 1
    return counted


def test_the_figures_of_the_imported_posts_are_those_of_the_file(app: Flask, client: StrictClient) -> None:
    expected = posts()
    arguments = [str(real("psytar-posts.csv")), "--map", str(MAPS / "psytar.toml"), "--as", "published"]
    assert import_stories(app, *arguments).exit_code == 0
    assert sum(sum(counts.values()) for counts in expected.values()) == 886

    compared = 0
    for condition in {condition for condition, _drug in expected}:
        slug = condition.lower().replace(" ", "-")
        page = client.get_page(f"/topics/{slug}")
        table, picture, file = table_of(page), picture_of(page), file_of(client, slug)
        for drug in [drug for about, drug in expected if about == condition]:
            counts = expected[condition, drug]
            stories, line = sum(counts.values()), file[condition, drug]
            assert line["stories"] == str(stories)
            if stories < 5:
                assert drug not in table
                assert drug not in picture
                assert line["share"] == line["very_well"] == ""
                continue
            part = counts["moderately"] + counts["very_well"]
            lower, upper = wilson(part, stories)
            share = [f"{percent(part / stories)} ({part} of {stories})", f"{percent(lower)} to {percent(upper)}"]
            assert table[drug] == [str(stories), *(str(counts[effect]) for effect in EFFECTS), *share]
            said = f"{percent(part / stories)} moderately or very well: {part} of the {stories} who could tell."
            assert f"{said} 95% interval {share[1]}" in picture[drug]
            assert f"{stories} stories" in picture[drug]
            assert [line[name] for name in ("share", "interval_lower", "interval_upper")] == [
                f"{figure:.4f}" for figure in (part / stories, lower, upper)
            ]
            compared += 1
        # Surest first.
        edges = [float(file[condition, drug]["interval_lower"]) for drug in table]
        assert edges == sorted(edges, reverse=True)
    assert compared == 15


# --- Every number leads to its stories ---


def test_every_number_of_the_table_is_the_number_of_stories_behind_it(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_topic("Warts", page="About warts.")
        author = a_person()
        for effect in (Effect.NOT_AT_ALL, Effect.SLIGHTLY, Effect.VERY_WELL, Effect.VERY_WELL, Effect.TOO_EARLY):
            told(effect)
        told(Effect.SLIGHTLY, author)
        told(Effect.MODERATELY, author)  # the latest of this person counts
        told(Effect.VERY_WELL, statistics=False)  # public, but not to be counted
        told(treatments=[*tried(Effect.NOT_AT_ALL), *tried(Effect.SLIGHTLY)])  # twice: the last word counts

    page = client.get_page("/topics/warts")
    assert table_of(page)["Imiquimod"][:6] == ["7", "1", "2", "1", "2", "1"]
    links = list(page.links_in("#outcomes td a"))
    assert len(links) == 6
    for link in links:
        behind = client.get_page(link.address.removeprefix("http://localhost"))
        number = link.text.split()[0]
        assert len(behind.select("article.card")) == int(number), link
        assert f"{number} stor" in behind.text
    assert len(client.get_page("/stories?condition=warts&treatment=imiquimod").select("article.card")) == 9


def test_the_bar_leads_to_the_stories_it_is_made_of(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_topic("Warts", page="About warts.")
        for _ in range(5):
            told()
        told(statistics=False)

    [bar] = client.get_page("/topics/warts").links_in(".sum__bar")
    behind = client.get_page(bar.address.removeprefix("http://localhost"))

    assert len(behind.select("article.card")) == 5
    assert "very well 5" in bar.text


def test_a_segment_says_its_answer_by_dots_and_in_words_where_it_has_room(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_topic("Warts", page="About warts.")
        for effect in [Effect.MODERATELY] * 8 + [Effect.NOT_AT_ALL]:
            told(effect)

    page = client.get_page("/topics/warts")
    segments = {str(segment.get("data-effect")): segment for segment in page.select(".sum__bar g")}
    filled = {answer: len(segment.findall(".//circle[@class='is-filled']")) for answer, segment in segments.items()}
    assert filled == {"not_at_all": 0, "moderately": 2}
    [word] = segments["moderately"].findall("text[@class='sum__word']")
    assert (words(word), word.get("data-room")) == ("moderately", "8")  # 89 % of 8 is more than 4.5
    [word] = segments["not_at_all"].findall("text[@class='sum__word']")
    assert word.get("data-room") == "44"  # 11 % of 28 is less than 4.5
    assert [words(answer) for answer in page.select(".legend li")] == [str(effect.words) for effect in Effect]


# --- Small numbers ---


def test_under_five_stories_there_is_no_figure_but_the_stories(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_topic("Warts", page="About warts.")
        for number in range(4):
            told(title=f"Number {number}")

    page = client.get_page("/topics/warts")
    section = words(page.one("#outcomes"))
    assert "Too few to summarise" in section
    assert [f"Number {number}" in section for number in range(4)] == [True] * 4
    assert page.select(".sum__row") == page.select("#outcomes table") == []
    assert not re.search(r"\d\s?%", section.replace("Wilson, 95%", ""))


def test_five_stories_of_which_few_can_tell_have_a_bar_and_no_share(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_topic("Warts", page="About warts.")
        told(Effect.VERY_WELL)
        for _ in range(4):
            told(Effect.TOO_EARLY)

    page = client.get_page("/topics/warts")
    assert "Too few can tell yet" in picture_of(page)["Imiquimod"]
    assert table_of(page)["Imiquimod"] == ["5", "0", "0", "0", "1", "4", "too few"]


def test_too_early_is_shown_and_stays_out_of_the_share(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_topic("Warts", page="About warts.")
        for effect in [Effect.VERY_WELL] * 3 + [Effect.NOT_AT_ALL] * 3 + [Effect.TOO_EARLY] * 4:
            told(effect)

    row = table_of(client.get_page("/topics/warts"))["Imiquimod"]
    assert row[:7] == ["10", "3", "0", "0", "3", "4", "50% (3 of 6)"]


def test_a_sure_middle_stands_above_a_lucky_few(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_topic("Warts", page="About warts.")
        freezing = a_topic("Freezing", TopicKind.TREATMENT)
        for _ in range(5):
            told(treatments=tried(Effect.VERY_WELL, freezing))  # all of five: from 57 %
        for effect in [Effect.VERY_WELL] * 24 + [Effect.NOT_AT_ALL] * 6:
            told(effect)  # 24 of 30: from 63 %

    assert list(table_of(client.get_page("/topics/warts"))) == ["Imiquimod", "Freezing"]


# --- What else is told ---


def test_side_effects_stopping_and_choosing_again_are_told(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_topic("Warts", page="About warts.")
        itch = a_topic("Itch", TopicKind.EFFECT)
        for number in range(6):
            told(
                treatments=tried(
                    Effect.VERY_WELL,
                    first_effect=FirstEffect.WEEKS_2_4 if number else FirstEffect.NEVER,
                    side_effects_overall=Severity.MILD if number % 2 else Severity.NONE,
                    side_effects={itch: Severity.MILD} if number % 2 else {},
                    again=Again.YES if number < 4 else Again.NOT_SURE,
                )
            )

    told_of = picture_of(client.get_page("/topics/warts"))["Imiquimod"]
    assert "Had side effects 50% (3 of 6) Itch 50% (3 of 6): 3 mild" in told_of
    assert "First noticed an effect 2 to 4 weeks" in told_of
    assert "Would choose it again 67% (4 of 6)" in told_of
    assert "Stopped early" not in told_of  # nobody said how it stands


def test_nothing_is_broken_down_by_age_or_sex(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_topic("Warts", page="About warts.")
        for _ in range(5):
            told()

    section = words(client.get_page("/topics/warts").one("#outcomes")).lower()
    assert not any(word in section for word in ("female", "male", "years old", "under 18"))
    assert "self-reported" in section
    assert "not a trial" in section


def test_invented_stories_say_so_in_the_figures(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_topic("Warts", page="About warts.")
        for _ in range(5):
            told().is_invented = True
    app.test_cli_runner().invoke(args=["outcomes", "recount"])

    assert client.get_page("/topics/warts").texts(".demonstration")


# --- Treatments, topics without a page, comparisons ---


def test_a_treatment_shows_each_condition(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        imiquimod = a_topic("Imiquimod", TopicKind.TREATMENT, page="A cream.")
        for condition in ("Warts", "Eczema"):
            for _ in range(5):
                told(condition=condition, treatments=tried(Effect.SLIGHTLY, imiquimod))

    assert set(table_of(client.get_page("/topics/imiquimod"))) == {"Warts", "Eczema"}


def test_a_topic_of_which_nothing_is_counted_has_no_section(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_topic("Warts", page="About warts.")
        a_published_story(statistics=False)

    assert client.get_page("/topics/warts").select("#outcomes") == []
    assert client.get("/topics/warts/outcomes.csv").text.count("\n") == 1
    assert client.get("/topics/nothing/outcomes.csv").status_code == 404


def test_a_comparison_has_a_row_of_stories(app: Flask, client: StrictClient) -> None:
    app.test_cli_runner().invoke(args=["seed"])

    page = client.get_page("/articles/imiquimod-compared")
    rows = [words(row) for row in page.select("tr.comparison__stories")]

    assert rows
    assert all("self-reported, not a trial; invented for demonstration" in row for row in rows)
    told_of = r"\d+% it worked moderately or very well for \d+ of the \d+ who could tell \(95% interval \d+% to \d+%\)"
    assert any(re.search(told_of, row) for row in rows)
    assert any("too few to summarise" in row for row in rows)


# --- Nothing unapproved ---


def test_what_waits_or_was_hidden_is_in_no_figure(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_topic("Warts", page="About warts.")
        for _ in range(5):
            told(Effect.SLIGHTLY)
        hidden = told(Effect.VERY_WELL, title="Marker of the hidden")
        a_pending_story(statistics=True, title="Marker of the waiting", treatments=tried(Effect.VERY_WELL))
    assert table_of(client.get_page("/topics/warts"))["Imiquimod"][0] == "6"

    with app.app_context(), transaction():
        decisions.hide(a_moderator(), db.session.merge(hidden), "privacy")

    for address in ("/topics/warts", "/topics/warts/outcomes.csv", "/stories?condition=warts&counted=yes"):
        assert "Marker" not in client.get(address).text
    assert table_of(client.get_page("/topics/warts"))["Imiquimod"][:6] == ["5", "0", "5", "0", "0", "0"]
    assert file_of(client, "warts")["Warts", "Imiquimod"]["very_well"] == "0"


# --- Filters of the list ---


@pytest.mark.parametrize(
    "query",
    ["condition=nothing", "effect=splendid", "year=20x6", "year=9999", "duration=a%00b", "treatment=" + "x" * 3_000],
)
def test_a_filter_that_nothing_can_meet_is_told(app: Flask, client: StrictClient, query: str) -> None:
    with app.app_context(), transaction():
        told()

    page = client.get_page(f"/stories?{query}")

    assert page.select("article.card") == []
    assert "We don’t have a filter called" in page.text


def test_filters_are_shown_and_can_be_taken_away_one_by_one(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        told(Effect.VERY_WELL, title="Very well")
        told(Effect.SLIGHTLY, title="Slightly")

    page = client.get_page("/stories?condition=warts&effect=very_well")
    assert [words(title) for title in page.select(".card__title")] == ["Very well"]
    page = client.click(page, "Remove ‘how well it worked: very well’")
    assert page.url.endswith("/stories?condition=warts")
    assert len(page.select("article.card")) == 2


# --- The line at the top of a page ---


def line_of(slug: str, by: str) -> str:
    """What `outcomes_line` says about this topic, in words."""
    template = '{% from "components/outcomes.html" import outcomes_line %}{{ outcomes_line(summary, by) }}'
    summary = summaries.summary_for(vocabulary.by_slug(slug))
    return words(html.fromstring(render_template_string(template, summary=summary, by=by)))


def test_the_line_says_the_two_rows_with_most_stories(app: Flask) -> None:
    with app.app_context(), transaction():
        many, some, fewer = (a_topic(name, TopicKind.TREATMENT) for name in ("Many & more", "Some", "Fewer"))
        for effect in [Effect.MODERATELY] * 3 + [Effect.VERY_WELL] + [Effect.NOT_AT_ALL] * 2 + [Effect.TOO_EARLY]:
            told(effect, treatments=tried(effect, many))
        for effect in [Effect.TOO_EARLY] * 5 + [Effect.VERY_WELL]:
            told(effect, treatments=tried(effect, some))
        for _ in range(5):
            told(treatments=tried(Effect.VERY_WELL, fewer))

    with app.test_request_context():
        assert line_of("warts", "treatment") == (
            "Many & more: 7 people shared a story. It worked moderately or very well for 4 of the 6 who could tell. "
            "Some: 6 people shared a story. Too few of them can tell yet how well it worked."
        )
        assert line_of("fewer", "condition").startswith("Warts: 5 people shared a story. It worked moderately or very")


def test_the_line_gives_no_figure_of_too_few_stories(app: Flask) -> None:
    with app.app_context(), transaction():
        freezing = a_topic("Freezing", TopicKind.TREATMENT)
        for _ in range(3):
            told(treatments=tried(Effect.VERY_WELL, freezing))
    with app.test_request_context():
        assert line_of("warts", "treatment") == "3 stories so far, too few to summarise."

    with app.app_context(), transaction():
        told()
    with app.test_request_context():
        assert line_of("warts", "treatment") == "Stories about 2 treatments so far, too few about each to summarise."
