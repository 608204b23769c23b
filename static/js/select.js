// Many pictures: shift selects from the last tick to this one, a all of the page, Escape none, Space the one at hand.
const ticks = () => [...document.querySelectorAll("[data-tick]")];
let last = "";
let shift = false;

function tell() {
  const count = ticks().filter((tick) => tick.checked).length;
  for (const words of document.querySelectorAll(".selected")) {
    words.textContent = count === 1 ? words.dataset.one : words.dataset.many.replace("%", count);
  }
  for (const button of document.querySelectorAll("[data-two]")) button.hidden = count !== 2;
}

function setAll(list, checked) {
  for (const tick of list) tick.checked = checked;
  tell();
}

function reach(tick) {
  const all = ticks();
  const from = all.findIndex((each) => each.value === last);
  const to = all.indexOf(tick);
  if (shift && from >= 0) setAll(all.slice(Math.min(from, to), Math.max(from, to) + 1), tick.checked);
  last = tick.value;
  tell();
}

function answer(event) {
  const tick = event.target.matches(".tile > a") && event.target.parentElement.querySelector("[data-tick]");
  if (event.key === " " && tick) return tick.click() ?? true;
  if (event.target.closest("input:not([data-tick]), textarea, select, dialog[open]") || event.ctrlKey || event.metaKey) return false;
  if (event.key === "a") return setAll(ticks(), true) ?? true;
  if (event.key === "Escape" && !document.querySelector("details[data-menu][open]")) setAll(ticks(), false);
  return false;
}

document.addEventListener("pointerdown", (event) => (shift = event.shiftKey), true);
document.addEventListener("keydown", (event) => {
  shift = event.shiftKey;
  if (ticks().length && answer(event)) event.preventDefault();
}, true);
document.addEventListener("change", (event) => event.target.matches("[data-tick]") && reach(event.target));
document.addEventListener("htmx:afterSwap", tell);
document.addEventListener("click", (event) => {
  const every = event.target.closest("[data-every]")?.dataset.every;
  if (every) setAll(ticks(), every === "on");
  if (every === "off") ticks()[0]?.focus({ preventScroll: true });
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const used = event.target.closest("#selection")?.querySelector("[data-menu][open] > summary");
  used?.focus();
  used?.click();
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful || !event.target.closest("#selection")) return;
  for (const field of document.querySelectorAll("#selection [maxlength]")) field.value = "";
});
tell();
