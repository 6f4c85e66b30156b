// Side effects as buttons to choose from: the commonest ones of the treatment, as the server counts them. Each that is
// pressed has a line with the question how bad it was; any other is typed in a line of its own. Lines that are not used
// are hidden. Without this script the form has lines to fill in, and a button of its own for one more.

const form = document.querySelector("#story-form");
const blank = document.querySelector("#blank-treatment");
const MOST = 10;
const common = new Map(); // the commonest side effects by the name of the treatment

const lines = (part) => [...part.querySelectorAll(".side-effect")];
const nameOf = (line) => line.querySelector("input[type=text]");
const key = (name) => name.trim().toLowerCase();
const isUsed = (line) => Boolean(nameOf(line).value.trim() || line.querySelector(".field--wrong"));

function makeLine(part) {
  const line = blank.content.querySelector(".side-effect").cloneNode(true);
  const at = lines(part).length;
  const entry = part.querySelector("button[name=add_to]").value;
  for (const element of line.querySelectorAll("*")) {
    for (const attribute of ["id", "name", "for", "aria-describedby"]) {
      const value = element.getAttribute(attribute);
      if (value) element.setAttribute(attribute, value.replace(/treatments-n-side_effects-\d+/, `${entry}-${at}`));
    }
  }
  line.querySelector("legend").textContent = line.querySelector("legend").textContent.replace(/\d+/, at + 1);
  lines(part).at(-1).after(line);
  return line;
}

function freeLine(part) {
  return lines(part).find((line) => line.hidden) ?? (lines(part).length < MOST ? makeLine(part) : null);
}

function changed(part) {
  part.querySelector("button[name=add_to]").hidden = !lines(part).some((line) => line.hidden) && lines(part).length >= MOST;
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

// As bad as all of them together, until somebody says otherwise.
function presetSeverity(line, part) {
  const overall = part.closest(".treatment").querySelector("input[name$=side_effects_overall]:checked")?.value;
  const same = line.querySelector(`input[type=radio][value="${overall || "-"}"]`);
  if (same) same.checked = true;
}

function pick(line, name) {
  nameOf(line).value = name;
  line.classList.add("side-effect--chosen");
  const legend = line.querySelector("legend");
  legend.dataset.unchosen ??= legend.textContent;
  legend.textContent = name;
  legend.classList.remove("visually-hidden");
  line.hidden = false;
}

function release(line) {
  nameOf(line).value = "";
  for (const input of line.querySelectorAll("input:checked")) input.checked = false;
  line.classList.remove("side-effect--chosen");
  const legend = line.querySelector("legend");
  legend.textContent = legend.dataset.unchosen ?? legend.textContent;
  legend.classList.add("visually-hidden");
  line.hidden = true;
}

function press(part, button) {
  const line = lines(part).find((each) => !each.hidden && key(nameOf(each).value) === key(button.textContent));
  if (line) release(line);
  else {
    const free = freeLine(part);
    if (!free) return;
    pick(free, button.textContent);
    presetSeverity(free, part);
  }
  button.setAttribute("aria-pressed", String(!line));
  changed(part);
}

function draw(part, names) {
  let box = part.querySelector(".side-effects__common");
  if (!box) {
    box = Object.assign(document.createElement("div"), { className: "side-effects__common", role: "group", ariaLabel: part.dataset.choose });
    part.prepend(box);
  }
  const heading = Object.assign(document.createElement("p"), { className: "field__label", textContent: part.dataset.choose });
  heading.ariaHidden = "true";
  const buttons = names.map((name) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "toggle", textContent: name });
    const line = lines(part).find((each) => key(nameOf(each).value) === key(name));
    button.setAttribute("aria-pressed", String(Boolean(line)));
    if (line && !line.querySelector(".field--wrong")) pick(line, name);
    button.addEventListener("click", () => press(part, button));
    return button;
  });
  box.replaceChildren(heading, ...buttons);
  box.hidden = !names.length;
}

async function offer(part) {
  const named = part.closest(".treatment").querySelector("input[data-names=treatment]").value.trim();
  if (part.dataset.offered === named) return;
  part.dataset.offered = named;
  try {
    if (!common.has(named)) {
      const answer = await fetch(`${part.dataset.common}?treatment=${encodeURIComponent(named)}`);
      if (!answer.ok) return;
      common.set(named, (await answer.json()).side_effects);
    }
    if (part.dataset.offered === named) draw(part, common.get(named));
  } catch {
    // Out of reach: there are still lines to fill in.
    delete part.dataset.offered;
  }
}

function prepare(treatment) {
  const part = treatment.querySelector(".side-effects");
  for (const line of lines(part)) line.hidden = !isUsed(line);
  if (treatment.querySelector("input[data-names=treatment]").value) offer(part);
}

const prepareAll = () => form.querySelectorAll(".treatment").forEach(prepare);

form.addEventListener("click", (event) => {
  const add = event.target.closest("button[name=add_to]");
  if (!add) return;
  event.preventDefault();
  const part = add.closest(".side-effects");
  const line = freeLine(part);
  if (!line) return;
  line.hidden = false;
  nameOf(line).focus();
  changed(part);
});
form.addEventListener("change", ({ target }) => {
  if (target.matches("input[data-names=treatment], input[name$=side_effects_overall]")) {
    offer(target.closest(".treatment").querySelector(".side-effects"));
  }
});
form.addEventListener("treatments", prepareAll);
prepareAll();
