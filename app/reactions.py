"""Who reacts to what. One table on one screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.foundation import database
from app.foundation.events import (
    After,
    AppealAnswered,
    DecisionMade,
    DecisionUndone,
    Event,
    NamesChanged,
    NameSettled,
    PublicChanged,
    Reactions,
    ReportsAnswered,
    RevisionSetAside,
    RevisionSubmitted,
    SanctionChanged,
    Upkeep,
)
from app.moderation import audit, fast_lane, queue, screening
from app.notifications import notices
from app.outcomes import counting
from app.search import indexing

# Within: in the same transaction as the change. After: by the worker, from the outbox.
TABLE: Mapping[type[Event], Reactions] = {
    RevisionSubmitted: Reactions(within=(queue.enter, screening.screen, fast_lane.publish)),
    RevisionSetAside: Reactions(within=(queue.leave,)),
    NameSettled: Reactions(within=(audit.note_settled,)),
    DecisionMade: Reactions(within=(notices.tell_author, fast_lane.read_with)),
    DecisionUndone: Reactions(within=(notices.take_back,)),
    AppealAnswered: Reactions(within=(notices.tell_appellant,)),
    SanctionChanged: Reactions(within=(notices.tell_sanctioned,)),
    ReportsAnswered: Reactions(within=(notices.tell_reporters,)),
    PublicChanged: Reactions(within=(counting.recount,), after=("search",)),
    NamesChanged: Reactions(after=("search names",)),
}

AFTER: Mapping[str, After] = {
    "search": indexing.sync,
    "search names": indexing.sync_names,
    # Of imports only: what people send is screened within, see there.
    "screening": screening.screen_later,
}

# What the worker sees to when it starts and every few seconds, whatever happened.
UPKEEP: Sequence[Upkeep] = (database.keep_up, indexing.keep_up, counting.keep_up, screening.keep_up)
