// A collection is put in order: a picture is dragged by its grip, or moved with the arrow keys on it.
const list = document.querySelector("[data-order]");
const form = document.getElementById("move");
let sent = Promise.resolve();
let moving = null;

function send(body) {
  return fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" }, keepalive: true }).then(
    (answer) => answer.status === 204 || location.reload(),
    () => document.dispatchEvent(new Event("htmx:sendError")),
  );
}

function keep(entry) {
  const body = new FormData(form);
  body.set("image", entry.dataset.image);
  body.set("after", entry.previousElementSibling?.dataset.image ?? list.dataset.start);
  sent = sent.then(() => send(body));
  const place = [...list.children].indexOf(entry) + 1;
  document.getElementById("said").textContent = list.dataset.said.replace("{place}", place);
}

// The others step aside: a picture that left the page for a moment would lose the pointer and the focus.
function put(entry, other) {
  const isBehind = entry.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
  for (let beside = null; beside !== other; ) {
    beside = isBehind ? entry.nextElementSibling : entry.previousElementSibling;
    entry[isBehind ? "before" : "after"](beside);
  }
}

list?.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-grip]");
  if (!grip || event.button !== 0) return;
  grip.setPointerCapture(event.pointerId);
  const entry = grip.closest("[data-image]");
  moving = { entry, before: entry.previousElementSibling };
  entry.classList.add("moving");
});
list?.addEventListener("pointermove", (event) => {
  const under = moving && document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-order] > *");
  if (under && under !== moving.entry) put(moving.entry, under);
});
list?.addEventListener("lostpointercapture", () => {
  moving?.entry.classList.remove("moving");
  if (moving && moving.entry.previousElementSibling !== moving.before) keep(moving.entry);
  moving = null;
});
list?.addEventListener("keydown", (event) => {
  const grip = event.target.closest("[data-grip]");
  const step = { ArrowLeft: "previous", ArrowUp: "previous", ArrowRight: "next", ArrowDown: "next" }[event.key];
  if (!grip || !step) return;
  event.preventDefault();
  event.stopPropagation();
  const entry = grip.closest("[data-image]");
  if (!entry[`${step}ElementSibling`]) return;
  put(entry, entry[`${step}ElementSibling`]);
  keep(entry);
});
