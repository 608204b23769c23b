// What was not sent yet is kept for as long as the tab is open: leaving the studio and coming back loses nothing.
const form = () => document.querySelector("[data-draft]");
const place = () => `draft-${form().dataset.draft}`;
const KEPT = "model mode prompt style width height seed images steps guidance scheduler strength negative_prompt";
let waiting = null;
let filling = false;

function keep() {
  const filled = new FormData(form());
  sessionStorage.setItem(place(), JSON.stringify(KEPT.split(" ").map((name) => [name, filled.get(name)])));
}

function fill([name, value]) {
  const fields = [...form().querySelectorAll(`[name="${name}"]:enabled`)];
  const field = fields[0]?.type === "radio" ? fields.find((one) => one.value === value && !one.checked) : fields[0];
  if (!field || value === null || (name === "mode" && location.search)) return;
  if (field.type === "radio") return field.click();
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function settle() {
  if (!waiting) return keep();
  filling = true;
  waiting.forEach(fill);
  filling = false;
}

document.addEventListener("DOMContentLoaded", () => {
  if (!form()) return;
  const kept = sessionStorage.getItem(place());
  waiting = "plain" in form().dataset ? JSON.parse(kept ?? "[]") : null;
  settle();
});
document.addEventListener("htmx:beforeSwap", (event) => event.target.matches("#composer, #words") && (waiting = null));
document.addEventListener("htmx:load", (event) => event.target.closest("[data-draft]") && settle());
document.addEventListener("input", (event) => {
  if (filling || !event.target.closest("[data-draft]")) return;
  waiting = null;
  keep();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { successful, xhr } = event.detail;
  if (event.target.id !== "composer" || !successful || xhr.getResponseHeader("HX-Retarget")) return;
  waiting = [];
  sessionStorage.removeItem(place());
});
