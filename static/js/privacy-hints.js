// The privacy hints while somebody types: drafts.js receives them from the server with each draft that it saves. They are
// below the text they belong to, on a wide screen beside the form. The help lines stay in sight at the top of every step
// (story-form.css). A button puts neutral words into the text; without this script the server does it.

const form = document.querySelector("#story-form");
const seen = form.querySelector("input[name=seen]");
const aside = document.querySelector(".story-form__contents");
const wide = matchMedia("(min-width: 56rem)");
// A follow-up has no advice, no last step, and nothing beside it: its parts stay where they are.
const present = (ids) => ids.filter((id) => document.getElementById(id));
const MOVING = present(["help", "privacy-hints", "privacy-hints-advice"]);
const PARTS = present([...MOVING, "privacy-hints-summary"]);
const homes = new Map();
let writing = true; // the step with the words, or a form without steps

function place() {
  for (const id of MOVING) {
    const part = document.getElementById(id);
    if (aside && wide.matches) aside.append(part);
    else if (id === "help" && !writing) form.before(part);
    else homes.get(id).after(part);
  }
}

const shown = new Map(PARTS.map((id) => [id, document.getElementById(id).innerHTML.trim()]));

function update(id, fresh) {
  const old = document.getElementById(id);
  const html = fresh.innerHTML.trim();
  // A button somebody is on must not go away under their finger for nothing, and what was folded up stays so.
  if (shown.get(id) !== html) old.replaceChildren(...fresh.childNodes);
  shown.set(id, html);
  old.hidden = fresh.hidden;
}

form.addEventListener("privacy-hints", ({ detail }) => {
  const page = new DOMParser().parseFromString(detail, "text/html");
  for (const id of PARTS) update(id, page.getElementById(id));
  seen.value = page.querySelector("#privacy-hints-update").dataset.seen;
});

function positionOf(text, words, start) {
  // Positions count characters; the text may have changed since they were found.
  const at = [...text].slice(0, start).join("").length;
  return text.startsWith(words, at) ? at : text.indexOf(words);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[name=replace]");
  if (!button) return;
  const [name, , ...rest] = button.value.split(":");
  const field = form.elements[name];
  const words = rest.join(":");
  const at = positionOf(field.value, words, Number(button.dataset.start));
  // Written in other characters than the site keeps: let the server do it.
  if (at < 0) return;
  event.preventDefault();
  field.setRangeText(button.dataset.instead, at, at + words.length, "end");
  const item = button.closest("li");
  const part = item.closest("section");
  const next = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  part.hidden = !next;
  (next?.querySelector("button") ?? (next ? part : field)).focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

for (const id of MOVING) {
  homes.set(id, document.createComment(id));
  document.getElementById(id).before(homes.get(id));
}
place();
form.addEventListener("shown", ({ detail }) => {
  writing = detail.contains(homes.get("help"));
  place();
});
wide.addEventListener("change", place);
