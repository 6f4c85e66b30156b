// Shows the definition of a key term beside its link: on hover and focus, and on a touch screen with the first tap. The
// link itself leads to the topic, and so does the one in the definition.
const OPEN_AFTER = 250;
const CLOSE_AFTER = 300;
let timer;
let shown;

function hide() {
  clearTimeout(timer);
  shown?.hidePopover();
  shown?.previous?.removeAttribute("aria-describedby");
  shown = undefined;
}

function show(link, definition) {
  if (shown === definition) return;
  hide();
  definition.showPopover();
  const box = link.getBoundingClientRect();
  const below = box.bottom + definition.offsetHeight < innerHeight;
  definition.style.top = `${below ? box.bottom + 4 : Math.max(0, box.top - definition.offsetHeight - 4)}px`;
  definition.style.left = `${Math.max(8, Math.min(box.left, innerWidth - definition.offsetWidth - 8))}px`;
  link.setAttribute("aria-describedby", definition.id);
  definition.previous = link;
  shown = definition;
}

function later(action, delay) {
  clearTimeout(timer);
  timer = setTimeout(action, delay);
}

document.querySelectorAll(".definition[data-term]").forEach((definition, number) => {
  definition.id = `definition-${number}`;
  definition.addEventListener("pointerenter", () => clearTimeout(timer));
  definition.addEventListener("pointerleave", () => later(hide, CLOSE_AFTER));
  for (const link of document.querySelectorAll(`.prose a[href="${definition.dataset.term}"]`)) {
    link.classList.add("term");
    link.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "mouse") later(() => show(link, definition), OPEN_AFTER);
    });
    link.addEventListener("pointerleave", () => later(hide, CLOSE_AFTER));
    link.addEventListener("focus", () => {
      if (link.matches(":focus-visible")) show(link, definition);
    });
    link.addEventListener("blur", () => later(hide, CLOSE_AFTER));
    link.addEventListener("click", (event) => {
      if (event.pointerType === "touch" && shown !== definition) {
        event.preventDefault();
        show(link, definition);
      }
    });
  }
});

addEventListener("keydown", (event) => {
  if (event.key === "Escape") hide();
});
addEventListener("scroll", hide, { passive: true });
addEventListener("pointerdown", (event) => {
  if (shown && !shown.contains(event.target) && !event.target.closest?.(".term")) hide();
});
