"""What the rows of a table become: with a mapping, and without one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app.foundation import clock, events
from app.foundation.database import db, transaction
from app.foundation.text import markup
from app.moderation.queue.models import QueueItem
from app.moderation.screening import signals
from app.stories.answers import About, Again, AgeBand, Companion, Duration, Effect, Severity, Sex, Status, StopReason
from app.stories.models import Story, StoryRevision
from app.topics.models import TopicKind
from app.transfer import rendering
from tests.factories.pages import a_topic
from tests.transfer.import_command import (
    BODY,
    MAPPING,
    a_row,
    as_csv,
    import_files,
    import_stories,
    only_revision,
    row_counts,
)


@pytest.fixture
def vocabulary(app: Flask) -> Flask:
    with app.app_context(), transaction():
        a_topic("Warts", TopicKind.CONDITION, "Verruca")
        a_topic("Imiquimod", TopicKind.TREATMENT, "Aldara")
        a_topic("Cryotherapy", TopicKind.TREATMENT)
        a_topic("Itching", TopicKind.EFFECT, "Pruritus")
        a_topic("Redness", TopicKind.EFFECT)
    return app


def with_mapping(app: Flask, folder: Path, *rows: dict[str, str], more: str = "") -> str:
    result = import_stories(app, *import_files(folder, as_csv(*rows), more + MAPPING))
    assert result.exit_code == 0, result.stderr
    return result.stderr


def without_mapping(app: Flask, folder: Path, *rows: dict[str, str]) -> str:
    result = import_stories(app, *import_files(folder, as_csv(*rows), None))
    assert result.exit_code == 0, result.stderr
    return result.stderr


def test_columns_named_like_the_fields_need_no_mapping(vocabulary: Flask, tmp_path: Path) -> None:
    row = a_row(
        advice="Be patient.",
        about="someone I care for",
        age_band="18-29",
        sex="Female",
        body_place="left hand",
        confirmed_by_clinician="yes",
        publish="yes",
        statistics="no",
        follow_up="1",
        date="2019-05-04",
        status="stopped",
        duration="1-3 months",
        effect="Very well",
        side_effects_overall="mild",
        side_effects="Pruritus: severe | redness: mild | itching: mild",
        stop_reasons="cost|did not work",
        companions="light therapy",
        again="not sure",
        treatment_2="cryotherapy",
        effect_2="not_at_all",
    )

    told = without_mapping(vocabulary, tmp_path, row)

    assert told == ""
    with vocabulary.app_context():
        story = only_revision()
        first, second = story.treatments
        assert (story.title, story.body_source, story.advice_source) == ("Story 1", BODY, "Be patient.")
        assert (story.about, story.age_band, story.sex) == (About.SOMEONE_I_CARE_FOR, AgeBand.AGE_18_29, Sex.FEMALE)
        assert (story.body_place, story.confirmed_by_clinician) == ("left hand", True)
        assert story.statistics_consent_at is None
        assert story.follow_up_consent_at == story.publish_consent_at == datetime(2019, 5, 4, 12, tzinfo=UTC)
        assert (first.topic.name, second.topic.name) == ("Imiquimod", "Cryotherapy")
        assert (first.status, first.duration, first.effect) == (Status.STOPPED, Duration.MONTHS_1_3, Effect.VERY_WELL)
        assert (first.side_effects_overall, first.again) == (Severity.MILD, Again.NOT_SURE)
        # The last word on a side effect counts, whatever name it goes by.
        assert {each.topic.name: each.severity for each in first.side_effects} == {
            "Itching": Severity.MILD,
            "Redness": Severity.MILD,
        }
        assert {each.reason for each in first.stop_reasons} == {StopReason.COST, StopReason.DID_NOT_WORK}
        assert [each.companion for each in first.companions] == [Companion.LIGHT_THERAPY]
        assert (second.effect, second.duration) == (Effect.NOT_AT_ALL, None)
        assert story.story.source == "table"


# Answers that are none, and the beginning of what is told of each.
BAD_ANSWERS: list[tuple[dict[str, str], str]] = [
    ({"sex": "woman"}, "sex: 'woman' is none of female, male, other"),
    ({"effect": "great"}, "effect: 'great' is none of not_at_all, slightly"),
    ({"publish": "no"}, "its author did not agree to publication"),
    ({"publish": ""}, "its author did not agree to publication"),
    ({"statistics": "perhaps"}, "statistics: 'perhaps' is neither yes nor no"),
    ({"date": "04.05.2019"}, "date: '04.05.2019' is not a date of the forms that are known"),
    ({"date": "2999-01-01"}, "date: '2999-01-01' is not a date in the past"),
    ({"date": "1819-01-01"}, "date: '1819-01-01' is not a date in the past"),
    ({"side_effects": "Itching"}, "side_effects: 'Itching' is not of the form 'name: mild'"),
    ({"body_place": "x" * 61}, "The place on the body can have up to 60 characters."),
    ({"advice": "x" * 2_001}, "The advice can have up to 2,000 characters."),
    ({"stop_reasons": "weather"}, "stop_reasons: 'weather' is none of side_effects"),
]


def test_an_answer_that_is_none_makes_a_bad_row(vocabulary: Flask, tmp_path: Path) -> None:
    columns = dict.fromkeys((name for cells, _ in BAD_ANSWERS for name in cells), "") | {"publish": "yes"}
    bad = [columns | a_row(str(number), **cells) for number, (cells, _) in enumerate(BAD_ANSWERS)]

    reported = without_mapping(vocabulary, tmp_path, *bad, columns | a_row("good")).splitlines()

    for number, (line, (_, told)) in enumerate(zip(reported, BAD_ANSWERS, strict=True), start=2):
        assert line.startswith(f"line {number}: {told}")
        assert line.endswith("(skipped)")
    assert row_counts(vocabulary)["stories"] == 1


@pytest.mark.parametrize("missing", ["title", "body", "condition", "treatment"])
def test_without_a_mapping_four_columns_are_needed(app: Flask, tmp_path: Path, missing: str) -> None:
    row = {name: cell for name, cell in a_row().items() if name != missing}

    result = import_stories(app, *import_files(tmp_path, as_csv(row), None))

    assert result.exit_code == 1
    assert f"no column '{missing}'" in result.stderr


def test_columns_that_are_not_used_are_told(app: Flask, tmp_path: Path) -> None:
    told = with_mapping(app, tmp_path, a_row(mood="fine", weather="grey"))

    assert told == "Columns that are not used: mood, weather\n"


def test_rows_without_a_key_are_known_by_what_they_say(vocabulary: Flask, tmp_path: Path) -> None:
    one, two = ({name: cell for name, cell in a_row(key).items() if name != "key"} for key in "12")

    told = without_mapping(vocabulary, tmp_path, one, two, one)
    again = import_stories(vocabulary, *import_files(tmp_path, as_csv(two, one), None))

    assert told.startswith("line 4: the same row, or one with the same key, is already in line 2")
    assert "0 imported (waiting for a moderator), 2 already there" in again.stdout


def test_a_first_column_without_a_name_is_no_obstacle(vocabulary: Flask, tmp_path: Path) -> None:
    rows = [{"": str(number), **a_row(key)} for number, key in enumerate("ab")]
    bare = [{name: cell for name, cell in row.items() if name != "key"} for row in rows]

    assert without_mapping(vocabulary, tmp_path, *bare) == "Columns that are not used: Unnamed: 0\n"
    # Written anew, the rows have other numbers.
    import_stories(vocabulary, *import_files(tmp_path, as_csv({**bare[1], "": "0"}, {**bare[0], "": "1"}), None))

    assert row_counts(vocabulary)["stories"] == 2


def test_a_first_column_without_a_name_can_be_the_key(app: Flask, tmp_path: Path) -> None:
    row = {"": "206461", **a_row()}

    import_stories(app, *import_files(tmp_path, as_csv(row), MAPPING.replace('key = "key"', 'key = "Unnamed: 0"')))

    with app.app_context():
        assert db.session.scalars(sa.select(Story.source_key)).one() == "206461"


def test_the_same_key_of_another_source_is_another_story(app: Flask, tmp_path: Path) -> None:
    with_mapping(app, tmp_path, a_row())

    import_stories(app, *import_files(tmp_path, as_csv(a_row()), MAPPING.replace("notes", "letters")))

    assert row_counts(app)["stories"] == 2


def test_texts_show_as_they_were_written(app: Flask, tmp_path: Path) -> None:
    text = "# 1 thing\n* it <b>worked</b> & <script>alert(1)</script>\n\n[so](javascript:x) *there*\n2. see http://a.example"

    with_mapping(app, tmp_path, a_row(body=text, title=" A  *title*\n<i>of mine</i> "))

    with app.app_context():
        story = only_revision()
        assert story.title == "A *title* <i>of mine</i>"
        assert "<script" not in story.body_html
        assert "<em>" not in story.body_html
        assert "# 1 thing<br>" in story.body_html
        assert "&lt;b&gt;worked&lt;/b&gt;" in story.body_html


def test_what_was_written_as_html_is_read_as_text_if_the_mapping_says_so(vocabulary: Flask, tmp_path: Path) -> None:
    text = '"I&#039;m well &amp;amp; it didn&#39;t hurt &lt;b&gt;"'
    mapping = "unescape = true\n" + MAPPING.replace('column = "body"', 'column = "body"\nstrip = \'"\'')

    import_stories(vocabulary, *import_files(tmp_path, as_csv(a_row(body=text, title="It&#039;s gone")), mapping))

    with vocabulary.app_context():
        story = only_revision()
        assert story.title == "It's gone"
        assert markup.plain(story.body_html) == "I'm well & it didn't hurt <b>"


def test_a_pattern_takes_the_words_out_of_a_cell(vocabulary: Flask, tmp_path: Path) -> None:
    text = "REVIEW: It itched at first, then it went. (helpful: 3)"
    mapping = MAPPING.replace('column = "body"', "column = \"body\"\npattern = 'REVIEW: (.*) \\(helpful'")

    import_stories(vocabulary, *import_files(tmp_path, as_csv(a_row(body=text)), mapping))

    with vocabulary.app_context():
        assert markup.plain(only_revision().body_html) == "It itched at first, then it went."


def test_a_byte_order_mark_and_other_delimiters_are_no_obstacle(app: Flask, tmp_path: Path) -> None:
    table = b"\xef\xbb\xbf" + as_csv(a_row(body="Semicolons, commas"), delimiter=";").encode()

    result = import_stories(app, *import_files(tmp_path, table, 'delimiter = ";"\n' + MAPPING))

    assert result.exit_code == 0
    assert row_counts(app)["stories"] == 1


def test_answers_alone_may_stand_where_the_mapping_says_so(app: Flask, tmp_path: Path) -> None:
    with_mapping(app, tmp_path, a_row(body=""), more="words_required = false\n")

    with app.app_context():
        assert only_revision().body_source == ""


def test_the_second_template_serves_where_words_are_missing(app: Flask, tmp_path: Path) -> None:
    mapping = MAPPING.replace('title = "{title}"', 'title = { template = ["{title} ({place})", "{{{title}}}"] }')
    rows = as_csv(a_row("1", place="hand"), a_row("2", place=""))

    import_stories(app, *import_files(tmp_path, rows, mapping))

    with app.app_context():
        titles = db.session.scalars(sa.select(StoryRevision.title).order_by(StoryRevision.id)).all()
        assert titles == ["Story 1 (hand)", "{Story 2}"]


def test_what_waits_waits_from_the_import_on(app: Flask, tmp_path: Path) -> None:
    more = 'date = { column = "date", formats = ["%d.%m.%Y"] }\n'
    with_mapping(app, tmp_path, a_row(date="31.12.2009"), more=more)

    with app.app_context():
        story = db.session.scalars(sa.select(Story)).one()
        assert story.created_at == datetime(2009, 12, 31, 12, tzinfo=UTC)
        assert story.author.created_at == story.created_at
        waiting_since = db.session.scalars(sa.select(QueueItem.waiting_since)).one()
        assert (clock.now() - waiting_since).total_seconds() < 60


def test_an_imported_post_is_marked_but_never_urgent(app: Flask, tmp_path: Path) -> None:
    """It was written elsewhere, often years ago, and would push those who write here out of the lane of one hour."""
    with_mapping(app, tmp_path, a_row("1", body=f"{BODY} I felt suicidal on it."), a_row("2"))

    with app.app_context():
        events.drain_all()
        items = db.session.scalars(sa.select(QueueItem)).all()
        marked = [item for item in items if "crisis" in {each.code for each in signals.signals_about(item.revision)}]
        assert (len(items), len(marked)) == (2, 1)
        assert not any(item.is_urgent for item in items)


def test_a_date_of_today_is_never_in_the_future(app: Flask, tmp_path: Path) -> None:
    today = datetime.now(UTC).date().isoformat()

    with_mapping(app, tmp_path, a_row(date=today), more='date = "date"\n')

    with app.app_context():
        assert db.session.scalars(sa.select(Story.created_at)).one() <= clock.now()


def test_topics_that_are_there_are_completed_and_not_made_twice(vocabulary: Flask, tmp_path: Path) -> None:
    from app.topics.models import Topic

    with vocabulary.app_context():
        before = db.session.scalar(sa.select(sa.func.count()).select_from(Topic))

    with_mapping(vocabulary, tmp_path, a_row())

    with vocabulary.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Topic)) == before


def test_rendering_in_a_second_process_makes_the_same(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "ROWS_FOR_SECOND_PROCESS", 0)
    monkeypatch.setattr(rendering.os, "cpu_count", lambda: 2)
    rows = [a_row(str(number), body=f"Line {number}\nand *more*") for number in range(350)]

    with_mapping(app, tmp_path, *rows)

    with app.app_context():
        html = db.session.scalars(sa.select(StoryRevision.body_html).order_by(StoryRevision.id)).all()
        assert html == [f"<p>Line {number}<br>\nand *more*</p>" for number in range(350)]


def test_a_second_process_that_dies_is_told_in_one_line(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "ROWS_FOR_SECOND_PROCESS", 0)
    monkeypatch.setattr(rendering.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(rendering.sys, "executable", "/bin/false")

    result = import_stories(app, *import_files(tmp_path, as_csv(a_row())))

    assert result.exit_code == 1
    assert result.stderr == "Error: the process that renders the texts ended unexpectedly\n"
    assert row_counts(app)["stories"] == 0


def test_a_database_without_tables_is_told_in_one_line(app: Flask, tmp_path: Path) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE topic_names")

    result = import_stories(app, *import_files(tmp_path, as_csv(a_row())))

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the database did not answer as it should")
    assert len(result.stderr.splitlines()) == 1
