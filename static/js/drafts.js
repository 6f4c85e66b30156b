// Saves a form with data-keep as a draft while it is written: a few seconds after the last key, at the latest ten after
// the first, and when the page is left. Without this, 'Save draft' does the same.

const form = document.querySelector("form[data-keep]");
const statusLine = document.querySelector("#draft-kept");
const SAVE_DELAY = 2500;
const MAX_SAVE_DELAY = 10000;

let savedContents = form && contents();
let savedAt = null;
let firstUnsaved = null; // when the first change that is not saved yet was made
let timer = null;
let isSaving = false;
let sending = false;
let loggedOut = false;

function contents() {
  const data = new FormData(form);
  data.delete("csrf_token");
  return new URLSearchParams(data).toString();
}

function showStatus(what, message = "") {
  const time = savedAt?.toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });
  const words = message || form.dataset[savedAt ? what : `${what}Never`].replace("{time}", time);
  if (statusLine.firstChild?.textContent !== words) statusLine.replaceChildren(words);
  if (what === "out") {
    const link = Object.assign(document.createElement("a"), { href: "/login", target: "_blank", textContent: form.dataset.logIn });
    statusLine.append(" ", link);
  }
  // Told aloud only when something is wrong: hearing of it every minute would disturb the writing.
  statusLine.setAttribute("aria-live", what === "kept" ? "off" : "polite");
  statusLine.classList.toggle("kept--wrong", what !== "kept");
  statusLine.hidden = false;
}

// Whoever logged in again elsewhere has a new token; it stands in a fresh copy of this page.
async function freshToken() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const same = page.querySelector(`form[data-keep][data-writer="${form.dataset.writer}"]`);
  const token = same?.querySelector("input[name=csrf_token]")?.value;
  for (const input of token ? document.querySelectorAll("input[name=csrf_token]") : []) input.value = token;
  return Boolean(token);
}

async function saveDraft(leaving = false) {
  clearTimeout(timer);
  timer = null;
  const now = contents();
  if (sending || isSaving || now === savedContents) return;
  isSaving = true;
  firstUnsaved = null;
  try {
    if (loggedOut && !leaving) loggedOut = !(await freshToken());
    if (loggedOut) return;
    const body = new URLSearchParams(new FormData(form));
    // What outlives the page may be 64 kB at most, everything together.
    const answer = await fetch(form.dataset.keep, { method: "POST", headers: { Accept: "application/json" }, body, keepalive: leaving && body.toString().length < 60000 });
    if (answer.ok) {
      savedContents = now;
      savedAt = new Date();
      const { url, hints } = answer.status === 200 ? await answer.json() : {};
      if (url && location.pathname !== url && !sending) history.replaceState(null, "", url + location.hash);
      if (hints) form.dispatchEvent(new CustomEvent("privacy-hints", { detail: hints }));
      showStatus("kept");
    } else if (answer.status === 400 || answer.status === 401) {
      loggedOut = true;
      showStatus("out");
    } else {
      const message = answer.headers.get("Content-Type")?.includes("json") ? (await answer.json()).message : "";
      showStatus("failed", message);
    }
  } catch {
    showStatus("failed");
  } finally {
    isSaving = false;
    if (!sending && contents() !== savedContents) timer ??= setTimeout(saveDraft, loggedOut || savedContents !== now ? MAX_SAVE_DELAY : SAVE_DELAY);
  }
}

function scheduleSave() {
  firstUnsaved ??= Date.now();
  clearTimeout(timer);
  timer = setTimeout(saveDraft, Math.min(SAVE_DELAY, Math.max(0, firstUnsaved + MAX_SAVE_DELAY - Date.now())));
}

if (form && statusLine) {
  form.addEventListener("input", scheduleSave);
  form.addEventListener("change", scheduleSave);
  form.addEventListener("step", () => saveDraft());
  // A draft that arrived after what was sent would come back to life.
  form.addEventListener("submit", () => { sending = true; clearTimeout(timer); });
  addEventListener("pageshow", (event) => { if (event.persisted) sending = false; });
  document.addEventListener("visibilitychange", () => saveDraft(document.visibilityState === "hidden"));
}
