// A comparison on a narrow screen: the condition and the options side by side change at once. Without this script the same
// links and forms ask for the page again. What is shown stands in the address, so that it can be sent to somebody.

const parts = [...document.querySelectorAll(".comparisons__part")];
const links = [...document.querySelectorAll(".comparisons .jump a")];

function show(part) {
  parts.forEach((each, at) => {
    each.toggleAttribute("data-chosen", each === part);
    if (each === part) links[at]?.setAttribute("aria-current", "true");
    else links[at]?.removeAttribute("aria-current");
  });
}

// Shows the columns of the ticked options, and those only.
function compare(form) {
  const boxes = [...form.elements.option];
  const ticked = boxes.filter((box) => box.checked);
  const isFull = ticked.length >= Number(form.dataset.most);
  const table = form.parentElement.querySelector(".comparison");
  table.dataset.shown = ticked.length;
  boxes.forEach((box, at) => {
    box.disabled = box.checked ? ticked.length === 1 : isFull;
    for (const row of table.rows) row.cells[at + 1].classList.toggle("comparison__other", !box.checked);
  });
  const status = form.querySelector("[role=status]");
  status.textContent = isFull && boxes.length > ticked.length ? status.dataset.full : "";
}

// The address of what is ticked, without a fragment.
function address(form) {
  const query = new URLSearchParams({ condition: form.elements.condition.value });
  for (const box of form.elements.option) if (box.checked) query.append("option", box.value);
  return `${location.pathname}?${query}`;
}

// An address may point into a condition that is not chosen, or at a column that is not shown.
function followFragment() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  const part = target && target.closest(".comparisons__part");
  if (!part) return;
  show(part);
  const form = part.querySelector(".comparison-choice");
  if (!form || !target.matches("thead .comparison__other")) return;
  const ticked = [...form.elements.option].filter((box) => box.checked);
  if (ticked.length >= Number(form.dataset.most)) ticked.at(-1).checked = false;
  form.elements.option[target.cellIndex - 1].checked = true;
  compare(form);
  target.scrollIntoView();
}

for (const form of document.querySelectorAll(".comparison-choice")) {
  compare(form);
  form.addEventListener("change", () => {
    compare(form);
    const shown = address(form);
    history.replaceState(null, "", shown + location.hash);
    form.parentElement.querySelector(".comparison-links__shown").href = shown + new URL(form.action).hash;
  });
  // The table is there already: 'Compare' goes to it.
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.parentElement.querySelector(".comparison-box").scrollIntoView();
  });
}

links.forEach((link, at) => {
  link.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const form = parts[at].querySelector(".comparison-choice");
    show(parts[at]);
    history.replaceState(null, "", form ? address(form) : link.href.split("#")[0]);
    location.replace(new URL(link.href).hash);
  });
});

addEventListener("hashchange", followFragment);
followFragment();
