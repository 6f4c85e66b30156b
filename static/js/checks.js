// Says at once what the server would say after sending, in its words: they stand at the fields as data-missing and so on.
// The server stays the judge. Errors that are mended go away, those of the server too.

const form = document.querySelector("#story-form");
const summary = document.querySelector(".error-summary");
const written = new Intl.NumberFormat(document.documentElement.lang);
const lengthOf = (text) => [...text.normalize("NFC").trim()].length;

function filled(words, values) {
  return words.replace(/%\((\w+)\)s/g, (_all, name) => written.format(values[name]));
}

// What is wrong with the answer to a question, or "".
function wrong(control) {
  const { missing = "", tooShort, tooLong, neededWith, least = 0, most = Infinity } = control.dataset;
  if (neededWith) {
    const entry = control.parentElement.closest("fieldset");
    const other = entry.querySelector(`input[name$="-${neededWith}"]`).value.trim();
    return other && !control.querySelector("input:checked:not([value=''])") ? missing : "";
  }
  if (control.type === "checkbox") return control.checked ? "" : missing;
  const length = lengthOf(control.value);
  if (!length && missing) return missing;
  if (length < Number(least)) return filled(tooShort, { least, most, length });
  return length > Number(most) ? filled(tooLong, { least, most, length }) : "";
}

const CHECKED = "[data-missing], [data-too-long]";

function show(control, words) {
  clear(control);
  const box = Object.assign(document.createElement("div"), { className: "field__errors", id: `${control.id}-error` });
  const line = document.createElement("p");
  const prefix = Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: form.dataset.error });
  line.append(prefix, " ", words);
  box.append(line);
  const field = control.closest(".field");
  field.classList.add("field--wrong");
  (field.querySelector(".field__hint") ?? field.querySelector(".field__label, .choice")).after(box);
  control.setAttribute("aria-describedby", `${control.getAttribute("aria-describedby") ?? ""} ${box.id}`.trim());
  if (!control.matches("fieldset")) control.setAttribute("aria-invalid", "true");
}

function clear(control) {
  const field = control.closest(".field");
  if (!field?.classList.contains("field--wrong")) return;
  field.classList.remove("field--wrong");
  field.querySelector(".field__errors")?.remove();
  for (const described of [control, field]) {
    const others = (described.getAttribute("aria-describedby") ?? "").split(/\s+/).filter((id) => id && !id.endsWith("-error"));
    if (others.length) described.setAttribute("aria-describedby", others.join(" "));
    else described.removeAttribute("aria-describedby");
    described.removeAttribute("aria-invalid");
  }
  strike(field);
}

// An error that is mended leaves the list at the top; with the last one the list goes, and 'Error:' in the title.
function strike(field) {
  for (const link of summary?.querySelectorAll("a[href^='#']") ?? []) {
    const target = document.getElementById(link.hash.slice(1));
    if (target && (target === field || (field.contains(target) && target.closest(".field") === field))) link.closest("li").remove();
  }
  if (summary?.isConnected && !summary.querySelector("li")) {
    summary.remove();
    document.title = document.title.replace(`${form.dataset.error} `, "");
  }
}

// Checks a step before it is left; asked by steps.js. Returns whether all is well, and moves the focus to what is not.
export function check(step) {
  const controls = [...step.querySelectorAll(CHECKED)].filter((control) => control.checkVisibility());
  const found = controls.map((control) => [control, wrong(control)]).filter(([, words]) => words);
  for (const [control, words] of found) show(control, words);
  const first = found[0]?.[0];
  first?.focus();
  return !first;
}

function mend({ target }) {
  const field = target.closest(".field");
  if (!field?.classList.contains("field--wrong")) return;
  const control = target.matches(CHECKED) ? target : field.matches(CHECKED) ? field : null;
  // An error of the server that nothing here can judge is gone once the answer is another.
  if (!control || !wrong(control)) clear(control ?? target);
}

form.addEventListener("input", mend);
// A name chosen from the suggestions is changed, not typed.
form.addEventListener("change", mend);
