"""Comments: writing, answering, changing and withdrawing them, and where they are found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.accounts.models import Person
from app.comments import authoring, threads
from app.comments.models import Comment, CommentRevision
from app.foundation.contributions import publication
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.publication import pending_of
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db, transaction
from app.moderation.decisions import decisions
from app.stories.models import Story
from app.topics.models import Topic, TopicKind
from tests.client import StrictClient
from tests.factories.comments import a_pending_comment, a_published_comment
from tests.factories.pages import a_topic, an_article
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_published_story

WORDS = "Thank you, this helped me more than the leaflet did."


@pytest.fixture
def member(app: Flask) -> StrictClient:
    """Somebody who comments, on a site with a story (1), a topic with a page (1) and an article (1)."""
    with app.app_context(), transaction():
        a_topic("Warts", TopicKind.CONDITION, page="About warts.")
        a_published_story(a_person("tallowby"))
        an_article()
    return logged_in(app, "quietfern")


def on_the_story(app: Flask, build: Callable[[Story, Person], Comment]) -> int:
    """A comment on the story by the member, built in a transaction of its own."""
    with app.app_context(), transaction():
        comment = build(db.session.get(Story, 1), registration.find_by_username("quietfern"))
        db.session.flush()
        return comment.id


def waiting(story: Story, author: Person) -> Comment:
    return a_pending_comment(story, author, WORDS)


def public(story: Story, author: Person) -> Comment:
    return a_published_comment(story, author, WORDS)


def decide(app: Flask, comment_id: int, domain_function: Callable[..., Any], *more: str) -> None:
    with app.app_context(), transaction():
        domain_function(a_moderator(), pending_of(db.session.get(Comment, comment_id)), *more)


def hide(app: Flask, model: type[Any], thing_id: int) -> None:
    with app.app_context(), transaction():
        decisions.hide(a_moderator(), db.session.get(model, thing_id), "disrespect")


def revisions(app: Flask) -> list[tuple[str, RevisionState]]:
    with app.app_context():
        rows = db.session.execute(
            sa.select(CommentRevision.body_source, CommentRevision.state).order_by(CommentRevision.id)
        )
        return [tuple(row) for row in rows]


def given_back(page: Any) -> list[str]:
    return [(area.text or "").strip() for area in page.select("main textarea")]


# --- Writing ---


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/stories/1/half-a-year-week-by-week", "story"),
        ("/topics/warts", "topic"),
        ("/articles/how-to-read-a-figure", "article"),
    ],
)
def test_a_comment_is_written_approved_and_read_where_it_was_written(
    app: Flask, member: StrictClient, client: StrictClient, address: str, kind: str
) -> None:
    form = member.get_page(address).form("Add a comment").fill("Comment", WORDS)

    page = member.submit(form)

    assert "Your comment is with our moderators." in page.text
    assert "Waiting to be read" in page.text
    assert WORDS in page.text
    assert WORDS not in client.get_page(address).html
    decide(app, 1, decisions.approve)
    assert client.get_page(address).texts(".comment .comment__body") == [WORDS]
    with app.app_context():
        assert db.session.get(Comment, 1).subject.kind == kind


def test_a_reader_is_led_over_the_log_in_to_the_form(app: Flask, member: StrictClient, client: StrictClient) -> None:
    page = client.click(client.get_page("/stories/1", follow_redirects=True), "Add a comment")
    assert page.h1 == "Log in"

    page = client.submit(
        page.form("Log in").fill("User name", "tallowby").fill("Password", "plum bucket sailing tuesday")
    )

    assert page.h1 == "Add a comment"


@pytest.mark.parametrize("words", ["", "   ", " \r\n\t ", "\u200b\u200b", "\u3164", "---", "\x00"], ids=ascii)
def test_a_comment_that_says_nothing_is_refused(member: StrictClient, app: Flask, words: str) -> None:
    token = member.csrf_token()

    response = member.post("/comments/new/story/1", data={"csrf_token": token, "body": words})

    assert response.status_code == 422
    assert "Write your comment first." in response.text
    assert revisions(app) == []


@pytest.mark.parametrize("words", ["?", "👍", "1", "ok"])
def test_a_comment_may_be_short(member: StrictClient, app: Flask, words: str) -> None:
    member.submit(member.get_page("/comments/new/story/1").form("Add a comment").fill("Comment", words))

    assert revisions(app) == [(words, RevisionState.PENDING)]


def test_five_thousand_characters_are_allowed_and_one_more_is_not(app: Flask, member: StrictClient) -> None:
    longest = "é\n" * (authoring.BODY_MAX_LENGTH // 2 - 1) + "é."
    form = member.get_page("/comments/new/story/1").form("Add a comment")

    page = member.submit(form.fill("Comment", longest + "!"), status=422)

    assert "up to 5,000 characters" in " ".join(page.texts("#comment-body-error"))
    assert given_back(page) == [longest + "!"]
    member.submit(page.form("Add a comment").fill("Comment", longest))
    assert revisions(app) == [(longest, RevisionState.PENDING)]


def test_an_error_stands_at_the_top_and_at_the_field(member: StrictClient) -> None:
    page = member.submit(member.get_page("/comments/new/story/1").form("Add a comment"), status=422)

    assert page.texts(".error-summary li") == ["Write your comment first."]
    assert page.select(".error-summary a")[0].get("href") == "#comment-body"
    assert "Write your comment first." in page.form("Add a comment").error("Comment")


def test_a_comment_sent_twice_is_one(app: Flask, member: StrictClient) -> None:
    form = member.get_page("/stories/1", follow_redirects=True).form("Add a comment").fill("Comment", WORDS)

    first, second = member.submit(form), member.submit(form)

    assert first.url == second.url
    assert revisions(app) == [(WORDS, RevisionState.PENDING)]


def test_words_changed_after_going_back_are_not_lost(app: Flask, member: StrictClient) -> None:
    form = member.get_page("/comments/new/story/1").form("Add a comment").fill("Comment", WORDS)
    member.submit(form)

    member.submit(form.fill("Comment", "What I really meant."))

    assert revisions(app) == [(WORDS, RevisionState.SUPERSEDED), ("What I really meant.", RevisionState.PENDING)]


def test_two_comments_of_the_same_words_are_two(app: Flask, member: StrictClient) -> None:
    for _ in range(2):
        member.submit(member.get_page("/comments/new/story/1").form("Add a comment").fill("Comment", WORDS))

    assert len(revisions(app)) == 2


def test_links_are_plain_and_vouched_for_by_nobody(app: Flask, member: StrictClient, client: StrictClient) -> None:
    words = "See [here](https://example.org/) and <https://example.org/> ![no](/x.png) <b>bold</b> > not a quote"
    on_the_story(app, lambda story, author: a_published_comment(story, author, words))

    page = client.get_page("/stories/1", follow_redirects=True)

    body = page.one(".comment .comment__body")
    assert {link.get("rel") for link in body.iter("a")} == {"nofollow ugc noopener"}
    assert not list(body.iter("img"))
    assert not list(body.iter("b"))


@pytest.mark.parametrize(
    ("kind", "number"), [("story", 99), ("topic", 99), ("article", 99), ("comment", 1), ("person", 1)]
)
def test_nothing_is_said_about_what_is_not_there(member: StrictClient, kind: str, number: int) -> None:
    member.get_page(f"/comments/new/{kind}/{number}", status=404)


def test_a_topic_without_a_page_cannot_be_commented_on(app: Flask, member: StrictClient) -> None:
    with app.app_context(), transaction():
        topic = a_topic("Lurgy")
        db.session.flush()
        number = topic.id

    member.get_page(f"/comments/new/topic/{number}", status=404)


def test_what_was_hidden_meanwhile_cannot_be_commented_on_and_the_words_are_kept(
    app: Flask, member: StrictClient
) -> None:
    form = member.get_page("/stories/1", follow_redirects=True).form("Add a comment").fill("Comment", "Just this.")
    hide(app, Story, 1)

    page = member.submit(form, status=404)

    assert given_back(page) == ["Just this."]
    assert revisions(app) == []


# --- Threads ---


def a_thread(app: Flask, depth: int) -> list[int]:
    """Published comments on the story, each in answer to the one before."""
    with app.app_context(), transaction():
        moderator, comments = a_moderator(), []
        for level in range(depth):
            parent = comments[-1] if comments else None
            story, author = db.session.get(Story, 1), a_person(f"voice{level}")
            comments.append(a_published_comment(story, author, f"level {level}", parent, moderator=moderator))
        db.session.flush()
        return [comment.id for comment in comments]


def shown(client: StrictClient) -> list[str]:
    page = client.get_page("/stories/1", follow_redirects=True)
    return page.texts(".comment .comment__body")


def test_an_answer_is_written_approved_and_read_below_what_it_answers(
    app: Flask, member: StrictClient, client: StrictClient
) -> None:
    a_thread(app, 1)
    page = member.get_page("/stories/1", follow_redirects=True)
    page = member.click(page, "Reply to voice0")
    assert "level 0" in page.text

    member.submit(page.form("Add a comment").fill("Comment", WORDS))
    decide(app, 2, decisions.approve)

    page = client.get_page("/stories/1", follow_redirects=True)
    assert page.texts("#comment-1 + ol .comment__body") == [WORDS]


def test_answers_stand_below_what_they_answer_to_any_depth(
    app: Flask, member: StrictClient, client: StrictClient
) -> None:
    a_thread(app, 7)

    page = client.get_page("/stories/1", follow_redirects=True)

    assert page.texts(".comment .comment__body") == [f"level {level}" for level in range(7)]
    assert max(len(list(item.iterancestors("ol"))) for item in page.select(".comment")) == 4
    # Deeper ones stand flat and say whom they answer.
    assert "in reply to voice4" in " ".join(page.texts("#comment-6"))


def test_a_thread_of_hundreds_of_levels_is_drawn(app: Flask, member: StrictClient, client: StrictClient) -> None:
    with app.app_context(), transaction():
        author, moderator = registration.find_by_username("quietfern"), a_moderator()
        parent = None
        for level in range(120):
            parent = a_published_comment(
                db.session.get(Story, 1), author, f"level {level}", parent, moderator=moderator
            )

    page = client.get_page("/stories/1", follow_redirects=True)
    first = page.texts(".comment .comment__body")
    assert first == [f"level {level}" for level in range(threads.COMMENTS_PER_PAGE)]
    further = client.click(page, "Show 20 more replies to quietfern").texts("#answers .comment .comment__body")
    assert [*first, *further] == [f"level {level}" for level in range(120)]


def test_comments_stand_oldest_first(app: Flask, member: StrictClient, client: StrictClient) -> None:
    for words in ("first", "second", "third"):
        on_the_story(app, lambda story, author, words=words: a_published_comment(story, author, words))

    assert shown(client) == ["first", "second", "third"]


def test_hiding_a_comment_hides_the_answers_to_it_and_restoring_brings_them_back(
    app: Flask, member: StrictClient, client: StrictClient
) -> None:
    a_thread(app, 4)

    hide(app, Comment, 2)

    assert shown(client) == ["level 0"]
    client.get_page("/comments/4", status=404)
    with app.app_context(), transaction():
        decisions.restore(a_moderator(), db.session.get(Comment, 2))
    assert shown(client) == ["level 0", "level 1", "level 2", "level 3"]


@pytest.mark.parametrize("words", ["Short.", WORDS])
def test_an_answer_to_a_comment_hidden_meanwhile_is_refused_clearly_with_the_words_kept(
    app: Flask, member: StrictClient, words: str
) -> None:
    a_thread(app, 1)
    form = member.get_page("/comments/1/reply").form("Add a comment").fill("Comment", words)
    hide(app, Comment, 1)

    page = member.submit(form, status=404)

    assert given_back(page) == [words]
    assert "Nothing you wrote is lost" in page.text
    assert "level 0" not in page.html
    assert len(revisions(app)) == 1


def test_the_verb_itself_refuses_an_answer_to_what_is_not_public(app: Flask, member: StrictClient) -> None:
    from app.foundation.errors import Conflict

    a_thread(app, 1)
    hide(app, Comment, 1)

    with app.app_context(), transaction(), pytest.raises(Conflict, match="taken down"):
        a_pending_comment(db.session.get(Story, 1), parent=db.session.get(Comment, 1))


@pytest.mark.parametrize("address", ["/comments/2/edit", "/comments/2", "/comments/2/withdraw"])
def test_whoever_answered_does_not_read_on_what_was_hidden(app: Flask, member: StrictClient, address: str) -> None:
    with app.app_context(), transaction():
        story, moderator = db.session.get(Story, 1), a_moderator()
        parent = a_published_comment(
            story, registration.find_by_username("tallowby"), "words to hide", moderator=moderator
        )
        a_published_comment(story, registration.find_by_username("quietfern"), WORDS, parent, moderator=moderator)

    hide(app, Comment, 1)
    assert "words to hide" not in member.get_page(address).html
    hide(app, Story, 1)
    page = member.get_page(address)

    assert "Half a year" not in page.html
    assert "half-a-year" not in page.html


# --- Changing ---


def test_the_old_words_stay_public_until_the_new_ones_are_approved(
    app: Flask, member: StrictClient, client: StrictClient
) -> None:
    comment = on_the_story(app, public)
    form = member.get_page(f"/comments/{comment}/edit").form("Send for review")
    assert form.value("Comment").strip() == WORDS

    member.submit(form.fill("Comment", "Better words."))

    assert shown(client) == [WORDS]
    decide(app, comment, decisions.approve)
    assert shown(client) == ["Better words."]


def test_a_second_change_takes_the_place_of_the_one_that_waits(app: Flask, member: StrictClient) -> None:
    comment = on_the_story(app, public)
    for words in ("Better words.", "The best words."):
        member.submit(member.get_page(f"/comments/{comment}/edit").form("Send for review").fill("Comment", words))

    assert revisions(app) == [
        (WORDS, RevisionState.APPROVED),
        ("Better words.", RevisionState.SUPERSEDED),
        ("The best words.", RevisionState.PENDING),
    ]


def test_a_change_without_words_is_refused_and_the_comment_stays(app: Flask, member: StrictClient) -> None:
    comment = on_the_story(app, public)

    form = member.get_page(f"/comments/{comment}/edit").form("Send for review").fill("Comment", " ")
    member.submit(form, status=422)

    assert revisions(app) == [(WORDS, RevisionState.APPROVED)]


def test_a_comment_below_something_hidden_can_still_be_changed_by_its_author(app: Flask, member: StrictClient) -> None:
    comment = on_the_story(app, public)
    hide(app, Story, 1)

    page = member.submit(
        member.get_page(f"/comments/{comment}/edit").form("Send for review").fill("Comment", "Better.")
    )

    assert "with our moderators" in page.text


# --- Withdrawing ---


def test_a_withdrawn_comment_is_gone_with_the_answers_to_it(
    app: Flask, member: StrictClient, client: StrictClient
) -> None:
    comment = on_the_story(app, public)
    with app.app_context(), transaction():
        a_published_comment(db.session.get(Story, 1), body="an answer", parent=db.session.get(Comment, comment))

    member.submit(member.get_page(f"/comments/{comment}/withdraw").form("Withdraw comment"))

    assert shown(client) == []
    page = client.get_page(f"/comments/{comment}", status=410)
    assert "has withdrawn it" in page.text
    assert WORDS not in page.html
    client.get_page("/comments/2", status=404)


def test_withdrawing_only_the_new_words_leaves_the_old_ones(
    app: Flask, member: StrictClient, client: StrictClient
) -> None:
    comment = on_the_story(app, public)
    member.submit(member.get_page(f"/comments/{comment}/edit").form("Send for review").fill("Comment", "Better."))

    button = "Withdraw just the new version"
    member.submit(member.get_page(f"/comments/{comment}/withdraw").form(button), button)

    assert shown(client) == [WORDS]
    assert revisions(app)[-1] == ("Better.", RevisionState.WITHDRAWN)


def test_a_comment_that_waits_can_be_withdrawn(app: Flask, member: StrictClient, client: StrictClient) -> None:
    comment = on_the_story(app, waiting)

    member.submit(member.get_page(f"/comments/{comment}/withdraw").form("Withdraw comment"))

    assert revisions(app) == [(WORDS, RevisionState.WITHDRAWN)]
    client.get_page(f"/comments/{comment}", status=404)


@pytest.mark.parametrize("what", ["edit", "withdraw"])
def test_nobody_changes_the_comments_of_others(app: Flask, member: StrictClient, what: str) -> None:
    comment = on_the_story(app, public)
    other = logged_in(app, "tallowby")
    token = other.csrf_token()

    other.get_page(f"/comments/{comment}/{what}", status=404)
    response = other.post(f"/comments/{comment}/{what}", data={"csrf_token": token, "body": "mine now"})

    assert response.status_code == 404
    assert revisions(app) == [(WORDS, RevisionState.APPROVED)]


# --- Addresses ---


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("story", "/stories/1/half-a-year-week-by-week#comment-1"),
        ("topic", "/topics/warts#comment-1"),
        ("article", "/articles/how-to-read-a-figure#comment-1"),
    ],
)
def test_the_address_of_a_public_comment_leads_to_its_place(
    app: Flask, member: StrictClient, client: StrictClient, kind: str, place: str
) -> None:
    from app.articles.models import Article

    model: type[Any] = {"story": Story, "topic": Topic, "article": Article}[kind]
    with app.app_context(), transaction():
        a_published_comment(db.session.get(model, 1))

    assert client.get("/comments/1").location == place
    assert client.get_page("/comments/1", follow_redirects=True).one("#comment-1") is not None


@pytest.mark.parametrize("state", ["waits", "rejected", "changes", "withdrawn", "hidden", "story hidden"])
def test_the_address_of_a_comment_that_is_not_public_answers_like_nothing(
    app: Flask, member: StrictClient, client: StrictClient, state: str
) -> None:
    comment = on_the_story(app, public if state in ("hidden", "story hidden") else waiting)
    match state:
        case "rejected":
            decide(app, comment, decisions.reject, "disrespect")
        case "changes":
            decide(app, comment, decisions.request_changes, "disrespect")
        case "withdrawn":
            with app.app_context(), transaction():
                publication.withdraw(registration.find_by_username("quietfern"), db.session.get(Comment, comment))
        case "hidden":
            hide(app, Comment, comment)
        case "story hidden":
            hide(app, Story, 1)

    nothing = client.get_page("/comments/999", status=404).html
    assert client.get_page(f"/comments/{comment}", status=404).html == nothing
    assert WORDS in member.get_page(f"/comments/{comment}").text


def test_a_removed_comment_says_so(app: Flask, member: StrictClient, client: StrictClient) -> None:
    comment = on_the_story(app, public)
    with app.app_context(), transaction():
        db.session.get(Comment, comment).state = PublicationState.REMOVED

    page = client.get_page(f"/comments/{comment}", status=410)

    assert "Our moderators took this comment down" in page.text
    assert WORDS not in page.html


# --- Numbers ---


def test_the_numbers_agree_with_what_is_shown(app: Flask, member: StrictClient, client: StrictClient) -> None:
    with app.app_context(), transaction():
        story, author, moderator = db.session.get(Story, 1), registration.find_by_username("quietfern"), a_moderator()
        a_pending_comment(story, author)
        first = a_published_comment(story, author, "one", moderator=moderator)
        a_published_comment(story, author, "two", first, moderator=moderator)
        hidden = a_published_comment(story, author, "not shown", moderator=moderator)
        a_published_comment(story, author, "nor this", hidden, moderator=moderator)
        decisions.hide(moderator, hidden, "disrespect")
        rejected = a_pending_comment(story, author)
        decisions.reject(moderator, pending_of(rejected), "disrespect")
        publication.withdraw(author, a_published_comment(story, author, moderator=moderator))

    assert shown(client) == ["one", "two"]
    for address in ("/stories", "/", "/topics/warts", "/topics/warts/stories"):
        assert "2 comments" in client.get_page(address).text, address


def test_the_numbers_of_articles_agree_with_what_is_shown(
    app: Flask, member: StrictClient, client: StrictClient
) -> None:
    from app.articles.models import Article

    with app.app_context(), transaction():
        article, moderator = db.session.get(Article, 1), a_moderator()
        a_published_comment(article, moderator=moderator)
        a_pending_comment(article)

    page = client.get_page("/articles/how-to-read-a-figure")

    assert len(page.select(".comment")) == 1
    for address in ("/articles", "/", "/topics/warts"):
        assert "1 comment" in client.get_page(address).text, address
