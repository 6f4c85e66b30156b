// The number of words and characters typed and how many are allowed, counted as the server counts.

const NEARLY = 0.95;

function count(line) {
  const field = document.getElementById(line.dataset.countOf);
  const most = Number(line.dataset.most);
  const written = new Intl.NumberFormat(document.documentElement.lang);
  const update = () => {
    const text = field.value.normalize("NFC").trim();
    const { length } = [...text];
    line.textContent = line.dataset.words
      .replace("{words}", written.format(text ? text.split(/\s+/).length : 0))
      .replace("{characters}", written.format(length))
      .replace("{most}", written.format(most));
    // Announced to screen readers, and on a phone in sight, only near the limit.
    line.setAttribute("aria-live", length > most * NEARLY ? "polite" : "off");
    line.classList.toggle("count-of--near", length > most * NEARLY);
    line.classList.toggle("count-of--over", length > most);
  };
  field.addEventListener("input", update);
  update();
}

document.querySelectorAll("[data-count-of]").forEach(count);
