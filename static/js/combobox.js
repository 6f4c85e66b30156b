// Suggestions under the fields of search. Without this, or when nothing arrives, the field is a field and sends its form.
// The pattern is the editable combobox with a list of WAI-ARIA: focus stays in the field, aria-activedescendant tells
// which suggestion Enter would go to, Escape closes the list and a second one empties the field as browsers do.

const { suggest, label, none, some } = document.querySelector("script[data-suggest]").dataset;
const PAUSE = 120;
const SHORTEST = 2;

function combobox(input) {
  const form = input.form;
  const list = document.createElement("ul");
  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.role = "listbox";
  list.ariaLabel = label;
  list.hidden = true;
  const status = document.createElement("div");
  status.role = "status";
  status.className = "visually-hidden";
  input.after(list);
  form.append(status);
  input.role = "combobox";
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  input.autocomplete = "off";

  let underway, timer, active = -1;

  function close() {
    clearTimeout(timer);
    underway?.abort();
    list.hidden = true;
    list.replaceChildren();
    activate(-1);
    input.setAttribute("aria-expanded", "false");
  }

  function activate(at) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = at;
    const option = list.children[at];
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  function show(suggestions) {
    activate(-1);
    list.replaceChildren(...suggestions.map(({ title, note, url }, at) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${at}`;
      option.role = "option";
      option.dataset.url = url;
      option.setAttribute("aria-selected", "false");
      const beside = document.createElement("span");
      beside.className = "suggestions__note";
      beside.textContent = note;
      option.append(title, " ", beside);
      return option;
    }));
    list.hidden = !suggestions.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = suggestions.length ? some.replace("{}", suggestions.length) : none;
  }

  async function ask() {
    underway?.abort();
    underway = new AbortController();
    try {
      const answer = await fetch(`${suggest}?q=${encodeURIComponent(input.value)}`, { signal: underway.signal });
      if (answer.ok) show((await answer.json()).suggestions);
    } catch {
      // Gone, or overtaken by what was typed since.
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim().length < SHORTEST) return close();
    timer = setTimeout(ask, PAUSE);
  });

  input.addEventListener("keydown", (event) => {
    const { length } = list.children;
    if (list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown") activate(active + 1 < length ? active + 1 : -1);
    else if (event.key === "ArrowUp") activate(active < 0 ? length - 1 : active - 1);
    else if (event.key === "Enter" && active >= 0) location.assign(list.children[active].dataset.url);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });

  // Pressing on a suggestion must not take the focus out of the field before it is chosen.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
  input.addEventListener("blur", close);
  form.addEventListener("submit", close);
}

for (const input of document.querySelectorAll("form[role=search] input[type=search]")) combobox(input);
