// The margin while somebody types: drafts.js brings what the site found with each draft it keeps. On a wide screen it
// stands beside the form. Neutral words are put into the text in place; without this the server does it.

const form = document.querySelector("#telling");
const seen = form.querySelector("input[name=seen]");
const beside = document.querySelector("#beside");
const aside = document.querySelector(".telling__contents");
const home = document.createComment("margin");
const wide = matchMedia("(min-width: 56rem)");

function place() {
  if (wide.matches) aside.append(beside);
  else home.after(beside);
}

function put(id, fresh) {
  const old = document.getElementById(id);
  // A button somebody is on must not go away under their finger for nothing.
  if (old.innerHTML !== fresh.innerHTML) old.replaceChildren(...fresh.childNodes);
  old.hidden = fresh.hidden;
}

form.addEventListener("margin", ({ detail }) => {
  const page = new DOMParser().parseFromString(detail, "text/html");
  put("help", page.querySelector("#help"));
  put("margin", page.querySelector("#margin"));
  seen.value = page.querySelector("#beside").dataset.seen;
});

function found(text, words, start) {
  // Positions count characters; the text may have changed since they were found.
  const at = [...text].slice(0, start).join("").length;
  return text.startsWith(words, at) ? at : text.indexOf(words);
}

beside.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=replace]");
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
  const next = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  (next?.querySelector("button") ?? document.getElementById("margin")).focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

beside.before(home);
place();
wide.addEventListener("change", place);
