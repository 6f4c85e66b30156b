"""Who reacts to what. One table on one screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.comments import erasing as erasing_comments
from app.follow_ups import erasing as erasing_follow_ups
from app.foundation import database, erasing
from app.foundation.events import (
    After,
    AppealAnswered,
    DecisionMade,
    DecisionUndone,
    Erased,
    ErasureAsked,
    ErasureTakenBack,
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
from app.moderation import erasing as erasing_records
from app.notifications import notices
from app.outcomes import counting
from app.search import indexing
from app.stories import erasing as erasing_stories

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
    ErasureAsked: Reactions(
        within=(erasing_records.leave_queue, erasing_stories.discard_draft, erasing_follow_ups.withdraw_with)
    ),
    ErasureTakenBack: Reactions(within=(erasing_records.return_to_queue,)),
    # Every room removes the words it holds. Who adds one that holds words adds it here.
    Erased: Reactions(
        within=(erasing_stories.clear, erasing_follow_ups.clear, erasing_comments.clear, erasing_records.clear)
    ),
}

AFTER: Mapping[str, After] = {
    "search": indexing.sync,
    "search names": indexing.sync_names,
    # Of imports only: what people send is screened within, see there.
    "screening": screening.screen_later,
}

# What the worker sees to when it starts and every few seconds, whatever happened.
UPKEEP: Sequence[Upkeep] = (
    *(database.keep_up, erasing.keep_up, indexing.keep_up, counting.keep_up, screening.keep_up),
)
