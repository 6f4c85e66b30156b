// Shows only questions that apply: data-asked="status:stopped" stands for 'if the status is stopped', "effect:!too_early" for
// 'unless it is too early'. Without this script all questions are shown, and answers that do not apply are dropped by the server.

const form = document.querySelector("#story-form");

function update(sheet) {
  for (const part of sheet.querySelectorAll("[data-asked]")) {
    const [name, value] = part.dataset.asked.split(":");
    const { value: answer } = sheet.querySelector(`select[name$="-${name}"]`);
    part.hidden = value.startsWith("!") ? answer === value.slice(1) : answer !== value;
  }
}

const updateAll = () => form.querySelectorAll(".treatment").forEach(update);

updateAll();
form.addEventListener("change", (event) => {
  const sheet = event.target.closest(".treatment");
  if (sheet) update(sheet);
});
form.addEventListener("treatments", updateAll);
