// Keeps a form with data-keep as a draft while it is written: a few seconds after the last key, at the latest ten after
// the first, and when the page is left. Without this, 'Save draft' does the same.

const form = document.querySelector("form[data-keep]");
const line = document.querySelector("#draft-kept");
const QUIET = 2500;
const LONGEST = 10000;

let kept = form && contents();
let keptAt = null;
let first = null; // when the first change came that is not kept yet
let timer = null;
let underway = false;
let sending = false;
let loggedOut = false;

function contents() {
  const data = new FormData(form);
  data.delete("csrf_token");
  return new URLSearchParams(data).toString();
}

function say(what, message = "") {
  const time = keptAt?.toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });
  const words = message || form.dataset[keptAt ? what : `${what}Never`].replace("{time}", time);
  if (line.firstChild?.textContent !== words) line.replaceChildren(words);
  if (what === "out") {
    const link = Object.assign(document.createElement("a"), { href: "/login", target: "_blank", textContent: form.dataset.logIn });
    line.append(" ", link);
  }
  // Told aloud only when something is wrong: hearing of it every minute would disturb the writing.
  line.setAttribute("aria-live", what === "kept" ? "off" : "polite");
  line.classList.toggle("kept--wrong", what !== "kept");
  line.hidden = false;
}

// Whoever logged in again elsewhere has a new token; it stands in a fresh copy of this page.
async function freshToken() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const same = page.querySelector(`form[data-keep][data-writer="${form.dataset.writer}"]`);
  const token = same?.querySelector("input[name=csrf_token]")?.value;
  for (const input of token ? document.querySelectorAll("input[name=csrf_token]") : []) input.value = token;
  return Boolean(token);
}

async function keep(leaving = false) {
  clearTimeout(timer);
  timer = null;
  const now = contents();
  if (sending || underway || now === kept) return;
  underway = true;
  first = null;
  try {
    if (loggedOut && !leaving) loggedOut = !(await freshToken());
    if (loggedOut) return;
    const body = new URLSearchParams(new FormData(form));
    // What outlives the page may be 64 kB at most, everything together.
    const answer = await fetch(form.dataset.keep, { method: "POST", body, keepalive: leaving && body.toString().length < 60000 });
    if (answer.ok) {
      kept = now;
      keptAt = new Date();
      const { url, margin } = answer.status === 200 ? await answer.json() : {};
      if (url && location.pathname !== url && !sending) history.replaceState(null, "", url + location.hash);
      if (margin) form.dispatchEvent(new CustomEvent("margin", { detail: margin }));
      say("kept");
    } else if (answer.status === 400 || answer.status === 401) {
      loggedOut = true;
      say("out");
    } else {
      const told = answer.headers.get("Content-Type")?.includes("json") ? (await answer.json()).message : "";
      say("failed", told);
    }
  } catch {
    say("failed");
  } finally {
    underway = false;
    if (!sending && contents() !== kept) timer ??= setTimeout(keep, loggedOut || kept !== now ? LONGEST : QUIET);
  }
}

function soon() {
  first ??= Date.now();
  clearTimeout(timer);
  timer = setTimeout(keep, Math.min(QUIET, Math.max(0, first + LONGEST - Date.now())));
}

if (form && line) {
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("step", () => keep());
  // A draft that arrived after what was sent would come back to life.
  form.addEventListener("submit", () => { sending = true; clearTimeout(timer); });
  addEventListener("pageshow", (event) => { if (event.persisted) sending = false; });
  document.addEventListener("visibilitychange", () => keep(document.visibilityState === "hidden"));
}
