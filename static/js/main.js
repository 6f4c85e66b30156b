// Small improvements of pages that work completely without them.

// After a response with errors, focus their list, so that it is read first.
document.querySelector(".error-summary")?.focus();

// Ignore a second press while the first request is under way, which would send the form twice. The buttons are not disabled,
// because a disabled button does not send its name. After some seconds pressing again is allowed, in case the request failed.
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

// Submit 'Mark as read' at once; if this script does not run or the request fails, its button is still there.
for (const form of document.querySelectorAll("form[data-auto-submit]")) {
  fetch(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true })
    .then((answer) => { form.hidden = answer.ok; }, () => {});
}
