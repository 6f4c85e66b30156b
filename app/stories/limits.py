"""How long things may be. The forms show these limits and the verbs enforce them."""

TITLE_LONGEST = 120
BODY_SHORTEST = 50
BODY_LONGEST = 20_000
ADVICE_LONGEST = 2_000
PLACE_LONGEST = 60
TREATMENTS_MOST = 8
SIDE_EFFECTS_MOST = 10
