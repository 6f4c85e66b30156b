// Suggestions below search fields and other fields that request them. Without this script, or when no suggestions arrive,
// the field is an ordinary field of its form.
// This is the editable combobox with a list of WAI-ARIA: focus stays in the field, aria-activedescendant names
// the suggestion that Enter would choose, Escape closes the list, and a second Escape clears the field as browsers do.

const { suggest, label, none, some } = document.querySelector("script[data-suggest]").dataset;
const PAUSE = 120;
const SHORTEST = 2;

// `ask(text, signal)` returns suggestions {title, note?}; `choose(suggestion)` is called with the chosen one.
export function combobox(input, ask, choose) {
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

  let underway, timer, shown = [], active = -1;

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
    shown = suggestions;
    list.replaceChildren(...suggestions.map(({ title, note = "" }, at) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${at}`;
      option.role = "option";
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

  async function look() {
    underway?.abort();
    underway = new AbortController();
    try {
      show(await ask(input.value, underway.signal));
    } catch {
      // The request failed, or was replaced by that for a later input.
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim().length < SHORTEST) return close();
    timer = setTimeout(look, PAUSE);
  });

  input.addEventListener("keydown", (event) => {
    const { length } = list.children;
    if (list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown") activate(active + 1 < length ? active + 1 : -1);
    else if (event.key === "ArrowUp") activate(active < 0 ? length - 1 : active - 1);
    else if (event.key === "Enter" && active >= 0) take(active);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });

  function take(at) {
    const suggestion = shown[at];
    close();
    choose(suggestion);
  }

  // Pressing a suggestion must not move the focus out of the field before the suggestion is chosen.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take([...list.children].indexOf(option));
  });
  input.addEventListener("blur", close);
  form.addEventListener("submit", close);
}

export async function fetched(address, signal) {
  const answer = await fetch(address, { signal });
  if (!answer.ok) throw new Error(answer.statusText);
  return (await answer.json()).suggestions;
}

for (const input of document.querySelectorAll("form[role=search] input[type=search]")) {
  combobox(input, (text, signal) => fetched(`${suggest}?q=${encodeURIComponent(text)}`, signal), ({ url }) => location.assign(url));
}
