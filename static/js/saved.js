// Stories that a reader without an account saves in this browser: a list of ids, the last saved first.
const KEY = "saved-stories";
const MOST = 100;

function saved() {
  try {
    const ids = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(ids) ? ids.filter(Number.isSafeInteger).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

function store(ids) {
  try {
    localStorage.setItem(KEY, JSON.stringify(ids.slice(0, MOST)));
    return true;
  } catch {
    return false;
  }
}

const button = document.querySelector("[data-save]");
if (button) {
  const id = Number(button.dataset.save);
  const done = document.querySelector("[data-saved]");
  const draw = () => {
    const isSaved = saved().includes(id);
    button.hidden = isSaved;
    done.hidden = !isSaved;
  };
  button.addEventListener("click", () => {
    if (store([id, ...saved().filter((each) => each !== id)])) draw();
  });
  draw();
}

// The list itself comes from the site, by the ids in the address.
if (location.pathname === "/stories/saved") {
  const ids = saved();
  if (!location.search && ids.length) {
    location.replace(`/stories/saved?${new URLSearchParams(ids.map((id) => ["id", String(id)]))}`);
  }
  for (const remove of document.querySelectorAll("[data-remove-saved]")) {
    remove.parentElement.hidden = false;
    remove.addEventListener("click", () => {
      const left = saved().filter((id) => id !== Number(remove.dataset.removeSaved));
      store(left);
      location.replace(left.length ? `/stories/saved?${new URLSearchParams(left.map((id) => ["id", String(id)]))}` : "/stories/saved");
    });
  }
}
