// Adds, takes out and moves treatments in the page. Without this the same buttons ask the server to do it.

const form = document.querySelector("#story-form");
const part = document.querySelector("#treatments");
const blank = document.querySelector("#blank-treatment");
const statusLine = document.querySelector("#treatments-status");
const add = part.querySelector("button[name=add]") ?? makeAdd();
const treatments = () => [...part.querySelectorAll(".treatment")];
const NUMBERED = ["id", "name", "for", "value", "formaction", "aria-describedby", "aria-controls", "aria-activedescendant"];

function makeAdd() {
  // Left out by the server when there are as many as there may be.
  const button = Object.assign(document.createElement("button"), { type: "submit", name: "add", value: "1" });
  button.className = "button button--quiet";
  button.textContent = part.dataset.add;
  statusLine.before(button);
  return button;
}

// Fields, labels and buttons of the treatment at this place (from 0) as the server would write them.
function number(treatment, at) {
  for (const element of treatment.querySelectorAll("*")) {
    for (const name of NUMBERED) {
      const value = element.getAttribute(name);
      if (value?.includes("treatments-")) element.setAttribute(name, value.replace(/\btreatments-(\d+|n)-(?=[a-z])/g, `treatments-${at}-`));
    }
  }
  const copy = blank.content.querySelector(".treatment");
  treatment.id = `treatment-${at + 1}`;
  treatment.querySelector("legend").textContent = copy.querySelector("legend").textContent.replace("{}", at + 1);
  const { length } = treatments();
  const moves = copy.querySelector(".treatment__moves").cloneNode(true);
  for (const button of moves.children) {
    button.textContent = button.textContent.replace("{}", at + 1);
    button.value = at;
    button.hidden = length === 1 || (button.name === "up" && at === 0) || (button.name === "down" && at === length - 1);
  }
  treatment.querySelector(".treatment__moves").replaceWith(moves);
}

function renumber() {
  const before = new Map(treatments().map((treatment, at) => [treatment.id, at]));
  // The list of errors at the top follows the fields it leads to.
  const links = [...document.querySelectorAll(".error-summary a[href^='#treatments-']")].map((link) => [link, document.getElementById(link.hash.slice(1))]);
  // On the way two treatments have radio buttons of the same names, of which the browser leaves only one checked.
  const checked = [...part.querySelectorAll("input:checked")];
  treatments().forEach(number);
  for (const input of checked) input.checked = true;
  for (const [link, field] of links) {
    if (field?.isConnected) link.hash = field.id;
    else link.closest("li").remove();
  }
  add.hidden = before.size >= Number(part.dataset.most);
}

function announce(treatment, words, focus) {
  renumber();
  statusLine.textContent = words.replace("{}", treatments().indexOf(treatment) + 1);
  form.dispatchEvent(new CustomEvent("treatments", { detail: treatment }));
  form.dispatchEvent(new Event("input", { bubbles: true }));
  focus?.focus();
}

const MOVES = {
  add() {
    const treatment = blank.content.querySelector(".treatment").cloneNode(true);
    treatments().at(-1).after(treatment);
    announce(treatment, part.dataset.added, null);
    treatment.querySelector("input").focus();
  },
  remove(treatment) {
    const at = treatments().indexOf(treatment);
    const words = part.dataset.removed.replace("{}", at + 1);
    treatment.remove();
    const left = treatments()[Math.min(at, treatments().length - 1)];
    announce(left, words, null);
    left.querySelector("input").focus();
  },
  up(treatment) {
    treatment.previousElementSibling.before(treatment);
    announce(treatment, part.dataset.moved, null);
    (treatment.querySelector("[name=up]:not([hidden])") ?? treatment.querySelector("[name=down]")).focus();
  },
  down(treatment) {
    treatment.nextElementSibling.after(treatment);
    announce(treatment, part.dataset.moved, null);
    (treatment.querySelector("[name=down]:not([hidden])") ?? treatment.querySelector("[name=up]")).focus();
  },
};

part.addEventListener("click", (event) => {
  const button = event.target.closest("button[name]");
  if (!button || !(button.name in MOVES)) return;
  event.preventDefault();
  if (button.name !== "add" || treatments().length < Number(part.dataset.most)) MOVES[button.name](button.closest(".treatment"));
});
