"""The weights of ranking: what to look at first when results come in the wrong order.

Every engine ranks by the sum of BM25F over the fields. Independent of that sum, documents that contain all words of the
query come before those found by synonyms.
"""

from __future__ import annotations

# Boosts of the fields with a document's own words.
FIELD_BOOSTS = {"title": 4.0, "names": 2.0, "text": 1.0}
# The boost of a match by a synonym, or by a topic under which the document is filed.
SYNONYM_BOOST = 0.2
# Added to the score of a topic's own page when a query names the topic, so that the page comes first.
TOPIC_PAGE_SCORE = 20.0

# Parameters of BM25: length normalisation and term-frequency saturation. K1 is higher than Whoosh's default of 1.2; it
# was chosen by the figures of `make bench-relevance`.
B = 0.75
K1 = 1.6

# Tie-breaking between documents with nearly equal scores. A score is multiplied by at most 1 + HELPFUL_WEIGHT for being
# helpful, with half of that at HALF_HELPFUL readers, and by at most 1 + RECENCY_WEIGHT for being recent, which decays
# to 1/e of that after RECENCY_MS milliseconds.
HELPFUL_WEIGHT = 0.02
HALF_HELPFUL = 10
RECENCY_WEIGHT = 0.01
RECENCY_MS = 3 * 365 * 24 * 60 * 60 * 1000
