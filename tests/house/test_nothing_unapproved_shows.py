"""Nobody can find unapproved texts that do not concern them: pending, rejected, hidden or withdrawn ones.

A word that occurs nowhere else is planted in each such text; then every page of the site is read as a stranger and as
another member, before and after the worker has run.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from werkzeug.routing import Rule

from app.accounts.models import Person
from app.articles.models import Article
from app.comments import authoring as comment_authoring
from app.comments.models import Comment
from app.follow_ups import authoring as follow_ups_authoring
from app.follow_ups import drafts as follow_up_drafts
from app.follow_ups.models import FollowUp
from app.foundation import clock, events
from app.foundation.access import Role
from app.foundation.contributions import erasure, publication
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.moderation.appeals import appeals
from app.moderation.appeals.models import Appeal
from app.moderation.decisions import decisions
from app.moderation.decisions.models import Decision
from app.moderation.people import notes
from app.moderation.post_moderation.models import RulePublication
from app.moderation.queue.models import Presence, QueueItem
from app.moderation.reports import reports
from app.moderation.rules import rules
from app.moderation.rules.rules import Rules
from app.moderation.sanctions import sanctions
from app.moderation.sanctions.models import Sanction
from app.stories import authoring, drafts, unlisted_names
from app.stories.models import Story, StoryDraft, UnlistedName
from app.topics import requests, vocabulary
from app.topics.models import Topic, TopicKind
from tests.client import StrictClient
from tests.factories.comments import a_pending_comment, a_published_comment
from tests.factories.follow_ups import a_follow_up_content, a_pending_follow_up, a_published_follow_up
from tests.factories.pages import a_topic, an_article
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story, a_story_content

VISIBLE = "zzpublicword"
# Each is a unique word, named after what happened to the text that contains it.
MARKERS = {
    name: f"zz{name}word"
    for name in (
        "pending",
        "rejected",
        "changes",
        "hidden",
        "withdrawn",
        "withdrawnpublished",
        "draft",
        "pendingedit",
        "unlisted",
        "settled",
        "oldtext",
        "pendingcomment",
        "rejectedcomment",
        "hiddencomment",
        "withdrawncomment",
        "belowhidden",
        "commentedit",
        "onhiddenstory",
        "pendinglater",
        "rejectedlater",
        "hiddenlater",
        "withdrawnlater",
        "lateredit",
        "oldlater",
        "lateronhidden",
        "laterdraft",
        "note",
        "report",
        "appeal",
        "warning",
        "noteonstory",
        "noteonperson",
        "topicrequest",
        "importeddefinition",
        "lanehidden",
        "laneheld",
        "tobeerased",
        "erasedcomment",
        "laterunderit",
    )
}
# Written for staff only: not even the person it is about may find it.
OF_THE_STAFF = ("report", "noteonstory", "noteonperson")


# The signals about a text are for staff only, whoever wrote the text.
OF_SIGNALS = ("Worth a look", "on the list of words to check", "zzlistedword")
# Neither is who has it open, nor that nobody has read it yet.
OF_THE_DESK = ("has this open too", "published at once", "has read it since", "to read afterwards")


def story_of(marker: str) -> dict[str, str]:
    word = MARKERS.get(marker, marker)
    return {
        "title": f"A title with {word}",
        "body": f"Once upon a time there was {word} and it went on for quite a while after that.",
        "advice": f"Mind the {word}.",
    }


def plant_stories(author: Person, moderator: Person) -> Story:
    a_pending_story(author, **story_of("pending"))
    rejected = a_pending_story(author, **story_of("rejected"))
    decisions.reject(moderator, pending_of(rejected), "privacy", f"a note with {MARKERS['note']}")
    changes = a_pending_story(author, **story_of("changes"))
    decisions.request_changes(moderator, pending_of(changes), "too_little")
    authoring.withdraw(author, a_pending_story(author, **story_of("withdrawn")))
    authoring.withdraw(author, a_published_story(author, moderator, **story_of("withdrawnpublished")))
    drafts.save(author, "key-of-a-draft", {"title": [MARKERS["draft"]], "body": [MARKERS["draft"]]})
    # The old text of an edited story is not public any more, the text of a pending edit is not public yet.
    edited = a_published_story(author, moderator, **story_of("oldtext"))
    authoring.submit_edit(author, edited, a_story_content(**story_of(VISIBLE)))
    decisions.approve(moderator, pending_of(edited))
    authoring.submit_edit(author, edited, a_story_content(**story_of("pendingedit")))
    # An unlisted name is visible to its author only, even when the story becomes public.
    waiting, settled = (
        a_pending_story(author, treatments=[vocabulary.unlisted_topic(MARKERS[marker], TopicKind.TREATMENT)])
        for marker in ("unlisted", "settled")
    )
    assert unlisted_names.open_names(pending_of(waiting))
    unlisted_names.settle_as(moderator, pending_of(settled).unlisted[0], "Imiquimod")
    decisions.approve(moderator, pending_of(settled))
    return edited


def plant_comments(author: Person, moderator: Person, on: Story) -> Comment:
    a_pending_comment(on, author, MARKERS["pendingcomment"])
    rejected = a_pending_comment(on, author, MARKERS["rejectedcomment"])
    decisions.reject(moderator, pending_of(rejected), "disrespect")
    visible = a_published_comment(on, author, f"a comment {VISIBLE}", moderator=moderator)
    comment_authoring.submit_edit(author, visible, render_text(MARKERS["commentedit"], Profile.COMMENT))
    reports.report(author, visible, "other", MARKERS["report"])
    requests.submit(MARKERS["topicrequest"])
    publication.withdraw(author, a_published_comment(on, author, MARKERS["withdrawncomment"], moderator=moderator))
    hidden = a_published_comment(on, author, MARKERS["hiddencomment"], moderator=moderator)
    a_published_comment(on, author, MARKERS["belowhidden"], parent=hidden, moderator=moderator)
    return hidden


def plant_follow_ups(author: Person, moderator: Person, story: Story, hidden: Story) -> FollowUp:
    a_pending_follow_up(story, MARKERS["pendinglater"])
    decisions.reject(moderator, pending_of(a_pending_follow_up(story, MARKERS["rejectedlater"])), "privacy")
    publication.withdraw(author, a_published_follow_up(story, MARKERS["withdrawnlater"], moderator=moderator))
    edited = a_published_follow_up(story, MARKERS["oldlater"], moderator=moderator)
    follow_ups_authoring.submit_edit(author, edited, a_follow_up_content(f"later {VISIBLE}"))
    decisions.approve(moderator, pending_of(edited))
    follow_ups_authoring.submit_edit(author, edited, a_follow_up_content(MARKERS["lateredit"]))
    a_published_follow_up(hidden, MARKERS["lateronhidden"], moderator=moderator)
    hidden_next = a_published_follow_up(story, MARKERS["hiddenlater"], moderator=moderator)
    follow_up_drafts.save(author, "key-of-later", {"body": [MARKERS["laterdraft"]]}, story)
    return hidden_next


def plant_redress(author: Person, moderator: Person, story: Story) -> None:
    """Texts about the author, to the author, and by the author in an appeal."""
    refused = decisions.reject(moderator, pending_of(a_pending_comment(story, author)), "disrespect")
    appeals.submit(author, refused, MARKERS["appeal"])
    notes.add(moderator, story, MARKERS["noteonstory"])
    notes.add(moderator, author, MARKERS["noteonperson"])
    sanctions.warn(moderator, author, "disrespect", MARKERS["warning"])


def plant_lane(moderator: Person, story: Story) -> Comment:
    """Two comments in the fast lane: one has a signal and waits, the other is public until it is hidden."""
    author = a_person("fennelow")
    a_published_comment(story, author, f"the first {VISIBLE}", moderator=moderator)
    rules.save(moderator, replace(rules.current(), lane_approved=1), based_on=rules.newest_id())
    assert pending_of(a_pending_comment(story, author, f"{MARKERS['laneheld']} at https://example.org/a")) is not None
    at_once = a_pending_comment(story, author, MARKERS["lanehidden"])
    assert at_once.live is not None
    a_pending_comment(story, author, f"and another {VISIBLE}")
    return at_once


def plant_erased(author: Person, moderator: Person, on: Story) -> list[Story | Comment]:
    """A text that its author asks to erase next; until then it is public."""
    story = a_published_story(author, moderator, **story_of("tobeerased"))
    a_published_follow_up(story, MARKERS["laterunderit"], moderator=moderator)
    return [story, a_published_comment(on, author, MARKERS["erasedcomment"], moderator=moderator)]


def plant_imported_topic(author: Person, moderator: Person) -> None:
    """A topic with a page, because of a public story, and with a definition that is not meant for readers."""
    entry = vocabulary.Entry("acne", TopicKind.CONDITION, None, MARKERS["importeddefinition"], (), "DOID", "DOID:1")
    topic, _changed = vocabulary.add(entry)
    a_published_story(author, moderator, condition=topic, title=f"Acne and {VISIBLE}")


def plant(app: Flask) -> None:
    with app.app_context():
        with transaction():
            author, moderator = a_person("quietfern"), a_moderator("marlow")
            a_topic("Warts", TopicKind.CONDITION, "verruca", page="About warts.")
            an_article(body=f"Some {VISIBLE} words.")
            plant_imported_topic(author, moderator)
            rules.save(moderator, Rules(suspect=("once upon", "zzlistedword")), based_on=0)
            edited = plant_stories(author, moderator)
            hidden_comment = plant_comments(author, moderator, edited)
            hidden = a_published_story(author, moderator, **story_of("hidden"))
            a_published_comment(hidden, author, MARKERS["onhiddenstory"], moderator=moderator)
            hidden_later = plant_follow_ups(author, moderator, edited, hidden)
            at_once = plant_lane(moderator, edited)
            erased = plant_erased(author, moderator, edited)
            # Another member has replied to a comment that is hidden next: they see their own words, not that comment.
            other = a_person("tallowby")
            for on, parent in ((hidden, None), (edited, hidden_comment)):
                a_pending_comment(on, other, "words of their own", parent)
        # What is hidden next is in the search index by now.
        events.drain_all()
        with transaction():
            for thing in erased:
                erasure.request(author, thing)
            decisions.hide(moderator, hidden, "privacy")
            decisions.hide(moderator, hidden_comment, "disrespect")
            decisions.hide(moderator, hidden_later, "privacy")
            decisions.hide(moderator, at_once, "disrespect")
            colleague = a_moderator("lanternhill")
            for item in db.session.scalars(sa.select(QueueItem).where(QueueItem.closed_at.is_(None))):
                db.session.add(Presence(item_id=item.id, person_id=colleague.id))
            plant_redress(author, moderator, edited)


def values_for(app: Flask, rule: Rule) -> Iterator[dict[str, object]]:
    """The values to try for the arguments of a route: all that exist, and one that does not."""
    ids = {
        "story_id": Story,
        "comment_id": Comment,
        "follow_up_id": FollowUp,
        "draft_id": StoryDraft,
        "item_id": QueueItem,
        "contribution_id": Story,
        "subject_id": Story,
        "name_id": UnlistedName,
        "decision_id": Decision,
        "sanction_id": Sanction,
        "appeal_id": Appeal,
        "publication_id": RulePublication,
    }
    choices: dict[str, list[object]] = {}
    with app.app_context():
        for name in rule.arguments:
            if name in ids:
                choices[name] = [*db.session.scalars(sa.select(ids[name].id)), 999]
            elif name == "slug" and rule.rule.startswith("/topics"):
                choices[name] = [*db.session.scalars(sa.select(Topic.slug)), "missing"]
            elif name == "slug" and rule.rule.startswith("/articles"):
                choices[name] = [*db.session.scalars(sa.select(Article.slug)), "missing"]
            else:
                known = {
                    "slug": ["story", "a-title-with-words"],
                    "kind": ["story", "topic", "article", "nonsense"],
                    "kinds": ["stories", "comments", "follow-ups"],
                    "digest": ["0"],
                    "name": ["main.css"],
                    "filename": ["css/main.css"],
                }
                known["username"] = ["quietfern", "tallowby", "marlow", "missing"]
                choices[name] = known[name]
    combinations: list[dict[str, object]] = [{}]
    for name, values in choices.items():
        combinations = [{**each, name: value} for each in combinations for value in values]
    yield from combinations


def addresses_of_routes(app: Flask, *, of_things: bool = True) -> list[str]:
    """Every address that a GET route has on this site; `of_things`: also where the id of something is part of it."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and (of_things or not any(name.endswith("_id") for name in rule.arguments)):
            for values in values_for(app, rule):
                with app.test_request_context():
                    found.append(app.url_for(rule.endpoint, **values))
    lists = ["/stories?page=2", "/stories?condition=warts", "/stories?counted=yes"]
    # Logging out would make the reader a stranger.
    return [address for address in (*found, *lists) if address != "/logout"]


