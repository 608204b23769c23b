// Keyboard: g s, g g, /, f, arrows, Ctrl+Enter and ? press what the page marks with data-key.
const typing = (target) =>
  target.closest('input:not([type="checkbox"]), textarea, select, [contenteditable], dialog[open]');
let before = "";

function press(name) {
  const target = document.querySelector(`[data-key="${CSS.escape(name)}"]`);
  if (target?.matches("input")) target.focus();
  else target?.click();
  return Boolean(target);
}

function showKeys() {
  document.getElementById("keys")?.showModal();
  return true;
}

function answer(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return press("Ctrl+Enter");
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return false;
  const chord = before === "g" ? `g ${event.key}` : event.key;
  before = event.key === "g" && before !== "g" ? "g" : "";
  return chord === "?" ? showKeys() : press(chord);
}

document.addEventListener("keydown", (event) => {
  if (!event.defaultPrevented && answer(event)) event.preventDefault();
});
