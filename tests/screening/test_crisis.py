"""Crisis phrases: rather one too many, but not for words that plainly speak of something else."""

from __future__ import annotations

import pytest

from app.screening import crisis
from tests.screening.labelled import lines_of


@pytest.mark.parametrize(
    "text",
    [
        "Some nights I just want to die.",
        "I have been thinking of killing myself since the diagnosis.",
        "There is no reason to live with a face like this.",
        "I don’t want to live any more.",
        "I do not want to wake up tomorrow",
        "I was suicidal by week six.",
        "Suicidal thoughts came with the tablets.",
        "I keep cutting myself when the itch gets too much.",
        "I started to self-harm again.",
        "They would be better off without me.",
        "I'd be better off dead.",
        "I can't go on like this.",
        "I took an overdose in spring.",
        "I wish I was dead.",
        "I wish I had never been born.",
        "I thought about ending it all.",
        "I wanted to end my life on the scalp ward.",
        "My life is not worth living.",
        "I am ready to die.",
        "I think of jumping off a bridge.",
        "Nobody would miss me.",
        "i wanna kms tbh",
        "I am going to hang myself.",
        "I hurt myself on purpose to feel something else.",
        "I WANT TO\nDIE",
    ],
)
def test_marked(text: str) -> None:
    [mark, *_more] = crisis.marks(text)

    assert mark.kind == "crisis"
    assert text[mark.start : mark.end] == mark.text


IN_ANY_SPELLING = """
I tried to shoot myself in the head.
I keep hurting myself.
I tried to overdose.
I want to end it.
I thought of jumping out the window.
I shot myself.
sucidal since Monday
I felt suicidial.
thoughts of sucide
a suicde attempt
Weight gain, no libido, thoughts of suicide.
I had suicidal thoughts, which I never had before.
I couldn't stop thinking about killing myself.
dont wanna b alive
I want 2 die
"""


@pytest.mark.parametrize("text", lines_of(IN_ANY_SPELLING))
def test_marked_in_any_spelling(text: str) -> None:
    assert crisis.marks(text)


DENIED = """
No depression, anxiety or suicidal thoughts.
I was never suicidal.
The leaflet warns of suicidal thoughts.
We read about a diet that was suicide for the knees, in the news.
I took all the tablets as prescribed.
I wanted to end the treatment.
My dog died.
"""


@pytest.mark.parametrize("text", lines_of(DENIED))
def test_denials_and_other_subjects_are_not_marked(text: str) -> None:
    assert crisis.marks(text) == []


def test_the_mark_covers_the_words_as_they_were_written() -> None:
    text = "It’s over.\n\nI DONT\twant  to be alive!"

    [mark] = crisis.marks(text)

    assert (mark.text, text[mark.start : mark.end]) == ("DONT\twant  to be alive",) * 2


def test_every_phrase_of_a_text_is_marked() -> None:
    marks = crisis.marks("I want to die. Really. I keep thinking of suicide.")

    assert [mark.text for mark in marks] == ["want to die", "suicide"]
