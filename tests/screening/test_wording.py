"""Instructions, advertising, shouting: told from what somebody did, and from what they cost them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.screening import wording
from tests.screening.labelled import lines_of
from tests.screening.test_personal_details import HOSTILE, times_as_long


@pytest.mark.parametrize(
    "text",
    [
        "You should take 50 mg twice a day.",
        "Take 2 tablets before bed and it will go.",
        "Just stop taking your methotrexate, it is poison.",
        "Stop the steroids.",
        "If I were you.\nDouble the dose",
        "Everyone should come off their medication first.",
        "You need to increase the dose after a week.",
        "Never take your pills with it; throw away the tablets.",
        "My advice: skip the antibiotics.",
        "I recommend to take 500 mg of it daily.",
        "Don't use more than 5 mg of it.",
        "People can just stop their meds.",
        "- Take 1000 IU every morning",
    ],
)
def test_instructions(text: str) -> None:
    assert [mark.kind for mark in wording.instructions(text)] == ["instruction"]


@pytest.mark.parametrize(
    "text",
    [
        "Use code SALVE10 at the till.",
        "Order now, 20 % off and free shipping!",
        "Visit our online shop for more.",
        "It is a miracle cure, DM me for the price.",
        "No prescription needed.",
        "Click here to see how.",
        "Special offer this week only.",
    ],
)
def test_advertising(text: str) -> None:
    assert wording.advertising(text)


BUYING = """
It hasn't been a miracle cure, but it helped.
This is a miracle treatment for me.
My doctor gave me free samples.
They offer a free trial of the light box at the clinic.
I buy it online because the chemist has none.
You can get it without a prescription in France.
My company's insurance paid for it.
I had to order it from the pharmacy.
I got 20 % off by the insurance.
My skin is about 50 % off the redness by now.
It was not the best price, but it came at once.
My website of choice was the NHS one.
The free consultation was useless.
We deliver our daughter to school with a hat on.
I used the code on the tube to check the date.
"""


@pytest.mark.parametrize("text", lines_of(BUYING))
def test_what_patients_say_of_buying_is_not_advertising(text: str) -> None:
    assert wording.advertising(text) == []


SELLING = """
Get yours today at our web shop.
I was cured by Dr Ose with herbal medicine, contact me for details.
Enter my code SKIN5 for a discount.
We ship worldwide.
Our supplement has helped thousands.
Check out my store.
Message me to buy some.
Guaranteed results in two weeks!
Best prices online.
Limited time offer.
"""


@pytest.mark.parametrize("text", lines_of(SELLING))
def test_what_sellers_say_is(text: str) -> None:
    assert wording.advertising(text)


def test_shouting_is_a_row_of_words_in_capitals() -> None:
    text = "At first it was fine. BUT THEN IT WAS HELL ON EARTH, I TELL YOU. Now it is fine again."

    [mark] = wording.shouting(text)

    assert mark.text == "BUT THEN IT WAS HELL ON EARTH, I TELL YOU"


@pytest.mark.parametrize("unit", [*HOSTILE.values(), "A A A A A a ", "you should take the ", "Stop ", "A A ", "AA BB "])
@pytest.mark.parametrize("find", [wording.instructions, wording.advertising, wording.shouting])
def test_time_grows_with_the_length_and_no_faster(find: Callable[[str], object], unit: str) -> None:
    assert times_as_long(find, unit) < 24
