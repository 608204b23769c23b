// The composer tells as it is filled in: characters used, values of sliders; a field that is changed is no longer wrong; Enter
// in a field with data-presses presses that button.
function count(area) {
  const counter = area.form.querySelector("[data-counter]");
  const used = [...area.value].length;
  counter.textContent = `${used} / ${counter.dataset.most}`;
  counter.classList.toggle("over", used > counter.dataset.most);
}

function show(slider) {
  const output = document.querySelector(`[data-shows="${slider.id}"]`);
  const decimals = slider.step.split(".")[1]?.length ?? 0;
  if (output) output.textContent = Number(slider.value).toFixed(decimals);
}

function forgive(field) {
  field.removeAttribute("aria-invalid");
  document.getElementById(`id_${field.name}_error`)?.remove();
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.closest("[data-composer]")) return;
  forgive(field);
  if (field.matches("[data-counted]")) count(field);
  if (field.type === "range") show(field);
});
document.addEventListener("keydown", (event) => {
  const presses = event.key === "Enter" && event.target.dataset.presses;
  if (!presses) return;
  event.preventDefault();
  document.getElementById(presses).click();
});
