// The seed: an empty field draws one at random, the arrows draw one now, the lock keeps the last picture's.
const SEEDS = 2 ** 32;
const draw = () => Math.floor(Math.random() * SEEDS);

function seedOf(box) {
  return box.querySelector("input");
}

function showLock(box) {
  box.querySelector("[data-seed-lock]").setAttribute("aria-pressed", String(seedOf(box).value !== ""));
}

function ready(root) {
  for (const box of root.querySelectorAll("[data-seed]")) {
    for (const button of box.querySelectorAll("button")) button.hidden = false;
    showLock(box);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-seed-draw], [data-seed-lock]");
  if (!button) return;
  const box = button.closest("[data-seed]");
  const last = document.getElementById("latest")?.dataset.lastSeed || draw();
  const unlocks = button.matches("[data-seed-lock]") && seedOf(box).value !== "";
  seedOf(box).value = unlocks ? "" : button.matches("[data-seed-draw]") ? draw() : last;
  showLock(box);
});

document.addEventListener("input", (event) => {
  const box = event.target.closest("[data-seed]");
  if (box) showLock(box);
});
document.addEventListener("DOMContentLoaded", () => ready(document));
document.addEventListener("htmx:load", (event) => ready(event.target));
