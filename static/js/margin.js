// The margin while somebody types: drafts.js brings what the site found with each draft it keeps. Marks stand below the
// text they are in, on a wide screen beside the form. Help stands below the text while that is written, and first of all
// on every other step. Neutral words are put into the text in place; without this the server does it.

const form = document.querySelector("#telling");
const seen = form.querySelector("input[name=seen]");
const aside = document.querySelector(".telling__contents");
const wide = matchMedia("(min-width: 56rem)");
// A follow-up has no advice, no last step, and nothing beside it: its parts stay where they are.
const there = (ids) => ids.filter((id) => document.getElementById(id));
const MOVING = there(["help", "margin", "margin-advice"]);
const PARTS = there([...MOVING, "margin-summary"]);
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

function put(id, fresh) {
  const old = document.getElementById(id);
  // A button somebody is on must not go away under their finger for nothing.
  if (old.innerHTML !== fresh.innerHTML) old.replaceChildren(...fresh.childNodes);
  old.hidden = fresh.hidden;
}

form.addEventListener("margin", ({ detail }) => {
  const page = new DOMParser().parseFromString(detail, "text/html");
  for (const id of PARTS) put(id, page.getElementById(id));
  seen.value = page.querySelector("#beside").dataset.seen;
});

function found(text, words, start) {
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
  const at = found(field.value, words, Number(button.dataset.start));
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
