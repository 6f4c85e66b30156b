// On a narrow screen one step of the form at a time. Each step has an address (#what), so that the browser's own 'back'
// leads to the step before, and loading the page again stays where one was. 'Next' checks the step first. Without this,
// or on a wide screen, the form is one page.

// By its own address: under another one it would be loaded a second time.
const { check } = await import(document.querySelector("script[src*='checks']").src);
const form = document.querySelector("#story-form");
const narrow = matchMedia("(max-width: 55.99rem)");
const before = document.querySelector(".story-form__before");
const bar = document.querySelector(".steps-bar");
const nav = document.createElement("div");
const treatments = form.querySelector("#treatments");
let current = null;

const steps = () => [...form.querySelectorAll("[data-step]")];
const stepOf = (element) => element?.closest("[data-step]") ?? element?.querySelector?.("[data-step]");
const titleOf = (step) => {
  const treatment = step.closest(".treatment")?.querySelector("legend").textContent;
  if (!treatment) return step.querySelector("h2").textContent;
  return step.matches("[data-begin]") ? treatment : `${treatment}: ${step.querySelector("legend span").textContent}`;
};

function button(words, kind, by) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: `button ${kind}`, textContent: words });
  made.addEventListener("click", () => go(by));
  return made;
}

function go(by) {
  const all = steps();
  const to = all[all.indexOf(current) + by];
  if (!to || (by > 0 && !check(current))) return;
  // Not by the address alone: a keyboard opens only for a field that gets the focus while the finger is on the button.
  history.pushState(null, "", `#${to.id}`);
  follow();
}

// What belongs to a treatment as a whole: its name above its later steps, its place among the others on the first.
function frame() {
  const treatment = current.closest(".treatment");
  for (const each of form.querySelectorAll(".treatment")) {
    const name = each.querySelector(".treatment__name");
    name.textContent = each.querySelector("input[data-names=treatment]").value;
    name.hidden = !narrow.matches || each !== treatment || current.matches("[data-begin]") || !name.textContent;
    each.querySelector(".treatment__moves").classList.toggle("is-elsewhere", narrow.matches && !current.matches("[data-begin]"));
  }
  const last = [...treatments.querySelectorAll("[data-step]")].at(-1);
  treatments.classList.toggle("is-within", narrow.matches && !current.matches("[data-begin]"));
  treatments.classList.toggle("is-under-way", narrow.matches && current !== last);
}

function show(step) {
  const all = steps();
  current = all.includes(step) ? step : all[0];
  const stepping = narrow.matches;
  for (const part of form.querySelectorAll(".step, .treatment, [data-step]")) {
    part.hidden = stepping && part !== current && !part.contains(current);
  }
  frame();
  const at = all.indexOf(current);
  form.dispatchEvent(new CustomEvent("shown", { detail: current }));
  before.hidden = stepping && at > 0;
  nav.hidden = !stepping;
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
  const folded = target?.closest("details");
  if (folded) folded.open = true;
  const step = form.contains(target) ? stepOf(target) : null;
  if (!step && location.hash) return;
  show(step);
  form.dispatchEvent(new Event("step"));
  if (!narrow.matches) return;
  if (target && target !== step) {
    target.focus();
    if (document.activeElement === target) return;
  }
  bar.scrollIntoView({ block: "start" });
  // A step that begins with a name to type begins with typing.
  const first = current.matches("[data-begin]") && current.querySelector("input[data-names]");
  (first && !first.value ? first : bar).focus({ preventScroll: true });
}

nav.className = "actions steps-nav";
nav.append(button(form.dataset.back, "button--quiet", -1), button(form.dataset.next, "", 1));
document.querySelector("#draft-kept").before(nav);

addEventListener("hashchange", follow);
narrow.addEventListener("change", () => show(current));
// A treatment was added, taken out or moved.
form.addEventListener("treatments", ({ detail }) => {
  const step = stepOf(detail);
  show(step);
  if (narrow.matches && step) history.replaceState(null, "", `#${step.id}`);
});
// Enter in a field goes on; elsewhere it keeps the draft.
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.defaultPrevented || event.isComposing || !narrow.matches) return;
  if (!event.target.matches("input:not([type=checkbox], [type=radio])")) return;
  event.preventDefault();
  go(1);
});

// After an answer: what was asked for, else the first thing that needs another look.
const asked = document.getElementById(decodeURIComponent(location.hash.slice(1)));
const shown = form.contains(asked) ? asked : form.querySelector(".field--wrong, .field__errors");
show(stepOf(shown));
if (shown === asked && asked !== current) asked?.scrollIntoView();
