// Shows only questions that apply: data-asked="status:stopped" stands for 'if the status is stopped', "effect:!too_early" for
// 'once that is answered, unless it is too early'. Without this script all questions are shown, and answers that do not
// apply are dropped by the server.

const form = document.querySelector("#story-form");

const answered = (part) => [...part.querySelectorAll("input")].some((input) => (input.type === "text" ? input.value : input.checked && input.value));

function update(sheet) {
  for (const part of sheet.querySelectorAll("[data-asked]")) {
    const [name, value] = part.dataset.asked.split(":");
    const answer = sheet.querySelector(`input[name$="-${name}"]:checked`)?.value ?? "";
    if (value.startsWith("!")) part.hidden = answer === value.slice(1) || (!answer && !answered(part));
    else part.hidden = answer !== value;
  }
}

const updateAll = () => form.querySelectorAll(".treatment").forEach(update);

updateAll();
form.addEventListener("change", (event) => {
  const sheet = event.target.closest(".treatment");
  if (sheet) update(sheet);
});
form.addEventListener("treatments", updateAll);
