// Asks only what applies: data-asked="status:stopped" stands for 'if the status is stopped', "effect:!too_early" for
// 'unless it is too early'. Without this everything is asked, and what does not apply is left out when it is sent.

const form = document.querySelector("#telling");

function look(sheet) {
  for (const part of sheet.querySelectorAll("[data-asked]")) {
    const [name, value] = part.dataset.asked.split(":");
    const { value: answer } = sheet.querySelector(`select[name$="-${name}"]`);
    part.hidden = value.startsWith("!") ? answer === value.slice(1) : answer !== value;
  }
}

const lookAtAll = () => form.querySelectorAll(".treatment").forEach(look);

lookAtAll();
form.addEventListener("change", (event) => {
  const sheet = event.target.closest(".treatment");
  if (sheet) look(sheet);
});
form.addEventListener("treatments", lookAtAll);
