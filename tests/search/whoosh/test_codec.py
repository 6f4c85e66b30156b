"""Postings as arrays: Whoosh reads back what it wrote, before and after it merges segments, and damage is noticed."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.search.index.documents import Document
from app.search.query import analysis
from app.search.whoosh.building import BuildingPool
from app.search.whoosh.codec import ArrayCodec, ArrayMatcher
from app.search.whoosh.columns import kind_codes, pack
from app.search.whoosh.postings import NO_POSTINGS, read_phrase, read_typed, read_word
from app.search.whoosh.schema import fields_of
from app.search.whoosh.storage import create_index, open_index
from tests.search.sample_documents import KINDS, a_document


def written(folder: Path, *parts: list[str], merge: bool = False) -> Any:
    """An index with a segment for each of these parts; a text is a document."""
    index = create_index(folder)
    number = 0
    for part in parts:
        writer: Any = index.writer(codec=ArrayCodec(), compound=False)
        writer.merge = False
        for text in part:
            writer.add_document(key=f"story:{number}", text=[(word, word) for word in text.split()], columns=b"")
            number += 1
        writer.commit(optimize=merge and part is parts[-1])
    return index


def told(reader: Any, word: str) -> list[tuple[int, float, list[int]]]:
    """What Whoosh says of a word, one posting after the other."""
    found = []
    matcher = reader.postings("text", word)
    while matcher.is_active():
        found.append((matcher.id(), matcher.weight(), matcher.value_as("positions")))
        matcher.next()
    return found


def read_all(reader: Any) -> None:
    for field, word in reader.all_terms():
        reader.postings(field, word)


@pytest.mark.parametrize("merge", [False, True])
def test_what_is_written_is_read_back(tmp_path: Path, *, merge: bool) -> None:
    index = written(tmp_path, ["itch burn itch", "burn"], ["burn itch", "itch itch itch"], merge=merge)
    with index.reader() as reader:
        # Merging puts what is new before what was there.
        first, second = (2, 0) if merge else (0, 2)
        itch = [(first, 2, [0, 2]), (second, 1, [1]), (second + 1, 3, [0, 1, 2])]
        assert told(reader, "itch") == sorted(itch)
        assert told(reader, "burn") == sorted([(first, 1, [1]), (first + 1, 1, [0]), (second, 1, [0])])
        assert reader.doc_frequency("text", "itch") == 3


def test_arrays_say_what_the_postings_say(tmp_path: Path) -> None:
    chance = random.Random(7)
    index = written(tmp_path, [" ".join(chance.choices("abc", k=chance.randint(1, 9))) for _ in range(500)])
    with index.reader() as reader:
        for word in "abc":
            numbers, weights = read_word(reader, "text", word)
            assert list(zip(numbers.tolist(), weights[0].tolist(), strict=True)) == [
                (number, weight) for number, weight, _positions in told(reader, word)
            ]
        assert read_word(reader, "text", "d") is NO_POSTINGS


def test_words_of_a_phrase_stand_one_after_the_other(tmp_path: Path) -> None:
    texts = ["not at all", "at all not", "all not at all", "not not at all", "not at", "all all"]
    index = written(tmp_path, texts)
    with index.reader() as reader:

        def found(phrase: str) -> list[int]:
            words = tuple(phrase.split())
            each = [read_word(reader, "text", word) for word in words]
            return read_phrase(reader, "text", words, each).numbers.tolist()

        for phrase in ("not at all", "at all", "not not", "all all", "all not at all", "not all", "at not at"):
            assert found(phrase) == [at for at, text in enumerate(texts) if f" {phrase} " in f" {text} "]


def test_a_word_is_found_as_it_is_typed(tmp_path: Path) -> None:
    index = create_index(tmp_path)
    with index.writer(codec=ArrayCodec(), compound=False) as writer:
        for number, forms in enumerate((["itched"], ["itching", "itched"], ["itch"], ["itching"])):
            writer.add_document(key=f"story:{number}", text=[("itch", form) for form in forms], columns=b"")
    with index.reader() as reader:
        for form, expected in (("itched", [0, 1]), ("itching", [1, 3]), ("itch", [2]), ("itches", [])):
            assert read_typed(reader, "text", ("itch",), (form,)).numbers.tolist() == expected


def packed(document: Document, lengths: Sequence[int]) -> bytes:
    return pack(document, lengths, kind_codes(KINDS))


def everything(folder: Path, documents: list[Document], *, at_once: bool) -> list[object]:
    """All that an index keeps of these documents: words with their statistics and postings, lengths, what is stored."""
    folder.mkdir()
    index = create_index(folder)
    with index.writer(codec=ArrayCodec(), compound=False) as writer:
        pool = BuildingPool()
        if at_once:
            writer.pool = pool
        for document in documents:
            tokens_of = pool.token_numbers if at_once else analysis.tokens_and_forms
            writer.add_document(**fields_of(document, packed, tokens_of))
    kept: list[object] = []
    with index.reader() as reader:
        for field, word in reader.all_terms():
            matcher, info = reader.postings(field, word), reader.term_info(field, word)
            stored = matcher.stored
            kept.append(
                (field, word, info.weight(), info.doc_frequency(), info.max_weight(), info.min_id(), info.max_id())
            )
            kept.append([None if part is None else bytes(part) for part in stored])
        kept += [reader.doc_field_length(at, "text") for at in range(len(documents))]
        kept += [reader.field_length(field) for field in ("title", "names", "text", "synonyms")]
        kept += [stored for _number, stored in reader.iter_docs()]
        kept += list(reader.column_reader("columns"))
    return kept


def test_an_index_that_is_built_at_once_is_the_same(tmp_path: Path) -> None:
    chance = random.Random(11)
    documents = [a_document(chance, number) for number in range(1, 200)]
    documents.append(
        replace(documents[0], id=900, text="Na\u00efve 5-FU, the doctor\u2019s warts; Warts! wart " * 9000)
    )
    documents.append(replace(documents[0], id=901, title="", names=(), synonyms=(), text=""))
    one_by_one = everything(tmp_path / "one", documents, at_once=False)
    assert len(one_by_one) > 1000
    assert everything(tmp_path / "other", documents, at_once=True) == one_by_one


def test_a_single_wrong_byte_is_noticed(tmp_path: Path) -> None:
    written(tmp_path, ["itch burn itch"] * 5)
    file = next(tmp_path.glob("*.pst"))
    sound = file.read_bytes()
    for at in range(len(sound)):
        file.write_bytes(sound[:at] + bytes([sound[at] ^ 0xFF]) + sound[at + 1 :])
        with open_index(tmp_path).reader() as reader, pytest.raises((ValueError, struct.error)):
            read_all(reader)


def test_a_copy_stays_where_it_is(tmp_path: Path) -> None:
    index = written(tmp_path, ["itch", "itch"])
    with index.reader() as reader:
        matcher = reader.postings("text", "itch")
        assert isinstance(matcher, ArrayMatcher)
        copy = matcher.copy()
        matcher.next()
        assert (copy.id(), matcher.id()) == (0, 1)