def addresses_of_searches() -> list[str]:
    """Searches and suggestions for every planted word, whole, begun and misspelt."""
    words = (*MARKERS.values(), "title", "time", "verruca", "zz")
    searches = [f"/search?q={word}{among}" for word in words for among in ("", "&kind=comment")]
    filters = ["/search?kind=story", "/search?kind=comment", "/search?condition=warts", "/search?q=warts&kind=comment"]
    # An unfinished word, and one with a typing mistake.
    suggested = [f"/search/suggest?q={word[:length]}" for word in (*MARKERS.values(), "title") for length in (3, 5)]
    misspelt = [f"/search?q={word[:-2]}{word[-1]}{word[-2]}" for word in MARKERS.values()]
    return [*searches, *filters, *suggested, *misspelt, "/search?q=title&page=2"]


def leaks(client: StrictClient, address: str) -> list[str]:
    """The planted words that this reader finds at an address."""
    response = client.get(address, buffered=True, unchecked="what it says is looked at here")
    assert response.status_code < 500, address
    # A page of search results repeats the query; that does not count as finding the word.
    text = (response.text + str(response.headers)).replace(address.partition("q=")[2].partition("&")[0] or "\0", "")
    return [word for word in (*MARKERS.values(), *OF_SIGNALS, *OF_THE_DESK) if word in text]


