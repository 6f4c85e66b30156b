// Adds, takes out and moves treatments in the page. Without this the same buttons ask the server to do it.

const form = document.querySelector("#telling");
const part = document.querySelector("#treatments");
const blank = document.querySelector("#blank-treatment");
const told = document.querySelector("#treatments-told");
const add = part.querySelector("button[name=add]") ?? makeAdd();
const sheets = () => [...part.querySelectorAll(".treatment")];
const NUMBERED = ["id", "name", "for", "aria-describedby", "aria-controls", "aria-activedescendant"];

function makeAdd() {
  // Left out by the server when there are as many as there may be.
  const button = Object.assign(document.createElement("button"), { type: "submit", name: "add", value: "1" });
  button.className = "button button--quiet";
  button.textContent = part.dataset.add;
  told.before(button);
  return button;
}

// Fields, labels and buttons of the treatment at this place (from 0) as the server would write them.
function number(sheet, at) {
  for (const element of sheet.querySelectorAll("*")) {
    for (const name of NUMBERED) {
      const value = element.getAttribute(name);
      if (value?.includes("treatments-")) element.setAttribute(name, value.replace(/\btreatments-(\d+|n)-/g, `treatments-${at}-`));
    }
  }
  const copy = blank.content.querySelector(".treatment");
  sheet.id = `treatment-${at + 1}`;
  sheet.querySelector("legend").textContent = copy.querySelector("legend").textContent.replace("{}", at + 1);
  const { length } = sheets();
  const moves = copy.querySelector(".treatment__moves").cloneNode(true);
  for (const button of moves.children) {
    button.textContent = button.textContent.replace("{}", at + 1);
    button.value = at;
    button.hidden = length === 1 || (button.name === "up" && at === 0) || (button.name === "down" && at === length - 1);
  }
  sheet.querySelector(".treatment__moves").replaceWith(moves);
}

function renumber() {
  const before = new Map(sheets().map((sheet, at) => [sheet.id, at]));
  // The list of errors at the top follows the fields it leads to.
  const links = [...document.querySelectorAll(".error-summary a[href^='#treatments-']")].map((link) => [link, document.getElementById(link.hash.slice(1))]);
  sheets().forEach(number);
  for (const [link, field] of links) {
    if (field?.isConnected) link.hash = field.id;
    else link.closest("li").remove();
  }
  add.hidden = before.size >= Number(part.dataset.most);
}

function done(sheet, words, focus) {
  renumber();
  told.textContent = words.replace("{}", sheets().indexOf(sheet) + 1);
  form.dispatchEvent(new CustomEvent("treatments", { detail: sheet }));
  form.dispatchEvent(new Event("input", { bubbles: true }));
  focus?.focus();
}

const MOVES = {
  add() {
    const sheet = blank.content.querySelector(".treatment").cloneNode(true);
    sheets().at(-1).after(sheet);
    done(sheet, part.dataset.added, null);
    sheet.querySelector("input").focus();
  },
  remove(sheet) {
    const at = sheets().indexOf(sheet);
    const words = part.dataset.removed.replace("{}", at + 1);
    sheet.remove();
    const left = sheets()[Math.min(at, sheets().length - 1)];
    done(left, words, null);
    left.querySelector("input").focus();
  },
  up(sheet) {
    sheet.previousElementSibling.before(sheet);
    done(sheet, part.dataset.moved, null);
    (sheet.querySelector("[name=up]:not([hidden])") ?? sheet.querySelector("[name=down]")).focus();
  },
  down(sheet) {
    sheet.nextElementSibling.after(sheet);
    done(sheet, part.dataset.moved, null);
    (sheet.querySelector("[name=down]:not([hidden])") ?? sheet.querySelector("[name=up]")).focus();
  },
};

part.addEventListener("click", (event) => {
  const button = event.target.closest("button[name]");
  if (!button || !(button.name in MOVES)) return;
  event.preventDefault();
  if (button.name !== "add" || sheets().length < Number(part.dataset.most)) MOVES[button.name](button.closest(".treatment"));
});
