"""Crisis phrases: rather one too many, but not for words that plainly speak of something else."""

from __future__ import annotations

import pytest

from app.screening import crisis


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


def test_every_phrase_of_a_text_is_marked() -> None:
    marks = crisis.marks("I want to die. Really. I keep thinking of suicide.")

    assert [mark.text for mark in marks] == ["want to die", "suicide"]
