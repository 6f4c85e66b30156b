"""What is typed, taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.query.parsing import MAX_QUERY_LENGTH, MAX_WORDS, parse


def parts(text: str) -> list[str]:
    """The parts as they were understood: -excluded, "quoted"."""
    shown = []
    for part in parse(text).parts:
        words = f'"{part.text}"' if part.quoted else part.text
        words = f"{part.field}:{words}" if part.field else words
        words = f"OR {words}" if part.alternative else words
        shown.append(f"-{words}" if part.excluded else words)
    return shown


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("dpcp warts", ["dpcp", "warts"]),
        ('"not at all" itch', ['"not at all"', "itch"]),
        ("“curly quotes” and «others»", ['"curly quotes"', "and", '"others"']),
        ("warts -freezing", ["warts", "-freezing"]),
        ("warts –freezing −acid", ["warts", "-freezing", "-acid"]),
        ('warts -"salicylic acid"', ["warts", '-"salicylic acid"']),
        ("5-FU side-effects", ["5-FU", "side-effects"]),
        ("warts/verrucas, itch; pain", ["warts", "verrucas", "itch", "pain"]),
        ("0.1% 1,000", ["0.1", "1,000"]),
        ("imiq* *quimod ?", ["imiq", "quimod"]),
        ('"never closed', ['"never closed"']),
        ('" " "" - -- -"" * ( ) AND:', ["AND"]),
        ("tar OR acid itch", ["tar", "OR acid", "itch"]),
        ('tar OR "salicylic acid"', ["tar", 'OR "salicylic acid"']),
        ("tar or acid", ["tar", "or", "acid"]),
        ("OR OR tar OR", ["OR tar"]),
        ("tar OR -acid", ["tar", "-acid"]),
        ("condition:psoriasis Treatment:5-FU", ["condition:psoriasis", "treatment:5-FU"]),
        ('side-effect:"dry skin" year:2019..', ['side_effect:"dry skin"', "year:2019.."]),
        ("condition: psoriasis", ["condition", "psoriasis"]),
        ("-condition:psoriasis", ["-psoriasis"]),
        ('title:warts name:"two words"', ["title", "warts", "name", '"two words"']),
        ("a:b:c condition::x", ["a", "b", "c", "condition", "x"]),
        ("", []),
        ("\x00\ud800", []),
        ("wa\x00rts", ["warts"]),
    ],
)
def test_what_is_understood(typed: str, understood: list[str]) -> None:
    assert parts(typed) == understood


def test_only_the_beginning_of_a_long_query_is_read() -> None:
    parsed = parse("word " * 100)
    assert len(parsed.parts) == MAX_WORDS
    assert parsed.shortened
    assert not parse("word " * MAX_WORDS).shortened


def test_a_query_is_not_cut_within_a_word() -> None:
    parsed = parse(f"{'a' * (MAX_QUERY_LENGTH - 5)} endless")
    assert [part.text for part in parsed.parts] == ["a" * (MAX_QUERY_LENGTH - 5)]
    assert parsed.shortened


def test_a_long_phrase_is_cut_to_its_first_words() -> None:
    parsed = parse(f'"{"ab " * 60}"')
    assert parsed.parts[0].words == ("ab",) * MAX_WORDS
    assert parsed.shortened


@given(st.text())
def test_anything_is_a_query(text: str) -> None:
    parsed = parse(text)
    assert len(parsed.text) <= MAX_QUERY_LENGTH
    assert sum(len(part.words) for part in parsed.parts) <= MAX_WORDS
    assert all(part.words for part in parsed.parts)
