// Copying an address and what the device offers for sharing. Without this the address can be selected and mailed.
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
    // Rejected when somebody changes their mind: nothing to say then.
    send.addEventListener("click", () => navigator.share({ title: block.dataset.title, url: field.value }).catch(() => {}));
  }
}
