// Small comforts on top of pages that work whole without them.

// After an answer with errors, the list of them is the first thing to hear and read.
document.querySelector(".error-summary")?.focus();

// A second press while the first is on its way would send the same words twice. Buttons stay enabled: a disabled
// one would not send its name. After a while pressing again is allowed, should the connection have gone.
const underway = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (underway.has(form)) {
    event.preventDefault();
    return;
  }
  underway.add(form);
  setTimeout(() => underway.delete(form), 8000);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) underway.delete(form);
});

// 'Mark as read' sends itself; where this does not run or does not arrive, its button does it.
for (const form of document.querySelectorAll("form[data-auto-submit]")) {
  fetch(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true })
    .then((answer) => { form.hidden = answer.ok; }, () => {});
}
