"""Shares, intervals and middles, against values that others printed and against their definitions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.outcomes.figures import Share, median
from app.stories.answers import FirstEffect


# R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I,
# method 3.
@pytest.mark.parametrize(
    ("part", "whole", "lower", "upper"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_the_literature(part: int, whole: int, lower: float, upper: float) -> None:
    found = Share(part, whole).interval

    assert (round(found[0], 4), round(found[1], 4)) == (lower, upper)


@given(st.integers(1, 5_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_the_ends_of_the_interval_are_where_the_score_test_turns(counts: tuple[int, int]) -> None:
    part, whole = counts
    share = Share(part, whole)
    lower, upper = share.interval

    assert 0 <= lower <= share.value <= upper <= 1
    for end in (lower, upper):
        # Both ends p meet (p̂ - p)² = z² p (1 - p) / n; at 0 and 1 both sides vanish.
        left, right = (share.value - end) ** 2, 1.959963984540054**2 * end * (1 - end) / whole
        assert left == pytest.approx(right, rel=1e-6, abs=1e-9)


@given(st.integers(1, 500).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_the_other_way_round_is_the_mirror_image(counts: tuple[int, int]) -> None:
    part, whole = counts
    lower, upper = Share(part, whole).interval

    assert Share(whole - part, whole).interval == pytest.approx((1 - upper, 1 - lower))


def test_fewer_than_five_answers_make_no_percentage() -> None:
    assert [Share(1, whole).is_large_enough for whole in (1, 4, 5, 6)] == [False, False, True, True]


ORDER = list(FirstEffect)


@given(st.dictionaries(st.sampled_from(ORDER), st.integers(0, 9)))
def test_the_middle_answer_has_half_of_them_up_to_it_and_not_before(counts: dict[FirstEffect, int]) -> None:
    found = median(counts, ORDER)
    laid_out = [answer for answer in ORDER for _ in range(counts.get(answer, 0))]

    if not laid_out:
        assert found is None
        return
    upto = Fraction(laid_out.index(found) + laid_out.count(found), len(laid_out))
    before = Fraction(laid_out.index(found), len(laid_out))
    assert before < Fraction(1, 2) <= upto
