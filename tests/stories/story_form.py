"""Helpers for tests of the story form: a vocabulary, filled-in forms, and reading what a form contains."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app.foundation.database import db, transaction
from app.topics.models import TopicKind
from tests.client import Form, Page, StrictClient
from tests.factories.pages import a_topic

TITLE = "Eleven warts and then none"
# Names as the form shows them once it has understood them.
DPCP = "Diphencyprone (DPCP)"
BODY = "They painted a small square on my arm first and then we waited for two weeks."


def create_vocabulary(app: Flask) -> None:
    """Two conditions, some treatments, two side effects; each with its synonym."""
    with app.app_context(), transaction():
        a_topic("Warts", TopicKind.CONDITION, "Verruca")
        a_topic("Alopecia areata")
        a_topic("Diphencyprone", TopicKind.TREATMENT, "DPCP")
        for name in ("Imiquimod", "Cryotherapy", "Salicylic acid"):
            a_topic(name, TopicKind.TREATMENT)
        a_topic("Itch", TopicKind.EFFECT, "Pruritus")
        a_topic("Blistering", TopicKind.EFFECT)
        db.session.flush()


def filled_form(client: StrictClient, address: str = "/stories/new", **changes: str) -> Form:
    """The story form with all required fields filled in; `changes` are further fields by name."""
    form = client.get_page(address).form("Send for review")
    form.fill("Title", TITLE).fill("Condition", "Warts").fill("Treatment", DPCP).fill("Your story", BODY)
    form.check("Publish my story")
    for name, value in changes.items():
        set_field(form, name, value)
    return form


def set_field(form: Form, name: str, value: str) -> None:
    """Set a field by its name, for fields whose labels occur more than once."""
    controls = [each for each in form.controls if each.get("name") == name]
    if controls[0].get("type") == "radio":
        for each in controls:
            each.attrib.pop("checked", None)
            if each.get("value") == value:
                each.set("checked", "")
        return
    [control] = controls
    if control.tag == "textarea":
        control.text = value
    else:
        control.set("value", value)


def typed_values(form: Form) -> dict[str, list[Any]]:
    """The values in a form that a person entered, by field name."""
    held: dict[str, list[Any]] = {}
    for name, value in form.pairs():
        if value and name not in ("csrf_token", "key"):
            held.setdefault(name, []).append(value)
    return held


def complete_form(client: StrictClient, address: str = "/stories/new") -> Form:
    """The form with every question answered, for two treatments."""
    page = client.submit(filled_form(client, address), "Add another treatment")
    form = page.form("Send for review")
    form.check("someone I care for").fill("Advice to someone starting out", "Be patient.\n\nTake photographs.")
    form.choose("Age", "40 to 49").choose("Sex", "other").fill("Place on the body", "left hand")
    form.check("A doctor or nurse confirmed the condition").check("Count my answers in the totals")
    form.check("Ask me later how it’s going")
    form.fill("Treatment", "Cryotherapy", within="Treatment 2")
    answers = {
        "How well did it work?": ("very well", "not at all"),
        "How long did you use it?": ("3 to 6 months", "under 1 month"),
        "Are you still using it?": ("finished the course", "stopped early"),
        "When did you first notice a change?": ("2 to 4 weeks", "never"),
        "How bad were the side effects?": ("moderate", "severe"),
        "Would you choose it again?": ("yes", "no"),
    }
    for label, words in answers.items():
        for number, answer in enumerate(words, start=1):
            form.choose(label, answer, within=f"Treatment {number}")
    form.check("moisturiser", within="Treatment 1").check("light therapy", within="Treatment 1")
    form.check("cost", within="Treatment 2").check("it did not work", within="Treatment 2")
    for at, effect, severity in (
        ("0-side_effects-0", "Itch (Pruritus)", "mild"),
        ("0-side_effects-1", "Blistering", "severe"),
    ):
        set_field(form, f"treatments-{at}-effect", effect)
        set_field(form, f"treatments-{at}-severity", severity)
    return form


def listed_errors(page: Page) -> list[str]:
    """The messages of the error summary at the top of the page."""
    return page.texts(".error-summary li")


def field_error(page: Page, field: str) -> str:
    """The error message next to a field."""
    return " ".join(page.texts(f"[id='{field}-error']"))
