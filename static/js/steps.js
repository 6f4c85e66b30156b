// On a narrow screen one step of the form at a time. Each step has an address (#what), so that the browser's own 'back'
// leads to the step before, and loading the page again stays where one was. Without this, or on a wide screen, the form
// is one page.

const form = document.querySelector("#story-form");
const narrow = matchMedia("(max-width: 55.99rem)");
const before = document.querySelector(".story-form__before");
const bar = document.createElement("div");
const nav = document.createElement("div");
let current = null;

const steps = () => [...form.querySelectorAll("[data-step]")];
const stepOf = (element) => element?.closest("[data-step]") ?? element?.querySelector?.("[data-step]");
const titleOf = (step) => step.querySelector("h2, legend").textContent;

function button(words, kind, by) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: `button ${kind}`, textContent: words });
  made.addEventListener("click", () => go(by));
  return made;
}

function go(by) {
  const all = steps();
  const to = all[all.indexOf(current) + by];
  if (to) location.hash = to.id;
}

function show(step) {
  const all = steps();
  current = all.includes(step) ? step : all[0];
  const stepping = narrow.matches;
  for (const part of form.querySelectorAll(".step, [data-step]")) {
    part.hidden = stepping && part !== current && !part.contains(current);
  }
  const at = all.indexOf(current);
  form.dispatchEvent(new CustomEvent("shown", { detail: current }));
  before.hidden = stepping && at > 0;
  bar.hidden = nav.hidden = !stepping;
  if (!stepping) return;
  const words = form.dataset.stepWords.replace("{step}", at + 1).replace("{of}", all.length);
  bar.querySelector("p").replaceChildren(words, Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: `: ${titleOf(current)}` }));
  bar.querySelector("progress").max = all.length;
  bar.querySelector("progress").value = at + 1;
  nav.children[0].hidden = at === 0;
  nav.children[1].hidden = at === all.length - 1;
}

function follow() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const step = form.contains(target) ? stepOf(target) : null;
  if (!step && location.hash) return;
  show(step);
  form.dispatchEvent(new Event("step"));
  if (!narrow.matches) return;
  if (target && target !== step) {
    target.focus();
    if (document.activeElement === target) return;
  }
  bar.focus({ preventScroll: true });
  bar.scrollIntoView({ block: "start" });
}

bar.className = "steps-bar";
bar.tabIndex = -1;
bar.append(document.createElement("p"), document.createElement("progress"));
bar.lastChild.ariaHidden = "true";
form.before(bar);
nav.className = "actions steps-nav";
nav.append(button(form.dataset.back, "button--quiet", -1), button(form.dataset.next, "", 1));
document.querySelector("#draft-kept").before(nav);

addEventListener("hashchange", follow);
narrow.addEventListener("change", () => show(current));
// A treatment was added, taken out or moved.
form.addEventListener("treatments", ({ detail }) => {
  show(detail);
  if (narrow.matches && detail) history.replaceState(null, "", `#${detail.id}`);
});
// Enter in a field goes on; elsewhere it keeps the draft.
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.defaultPrevented || event.isComposing || !narrow.matches) return;
  if (!event.target.matches("input:not([type=checkbox], [type=radio]), select")) return;
  event.preventDefault();
  go(1);
});

// After an answer: what was asked for, else the first thing that needs another look.
const asked = document.getElementById(location.hash.slice(1));
const shown = form.contains(asked) ? asked : form.querySelector(".field--wrong, .field__errors");
show(stepOf(shown));
if (shown === asked && asked !== current) asked?.scrollIntoView();
