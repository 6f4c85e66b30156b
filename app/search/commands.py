"""`flask search ...`: rebuild the indexes, compare them with the database, try a query."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError

from app.search.index import indexing
from app.search.index.documents import indexed_models
from app.search.index.engine import Facet, IndexUnavailable
from app.search.index.registry import INDEXES, engine
from app.search.results import search
from app.search.results.search import SearchRequest

search_cli = AppGroup("search", help="The search index: build it anew, compare it with the database, try a query.")

# Drawing the progress bar for every document would cost more than indexing it.
PROGRESS_STEP = 200
MAX_LISTED = 20


class _KindName(click.ParamType[str]):
    """The name of a kind that is indexed. Looked up when the command runs: kinds are registered later than this."""

    name = "kind"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the name. Raises BadParameter for any other."""
        if value not in indexed_models():
            self.fail(f"{value!r} is not one of {', '.join(indexed_models())}.", param, ctx)
        return value


@search_cli.command("rebuild")
def rebuild() -> None:
    """Build the search indexes anew. The site goes on searching in the old ones until the new ones are there."""
    try:
        total = indexing.count_documents()
        with click.progressbar(length=total, label="Indexing", update_min_steps=PROGRESS_STEP) as bar:
            indexing.rebuild(bar.update)
    except (OSError, OperationalError) as error:
        raise click.ClickException(f"The index was not built, the old one stays: {_reason(error)}") from None
    click.echo(f"{total} documents indexed.")


@search_cli.command("verify")
@click.option("--repair", is_flag=True, help="Write anew what differs.")
def verify(repair: bool) -> None:
    """Compare the search indexes with the database. Ends with 1 if they differ."""
    try:
        if repair:
            _build_what_is_missing()
        with click.progressbar(
            length=indexing.count_documents(), label="Comparing", update_min_steps=PROGRESS_STEP
        ) as bar:
            report = indexing.verify(repair=repair, progress=bar.update)
    except IndexUnavailable as error:
        raise click.ClickException(f"{error}. 'flask search rebuild' builds it anew.") from None
    except (OSError, OperationalError) as error:
        raise click.ClickException(_reason(error)) from None
    for word, keys in (("missing", report.missing), ("extra", report.extra), ("stale", report.stale)):
        more = f" and {len(keys) - MAX_LISTED} more" if len(keys) > MAX_LISTED else ""
        click.echo(f"{word}: {len(keys)}{' ' if keys else ''}{' '.join(keys[:MAX_LISTED])}{more}")
    if report.waiting:
        click.echo(f"waiting for the worker: {report.waiting}")
    if report.differing and repair:
        click.echo(f"{len(report.differing)} repaired.")
    elif report.differing:
        raise click.ClickException("The index differs from the database. --repair writes anew what differs.")


@search_cli.command("query")
@click.argument("words", nargs=-1, required=True)
@click.option("--kind", type=_KindName(), help="Only this kind.")
@click.option("--condition", metavar="SLUG", help="Only what is filed under this condition.")
@click.option("--treatment", metavar="SLUG", help="Only what is filed under this treatment.")
@click.option("--page", type=click.IntRange(1, search.MAX_PAGES), default=1, show_default=True)
def query(words: tuple[str, ...], kind: str | None, condition: str | None, treatment: str | None, page: int) -> None:
    """Search for WORDS as a reader would; the best first."""
    values = {Facet.KIND: kind, Facet.CONDITION: condition, Facet.TREATMENT: treatment}
    search_request = SearchRequest(
        " ".join(words), {facet: (value,) for facet, value in values.items() if value}, page=page
    )
    # url_for needs a request.
    with current_app.test_request_context():
        try:
            result = search.search(search_request)
        except IndexUnavailable as error:
            raise click.ClickException(f"{error}. 'flask search rebuild' builds it anew.") from None
        if result.unknown:
            raise click.ClickException(f"There is no {', no '.join(result.unknown)} to filter by.")
        for topic in result.recognised_topics:
            click.echo(f"Includes {topic.name}, also called {', '.join(topic.others)}.")
        first = (result.page - 1) * search.PER_PAGE + 1
        for place, item in enumerate(result.items, start=first):
            click.echo(f"{place:>4}  {item.kind:<8} {item.title}  {item.url}")
        click.echo(f"{result.total} found, page {result.page} of {result.pages}.")


def _build_what_is_missing() -> None:
    for index in INDEXES:
        if not engine(index).exists():
            click.echo(f"The index in {index.folder} cannot be read: built anew.")
            indexing.rebuild(indexes=[index])


def _reason(error: Exception) -> str:
    if isinstance(error, OperationalError):
        return "the database did not answer."
    return f"{error}"
