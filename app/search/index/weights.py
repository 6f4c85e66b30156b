"""The weights of ranking: what to look at first when results come in the wrong order.

A word scores by BM25F: its frequencies in the fields, each divided by the normalised length of the field, are added by
the fields' weights, and the sum is saturated once, so that one word cannot outweigh several. Independent of the
scores, documents that contain all words of the query come before those found by synonyms, and these before documents
that contain only some of the words.

`make bench-relevance` compares these weights with others, and with other engines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

WORD_FIELDS = ("title", "names", "text")
"""The fields with a document's own words."""


@dataclass(frozen=True)
class Weights:
    """Everything that can be tuned without making the index anew.

    `fields` are the weights of WORD_FIELDS. `k1` and `b` are the parameters of BM25: saturation of frequencies and
    normalisation of lengths. `proximity` is the weight of two neighbouring words of the query that a document has close
    together, compared with a word. `synonym` is that of a match by a synonym, or by a topic under which the document is
    filed. `topic_page` is added to the score of the page of a topic that a query names, so that the page comes first.
    """

    fields: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({"title": 3.0, "names": 2.0, "text": 1.0})
    )
    k1: float = 2.0
    b: float = 0.7
    proximity: float = 0.5
    synonym: float = 0.2
    topic_page: float = 20.0


DEFAULT_WEIGHTS = Weights()

# How many words apart two words still count as close together, and how many pairs of a query are looked up.
PROXIMITY_WINDOW = 8
MAX_PAIRS = 8

# Tie-breaking between documents with nearly equal scores. A score is multiplied by at most 1 + HELPFUL_WEIGHT for being
# helpful, with half of that at HALF_HELPFUL readers, and by at most 1 + RECENCY_WEIGHT for being recent, which decays
# to 1/e of that after RECENCY_MS milliseconds.
HELPFUL_WEIGHT = 0.02
HALF_HELPFUL = 10
RECENCY_WEIGHT = 0.01
RECENCY_MS = 3 * 365 * 24 * 60 * 60 * 1000
