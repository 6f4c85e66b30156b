// The moderation desk: single keys, ready-made notes, the time left for an undo, and who else has the item open.
// Without this script the same links, buttons and forms do everything.

const SWITCH = "salve.desk.keys";
const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
const on = document.getElementById("keys-on");

// --- Single keys. Each presses a control of the page. They can be switched off, because speech input would trigger them.

if (on) {
  on.checked = localStorage.getItem(SWITCH) !== "off";
  on.addEventListener("change", () => localStorage.setItem(SWITCH, on.checked ? "on" : "off"));
}

const reason = document.getElementById("reason");
const note = document.getElementById("note");
// The answer to an appeal always needs words.
const answer = document.getElementById("answer");
const said = document.querySelector(".decision__intent");
let intended = null;

// A decision that needs a reason or words is chosen first, and sent by Enter.
function setIntended(button) {
  intended = button;
  for (const each of document.querySelectorAll(".decision [data-key]")) each.classList.toggle("is-intended", each === button);
  if (said) said.textContent = said.dataset.say.replace("{}", button.textContent.trim());
  (reason ?? answer).focus();
}

function chooseReason(number) {
  const option = [...reason.options].filter((each) => each.value)[number - 1];
  if (!option) return false;
  reason.value = option.value;
  reason.dispatchEvent(new Event("change"));
  return true;
}

// Enter sends from anywhere but a control that has a use for it of its own; from the note, Ctrl and Enter do.
function sends(event) {
  if (!intended || event.key !== "Enter") return false;
  if (event.ctrlKey || event.metaKey) return intended.form.contains(event.target);
  return Boolean(reason?.value) && !event.target.closest("input, textarea, button, a, summary");
}

document.addEventListener("keydown", (event) => {
  if (sends(event)) {
    event.preventDefault();
    intended.click();
    return;
  }
  // The browser would press the first button of the form.
  if (event.key === "Enter" && event.target === reason) event.preventDefault();
  if (event.key === "Escape" && typing(event.target)) {
    event.target.blur();
    return;
  }
  if (!on?.checked || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (reason && /^[1-9]$/.test(event.key) && (event.target === reason || !typing(event.target)) && chooseReason(event.key)) {
    event.preventDefault();
    return;
  }
  if (typing(event.target)) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)
    // On the queue's list the next item is the first one.
    ?? (event.key === "j" ? document.querySelector(".queue a:not([aria-current])") : null);
  if (!target) return;
  event.preventDefault();
  const needsWords = target.closest(".decision") && (answer ? ["a", "r"] : reason ? ["c", "r"] : []).includes(event.key);
  if (needsWords) setIntended(target);
  else target.click();
  if (target.matches("summary")) target.parentElement.querySelector("textarea")?.focus();
});

// --- The ready-made note of a reason, to be edited before it is sent. It never replaces what the moderator wrote.

let ready = "";
reason?.addEventListener("change", () => {
  if (note.value.trim() && note.value !== ready) return;
  ready = document.getElementById(`ready-${reason.value}`)?.textContent.trim() ?? "";
  note.value = ready;
});

// --- The undo button disappears when its time is over.

for (const form of document.querySelectorAll(".undo")) {
  setTimeout(() => form.remove(), Number(form.dataset.seconds) * 1000);
}

// --- Redaction: the passage selected in the text, or marked by a signal, is put into the form.

const passage = document.getElementById("passage");
function fill(text) {
  passage.value = text;
  passage.closest("details").open = true;
  const replacement = document.getElementById("replacement");
  replacement.focus();
  // Select the replacement, so that typing overwrites it.
  replacement.select();
}
if (passage) {
  document.querySelector("summary[data-key=m]").addEventListener("click", () => {
    const selected = document.getSelection();
    const inText = selected.anchorNode?.parentElement?.closest(".words, .desk__item h1, .desk__signals");
    // Read it now: the selection is lost when the focus moves.
    const text = inText ? selected.toString().trim() : "";
    if (text) setTimeout(() => fill(text));
  });
  for (const signal of document.querySelectorAll("[data-passage]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link-button";
    button.textContent = passage.closest("details").dataset.offer;
    button.addEventListener("click", () => fill(signal.dataset.passage));
    signal.append(" ", button);
  }
}

// --- Who else has it open.

const presence = document.querySelector("[data-presence]");
if (presence) {
  const token = document.querySelector("input[name=csrf_token]").value;
  const address = presence.dataset.presence;
  const reportPresence = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(address, { method: "POST", body: new URLSearchParams({ csrf_token: token }) });
      if (!answer.ok) return;
      const { others, gone } = await answer.json();
      const words = [gone, others].filter(Boolean).join(" ");
      if (presence.textContent !== words) presence.textContent = words;
    } catch {
      // Offline: the next decision will show whether the connection is back.
    }
  };
  reportPresence();
  setInterval(reportPresence, 15_000);
  document.addEventListener("visibilitychange", reportPresence);
  addEventListener("pagehide", () => {
    navigator.sendBeacon(address, new URLSearchParams({ csrf_token: token, closing: "1" }));
  });
}
