"""What a word weighs, and what decides between equals: the one place to look when the order seems wrong.

BM25F as Whoosh computes it: each field by itself, the sum of all. Documents that say everything asked for in their own
words go before those found by other names, whatever the sums: see `ranking`.
"""

from __future__ import annotations

# What a document says itself, and how much more a word in a title or a name weighs than one in the text.
OWN_WORDS = {"title": 4.0, "names": 2.0, "text": 1.0}
# What was found by another name weighs little among what was found by its own words in another clause.
WIDENED = 0.2
# Who types the name of a topic is shown its page first.
PAGE_OF_TOPIC = 20.0

# Of BM25: how much the length of a field counts, and how soon repeating a word stops helping. The second is more
# than Whoosh's own 1.2; it was chosen while looking at the figures of `make bench-relevance`.
B = 0.75
K1 = 1.6

# What decides between two that weigh nearly the same, see `ordering`: how much more what helped very many readers may
# weigh, and what was published last; how many readers give half of the former, and in which time all but a third of the
# latter is gone.
HELPFUL = 0.02
FEW_HELPED = 10
RECENT = 0.01
RECENT_MS = 3 * 365 * 24 * 60 * 60 * 1000
