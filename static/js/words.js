// How much is written of what may be, counted as the site counts; and the marks of Markdown, which need this page's help.

const NEARLY = 0.95;

function count(line) {
  const field = document.getElementById(line.dataset.countOf);
  const most = Number(line.dataset.most);
  const written = new Intl.NumberFormat(document.documentElement.lang);
  const tell = () => {
    const text = field.value.normalize("NFC").trim();
    const { length } = [...text];
    line.textContent = line.dataset.words
      .replace("{words}", written.format(text ? text.split(/\s+/).length : 0))
      .replace("{characters}", written.format(length))
      .replace("{most}", written.format(most));
    // Told aloud only when it matters.
    line.setAttribute("aria-live", length > most * NEARLY ? "polite" : "off");
    line.classList.toggle("count-of--over", length > most);
  };
  field.addEventListener("input", tell);
  tell();
  line.hidden = false;
}

document.querySelectorAll("[data-count-of]").forEach(count);

customElements.whenDefined("markdown-toolbar").then(() => {
  for (const bar of document.querySelectorAll("markdown-toolbar")) {
    bar.hidden = false;
  }
});
