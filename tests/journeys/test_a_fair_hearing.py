"""Appeals over HTTP: a rejection overturned by a different moderator, and a ban lifted after an appeal."""

from __future__ import annotations

from flask import Flask

from app.foundation.access import Role
from tests.factories.people import logged_in
from tests.journeys.test_the_life_of_a_story import decide
from tests.stories.story_form import TITLE, create_vocabulary, filled_form


def test_an_appeal_that_was_right(app: Flask) -> None:
    create_vocabulary(app)
    patient, reader = logged_in(app, "quietfern"), app.test_client()
    first, second = (logged_in(app, name, Role.MODERATOR) for name in ("marlow", "lanternhill"))

    # Rejected, with a reason and a note.
    patient.submit(filled_form(patient), "Send for review")
    decide(first, TITLE, "Reject", "No advertising", "The ointment you name is sold by one shop.")

    # The reasons are on a page of their own, which says how to appeal.
    page = patient.get_page("/account/contributions")
    page = patient.click(page, f"Find out why, and how to appeal: {TITLE}")
    assert page.texts("blockquote") == ["The ointment you name is sold by one shop."]
    form = page.form("Send appeal").fill("What should we look at again?", "Every pharmacy has it.")
    page = patient.submit(form)
    assert "It’s waiting for a different moderator." in page.text

    # The moderator who decided may only read the appeal; another one finds it in the queue.
    page = first.click(first.get_page("/moderation?kind=appeal"), TITLE)
    assert "Another moderator answers this" in page.text
    page = second.click(second.get_page("/moderation?kind=appeal"), TITLE)
    assert "Every pharmacy has it." in page.texts("blockquote")
    page = second.submit(page.form("Overturn it").fill("Answer to the author", "So it has. Sorry."), "Overturn it")
    assert "Overturned. We’ve told the author." in page.text
    assert "Nothing is waiting." in page.text

    # The text is public, the appeal answered, and the first decision still on record.
    assert reader.get_page("/stories/1", follow_redirects=True).h1 == TITLE
    page = patient.get_page("/account/contributions")
    assert "the decision was overturned" in page.text
    assert "So it has. Sorry." in patient.get_page("/account/decisions/1").texts("blockquote")
    history = first.get_page("/moderation/stories/1").text
    assert history.index("rejected by marlow") < history.index("approved by lanternhill")
    log = first.get_page("/moderation/log").texts("tbody tr")
    assert ["overturned" in log[0], "rejected" in log[1]] == [True, True]


def test_a_suspension_and_the_way_back(app: Flask) -> None:
    create_vocabulary(app)
    patient, friend = logged_in(app, "quietfern"), logged_in(app, "tallowby")
    first, second = (logged_in(app, name, Role.MODERATOR) for name in ("marlow", "lanternhill"))
    patient.submit(filled_form(patient), "Send for review")
    decide(first, TITLE, "Approve")

    # A rude comment is reported, hidden, and its author banned.
    form = friend.get_page("/stories/1", follow_redirects=True).form("Add a comment")
    friend.submit(form.fill("Comment", "You made that up."))
    decide(first, "You made that up.", "Approve")
    form = patient.get_page("/comments/1/report").form("Send report").check("It’s unkind")
    patient.submit(form)
    decide(first, "You made that up.", "Hide", "Be kind", "It hurts.")
    page = patient.get_page("/account/contributions")
    assert "It’s no longer public. Thank you for telling us." in page.text
    assert "It hurts." not in page.text
    page = first.click(first.get_page("/moderation/comments/1"), "tallowby")
    form = page.form("Warn, suspend or ban").check("Ban").choose("Reason", "Be kind")
    first.submit(form.fill("Message to the person", "We asked you before."))

    # The sessions have ended. The person logs in again, reads the reasons and appeals.
    friend.get_page("/account/contributions", status=302, unchecked="leads to the log-in")
    friend = logged_in(app, "tallowby")
    assert "You can’t post here any more." in friend.get_page("/about").text
    page = friend.get_page("/account/sanctions/1")
    assert page.texts("blockquote") == ["We asked you before."]
    friend.submit(page.form("Send appeal").fill("What should we look at again?", "It was the first time."))
    page = second.click(second.get_page("/moderation/appeals"), "Ban")
    second.submit(page.form("Overturn it").fill("Answer to the author", "So it was."), "Overturn it")

    # The ban is lifted, and they can write again.
    assert "We’ve answered your appeal" in friend.get_page("/account/contributions").text
    form = friend.get_page("/stories/1", follow_redirects=True).form("Add a comment")
    assert "with our moderators" in friend.submit(form.fill("Comment", "I am sorry.")).text
