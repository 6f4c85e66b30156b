// Topics by any of their names, under the fields with data-names: 'Aldara' offers 'Imiquimod (Aldara)'. What is in no list
// can be sent as it is. Without this the browser's own list of names does, and the server knows the others.

// By its own address: under another one it would be loaded a second time.
const { combobox, fetched } = await import(document.querySelector("script[data-suggest]").src);
const form = document.querySelector("#story-form");
const attached = new WeakSet();

function attach(input) {
  attached.add(input);
  input.removeAttribute("list");
  const unlisted = input.closest(".field").nextElementSibling;
  const tick = unlisted?.matches(".unlisted") ? unlisted.querySelector("input") : null;
  const setUnlisted = (is) => {
    if (!tick) return;
    tick.checked = is;
    unlisted.hidden = !is;
  };
  const suggestions = async (text, signal) => {
    const about = input.dataset.names;
    const found = await fetched(`${form.dataset.names}?about=${about}&q=${encodeURIComponent(text)}`, signal);
    const known = found.some(({ title }) => title.toLowerCase() === text.trim().toLowerCase());
    return tick && !known ? [...found, { title: form.dataset.unlisted.replace("{}", text.trim()), unlisted: true }] : found;
  };
  combobox(input, suggestions, (chosen) => {
    if (!chosen.unlisted) input.value = chosen.title;
    setUnlisted(Boolean(chosen.unlisted));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// With the first focus, since treatments come and go.
form.addEventListener("focusin", ({ target }) => {
  if (target.matches("input[data-names]") && !attached.has(target)) attach(target);
});
const { activeElement } = document;
if (form.contains(activeElement) && activeElement.matches("input[data-names]")) attach(activeElement);