def expect_no_leak(app: Flask, visited: list[str], *more_readers: StrictClient) -> None:
    """Read these addresses as a stranger and as the given readers; none of them finds a planted word."""
    assert len(visited) > 100
    readers = (app.test_client(), *more_readers)
    found = [(address, word) for address in visited for reader in readers for word in leaks(reader, address)]
    assert found == []


def test_no_page_shows_what_is_not_public(app: Flask) -> None:
    plant(app)
    with app.app_context():
        events.drain_all()

    expect_no_leak(app, [*addresses_of_routes(app), *addresses_of_searches()], logged_in(app, "tallowby"))


def test_no_list_and_no_search_shows_what_the_index_still_holds(app: Flask) -> None:
    """Before the worker has taken out of the index what was hidden. Pages of single things do not ask the index."""
    plant(app)

    visited = [*addresses_of_routes(app, of_things=False), *addresses_of_searches()]
    expect_no_leak(app, visited, logged_in(app, "tallowby"))


@pytest.mark.long
@pytest.mark.parametrize("drained", [False, True], ids=["before the worker", "after the worker"])
def test_no_page_shows_what_is_not_public_in_any_combination(either_app: Flask, drained: bool) -> None:
    """Every page and search, on both databases, before and after the worker. `make test` runs the two tests above:

    everything on SQLite after the worker; lists and searches on SQLite before it.
    """
    plant(either_app)
    if drained:
        with either_app.app_context():
            events.drain_all()

    visited = [*addresses_of_routes(either_app), *addresses_of_searches()]
    expect_no_leak(either_app, visited, logged_in(either_app, "tallowby"))


