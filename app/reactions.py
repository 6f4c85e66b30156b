"""Which handlers follow which event, and what the worker does from time to time: all of it in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.foundation import database
from app.foundation.contributions import erasure
from app.foundation.events import (
    AppealAnswered,
    DecisionMade,
    DecisionUndone,
    Erased,
    ErasureCancelled,
    ErasureRequested,
    Event,
    HandlerAfter,
    Handlers,
    NamesChanged,
    NameSettled,
    PeriodicTask,
    PublicChanged,
    ReportsAnswered,
    RevisionSetAside,
    RevisionSubmitted,
    SanctionChanged,
)
from app.moderation import erasure as moderation_erasure
from app.moderation.audit import audit_log
from app.moderation.post_moderation import fast_lane
from app.moderation.queue import queue
from app.moderation.screening import screening
from app.notifications import notices
from app.outcomes import counting
from app.search.index import indexing

# Within: in the same transaction as the change. After: by the worker, from the outbox.
HANDLERS: Mapping[type[Event], Handlers] = {
    RevisionSubmitted: Handlers(within=(queue.add_submitted, screening.screen, fast_lane.publish_eligible)),
    RevisionSetAside: Handlers(within=(queue.close_set_aside,)),
    NameSettled: Handlers(within=(audit_log.record_settled_names,)),
    DecisionMade: Handlers(within=(notices.notify_author, fast_lane.mark_read_by_decision)),
    DecisionUndone: Handlers(within=(notices.delete_notices,)),
    AppealAnswered: Handlers(within=(notices.notify_appellant,)),
    SanctionChanged: Handlers(within=(notices.notify_sanctioned,)),
    ReportsAnswered: Handlers(within=(notices.notify_reporters,)),
    PublicChanged: Handlers(within=(counting.recount,), after=("search",)),
    NamesChanged: Handlers(after=("search names",)),
    ErasureRequested: Handlers(within=(moderation_erasure.close_queue_items, erasure.set_aside_dependents)),
    ErasureCancelled: Handlers(within=(moderation_erasure.reopen_queue_items,)),
    # `erasure.clear` erases the contribution itself, as its kind says. What keeps words about it has a handler here.
    Erased: Handlers(within=(erasure.clear, moderation_erasure.clear)),
}

OUTBOX_HANDLERS: Mapping[str, HandlerAfter] = {
    "search": indexing.sync,
    "search names": indexing.sync_names,
    # Of imports only: what people send is screened within, see there.
    "screening": screening.screen_later,
}

# What the worker does when it starts and every few seconds, whatever happened.
PERIODIC_TASKS: Sequence[PeriodicTask] = (
    *(
        database.analyze_when_due,
        erasure.carry_out_due,
        indexing.rebuild_if_needed,
        counting.count_if_never_counted,
        screening.delete_old_fingerprints,
    ),
)
