"""What it takes to tell one typical story on a phone: taps, words on the way, pixels, and an estimate of the time.

    .venv/bin/python -m benchmarks.journeys               # serves the demonstration site from a temporary folder
    .venv/bin/python -m benchmarks.journeys --site DIR    # a folder that `tests.browser.serving.seed` has filled

The story is about one treatment with one side effect; with `--all` it answers the questions that are folded up too. It
is told on a screen of 390 by 844 pixels, with taps and a keyboard. Words are those in sight in the main part of the
page, counted at the end of each step; what is folded up counts once it is opened. Pixels are those from the top of the
main part to the button that leads on. Seconds are a model, not a measurement: 1.1 for a tap, 0.28 for a key, 0.25 for
reading a word.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page

from tests import servers
from tests.browser import people
from tests.browser.serving import Site, seed, serve_copy

PHONE = {"width": 390, "height": 844}
TAP, KEY, WORD = 1.1, 0.28, 0.25

TITLE = "Half a year of cream for my warts"
BODY = (
    "I had six warts on my left hand for two years. My doctor gave me a cream to use three nights a week. After a month"
    " the skin went red and sore, so I left it for a week and then went on. By spring four of them were gone."
)
ADVICE = "Take a photograph every week. You forget how it looked."

# The words in sight: text that is drawn, larger than what only screen readers get.
VISIBLE_WORDS = """main => {
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  let words = 0;
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!parent.checkVisibility({ visibilityProperty: true }) || parent.closest('option, datalist, template')) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const { width, height } = range.getBoundingClientRect();
    if (width < 2 || height < 2 || parent.closest('.visually-hidden:not(:focus)')) continue;
    words += walker.currentNode.textContent.split(/\\s+/).filter((word) => /[\\p{L}\\p{N}]/u.test(word)).length;
  }
  return words;
}"""

HEIGHT = """button => Math.round(
  button.getBoundingClientRect().bottom - document.querySelector('main').getBoundingClientRect().top)"""

SHIFTS = """window.shifts = []; new PerformanceObserver(list => { for (const entry of list.getEntries())
  if (!entry.hadRecentInput) shifts.push(entry.value) }).observe({ type: 'layout-shift', buffered: true });"""


@dataclass
class Step:
    """What one step of the form took."""

    name: str
    taps: int
    keys: int
    words: int
    height: int

    @property
    def seconds(self) -> float:
        """The time it takes by the model."""
        return self.taps * TAP + self.keys * KEY + self.words * WORD


@dataclass
class Journey:
    """Somebody with a phone; counts what they do."""

    page: Page
    taps: int = 0
    keys: int = 0
    steps: list[Step] = field(default_factory=list)

    def tap(self, control: Locator) -> None:
        """Tap on something, which is scrolled to if need be."""
        control.tap()
        self.taps += 1

    def write(self, control: Locator, words: str) -> None:
        """Tap on a field, unless it has the focus already, and type."""
        if not control.evaluate("control => control === document.activeElement"):
            self.tap(control)
        self.page.keyboard.insert_text(words)
        self.keys += len(words)

    def choose_name(self, label: str, letters: str, name: str) -> None:
        """Type the first letters of a name and tap the suggestion."""
        field_ = self.page.get_by_label(label, exact=True).filter(visible=True)
        if not field_.evaluate("control => control === document.activeElement"):
            self.tap(field_)
        field_.press_sequentially(letters)
        self.keys += len(letters)
        self.tap(self.page.get_by_role("option", name=name).first)

    def answer(self, question: str, words: str) -> None:
        """Tap one of the answers to a question."""
        group = self.page.get_by_role("group", name=question).filter(visible=True)
        self.tap(group.get_by_label(words, exact=True))

    def unfold(self, words: str) -> None:
        """Tap on the words above questions that are folded up."""
        self.tap(self.page.get_by_text(words).filter(visible=True))

    def end_step(self, name: str, button: str = "Next") -> None:
        """Count the step, and leave it by a button."""
        words = self.page.locator("main").evaluate(VISIBLE_WORDS)
        onward = self.page.get_by_role("button", name=button, exact=True)
        height = onward.evaluate(HEIGHT)
        self.tap(onward)
        self.steps.append(Step(name, self.taps, self.keys, words, height))
        self.taps = self.keys = 0


def tell(page: Page, *, everything: bool) -> list[Step]:
    """Tell the typical story; returns its steps. With `everything` no question is left out."""
    journey = Journey(page)
    journey.tap(page.get_by_role("banner").get_by_role("link", name="Share your story"))
    page.wait_for_load_state("networkidle")
    journey.write(page.get_by_label("Title"), TITLE)
    journey.write(page.get_by_label("Your story"), BODY)
    journey.end_step("what happened")
    journey.choose_name("Condition", "wart", "Warts")
    if everything:
        journey.unfold("Add more detail")
        journey.answer("Age", "40 to 49")
        journey.answer("Sex", "female")
    journey.end_step("condition")
    journey.choose_name("Treatment", "alda", "Imiquimod")
    journey.answer("How well did it work?", "moderately")
    journey.end_step("which, how well")
    journey.answer("How long did you use it?", "3 to 6 months")
    journey.answer("Are you still using it?", "finished the course")
    journey.end_step("how long")
    journey.answer("How bad were the side effects?", "mild")
    journey.tap(page.get_by_role("button", name="Itch", exact=True))
    if everything:
        journey.unfold("Add more detail")
        journey.answer("When did you first notice a change?", "2 to 4 weeks")
        journey.answer("Would you choose it again?", "yes")
    journey.end_step("side effects")
    if everything:
        journey.unfold("Add advice")
        journey.write(page.get_by_label("Advice to someone starting out"), ADVICE)
    journey.tap(page.get_by_label("Publish my story"))
    journey.tap(page.get_by_label("Count my answers"))
    journey.end_step("sending", "Send for review")
    return journey.steps


def shift_of(page: Page) -> float:
    """How far the form moves by itself while it loads."""
    page.add_init_script(SHIFTS)
    page.goto("/stories/new")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    total: float = page.evaluate("shifts.reduce((sum, each) => sum + each, 0)")
    return total


def report(steps: list[Step], shift: float) -> None:
    """Print a line for each step, and the sums."""
    print(f"{'step':<18}{'taps':>6}{'words':>7}{'pixels':>8}{'seconds':>9}")
    for step in steps:
        print(f"{step.name:<18}{step.taps:>6}{step.words:>7}{step.height:>8}{step.seconds:>9.0f}")
    taps, words = sum(step.taps for step in steps), sum(step.words for step in steps)
    height, seconds = max(step.height for step in steps), sum(step.seconds for step in steps)
    print(f"{'all (highest)':<18}{taps:>6}{words:>7}{height:>8}{seconds:>9.0f}")
    print(f"layout shift while loading: {shift:.3f}")


@contextmanager
def _site(folder: Path | None) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="salve-journeys-") as parent:
        seeded = folder or Path(parent) / "seeded"
        if folder is None:
            seed(seeded)
        with serve_copy(seeded, Path(parent)) as site:
            yield site


def main() -> None:
    """Tell the story on a phone and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", type=Path)
    parser.add_argument("--all", action="store_true")
    arguments = parser.parse_args()
    with _site(arguments.site) as site, servers.browser() as browser:
        if browser is None:
            raise SystemExit(str(servers.why_no_browser()))
        context = browser.new_context(base_url=site.url, locale="en-GB", has_touch=True, viewport=PHONE)
        page = context.new_page()
        people.create_account(page)
        steps = tell(page, everything=arguments.all)
        page.get_by_text("Your story is with our moderators").first.wait_for()
        report(steps, shift_of(context.new_page()))


if __name__ == "__main__":
    main()