def addresses_of_pages(client: StrictClient, address: str) -> list[str]:
    """The address of a list and of every page that follows it."""
    addresses = [address]
    while following := re.search(r'href="([^"]+)" rel="next"', client.get(addresses[-1]).text):
        addresses.append(html.unescape(following[1]))
    return addresses


# The clock is frozen, because who has an item open is shown for less than a minute and reading everything takes longer.
@time_machine.travel(clock.now(), tick=False)
def test_the_sweep_would_find_a_leak(app: Flask) -> None:
    plant(app)
    with app.app_context():
        events.drain_all()
    visited, author, moderator = addresses_of_routes(app), logged_in(app, "quietfern"), logged_in(app, "marlow")
    assert VISIBLE in app.test_client().get("/stories").text
    own = addresses_of_pages(author, "/account/contributions")
    assert len(own) > 1, "otherwise the second page is not looked at"

    seen = {word for address in [*visited, *own] for word in leaks(author, address)}
    assert {MARKERS[name] for name in ("pending", "draft", "laterdraft", "note", "appeal", "warning")} <= seen
    assert {MARKERS[name] for name in OF_THE_STAFF} & seen == set()
    # Not even the author may read the signals.
    assert not seen & {*OF_SIGNALS, *OF_THE_DESK}

    seen = {word for address in visited for word in leaks(moderator, address)}
    # A settled name is not shown any more, a draft is for its author only, and requests for topics are for editors, as
    # imported definitions are.
    assert set(MARKERS.values()) - seen <= {
        MARKERS[name] for name in ("draft", "laterdraft", "settled", "topicrequest", "importeddefinition")
    }
    assert MARKERS["topicrequest"] in logged_in(app, "emory", Role.EDITOR).get("/editorial/topic-requests").text
    assert {*OF_SIGNALS[:2], *OF_THE_DESK} <= seen
