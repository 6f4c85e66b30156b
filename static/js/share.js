// Copies the address of a page, and opens the device's own sharing. Without this script the address can be selected and mailed.
for (const block of document.querySelectorAll("[data-share]")) {
  const field = block.querySelector("input");
  const copy = block.querySelector("[data-copy]");
  const send = block.querySelector("[data-send]");
  field.addEventListener("focus", () => field.select());
  if (navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(field.value);
        block.querySelector("[role=status]").textContent = copy.textContent = copy.dataset.copied;
      } catch {
        field.focus();
      }
    });
  }
  if (navigator.share) {
    send.hidden = false;
    // The promise is rejected when somebody cancels, which needs no message.
    send.addEventListener("click", () => navigator.share({ title: block.dataset.title, url: field.value }).catch(() => {}));
  }
}
