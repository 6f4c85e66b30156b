"""Sentences that one of the checks must leave alone, though they resemble what it looks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from app.screening import crisis, personal_details, wording
from app.screening.marks import Mark

Check = Callable[[str], Sequence[Mark]]

HARMLESS: list[tuple[Check, list[str]]] = [
    (
        crisis.marks,
        [
            "Imiquimod wakes the immune system to kill the cells.",
            "It kills the wart and not the skin around it.",
            "I was dying to try it.",
            "This itch is killing me!",
            "I cut myself shaving and it never healed.",
            "With the fringe I had cut myself nobody saw it.",
            "Cell suicide, which doctors call apoptosis, is what the cream sets off.",
            "My phone died on the day of the excision.",
            "The cells die and a crust forms.",
            "I overdid the cream, a bit too much on the first night.",
            "I want to dye my hair again.",
            "I do not want to live with this wart for another year.",
            "It feels like life is worth living again.",
            "I burned myself on the oven and that is where it began.",
            "For a moment I thought I was going to die, it stung so much.",
            "We ended the treatment and I took my time.",
            "I could kill for a night without itching.",
            "They shoot the light at it from close by.",
            "I hung my towel in front of a train timetable.",
        ],
    ),
    (
        wording.instructions,
        [
            "I took 50 mg twice a day.",
            "My doctor told me to stop the methotrexate before the treatment.",
            "I stopped taking my tablets in week three.",
            "Take your time and take pictures every week.",
            "You should be patient with it.",
            "We had to increase the dose after a week.",
            "I was on 2.5 mg and then on 5 mg.",
            "You can use a mirror for the back.",
            "I had to stop because of the itching.",
            "Ask your doctor before you change anything.",
        ],
    ),
    (
        wording.advertising,
        [
            "The cream cost me 80 a tube.",
            "I ordered the lamp online and waited for a month.",
            "The pharmacist gave me a discount out of pity.",
            "The code on the letter was D04.3.",
            "I bought it in the shop at the corner.",
            "There is no miracle in it, only patience.",
        ],
    ),
    (wording.shouting, ["I had DPCP, SADBE and PUVA at the NHS.", "UVA, UVB, PUVA, MRI, CT", "A B C D E F G H"]),
    (
        personal_details.marks,
        [
            "The nurse there was Irish.",
            "My dermatologist is German, like me.",
            "It is a cream called Aldara.",
            "The doctor is In.",
        ],
    ),
]


@pytest.mark.parametrize(
    ("check", "text"),
    [pytest.param(check, text, id=f"{check.__name__}: {text}") for check, texts in HARMLESS for text in texts],
)
def test_nothing_is_marked(check: Check, text: str) -> None:
    assert check(text) == []
