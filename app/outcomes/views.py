"""The summaries as CSV files, for people who want to do their own calculations; side effects to choose from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.foundation.access import or_404, public
from app.foundation.text.strings import csv_cell
from app.foundation.web import forms
from app.outcomes import side_effects, summaries
from app.outcomes.bars import EFFECTS
from app.outcomes.summaries import SummaryRow
from app.topics import lookup, vocabulary
from app.topics.models import TopicKind

bp = Blueprint("outcomes", __name__)

COLUMNS = (
    *("condition", "treatment", "stories", *EFFECTS),
    *("can_tell", "moderately_or_very_well", "share", "interval_lower", "interval_upper"),
    *("first_effect_middle", "said_how_bad_side_effects", "had_side_effects", "said_how_it_stands", "stopped_early"),
    *("answered_again", "again_yes", "invented"),
)


@bp.get("/topics/<slug>/outcomes.csv")
@public
def download(slug: str) -> Response:
    """The summary for a topic as CSV; a row with fewer than five stories has only their number."""
    topic = or_404(vocabulary.by_slug(slug))
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    table.writerows(_cells(row) for row in summaries.all_rows(topic))
    answer = Response(written.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{topic.slug}-outcomes.csv"'
    return answer


@bp.get("/side-effects")
@public
def common_side_effects() -> ResponseReturnValue:
    """The commonest side effects of the treatment named in the query, as JSON, for the form of a story."""
    named = forms.one_line(request.args.get("treatment", "")[: lookup.TYPED_MAX_LENGTH])
    treatment = lookup.find(named, TopicKind.TREATMENT) if named else None
    return {"side_effects": side_effects.commonest(treatment)}


def _cells(row: SummaryRow) -> list[object]:
    names: list[object] = [csv_cell(row.condition.name), csv_cell(row.treatment.name), row.stories]
    return [*names, *_figures(row)] if row.is_large_enough else [*names, *[""] * (len(COLUMNS) - len(names))]


def _figures(row: SummaryRow) -> Iterator[object]:
    yield from row.effects.values()
    yield from (row.works.whole, row.works.part)
    yield from (
        (f"{figure:.4f}" for figure in (row.works.value, *row.works.interval))
        if row.works.is_large_enough
        else ("", "", "")
    )
    yield row.first_effect or ""
    yield from (row.any_side_effects.whole, row.any_side_effects.part, row.stopped.whole, row.stopped.part)
    yield from (row.again.whole, row.again.part, row.tally["invented"])
