// Toasts stay until they are closed, as an undo must: said once however often they come, with each undo of its own, and the
// oldest make room.
const MOST = 4;
const region = () => document.getElementById("toasts");

function sayOnce() {
  const said = new Set();
  for (const toast of [...region().children].reverse()) {
    const words = toast.querySelector("form")?.action ?? toast.textContent.trim();
    if (said.has(words) || (said.size >= MOST && !toast.contains(document.activeElement))) toast.remove();
    said.add(words);
  }
}

function sayLost() {
  region().append(document.getElementById("toast-lost").content.cloneNode(true));
  sayOnce();
}

function dismiss(toast) {
  const next = toast.nextElementSibling ?? toast.previousElementSibling;
  const hadFocus = toast.contains(document.activeElement);
  toast.remove();
  if (hadFocus) (next?.querySelector("button") ?? document.getElementById("main")).focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const toast = event.target.closest("[data-dismiss-toast]")?.closest(".toast-card");
  if (toast) dismiss(toast);
});

function signedOut(xhr) {
  const signIn = document.querySelector('meta[name="sign-in"]').content;
  return xhr.responseURL && new URL(xhr.responseURL).pathname === signIn;
}

document.addEventListener("htmx:beforeSwap", (event) => {
  document.querySelector("[data-lost]")?.remove();
  if (signedOut(event.detail.xhr)) {
    event.detail.shouldSwap = false;
    return location.reload();
  }
  if (!event.detail.xhr.getResponseHeader("HX-Retarget")) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});

document.addEventListener("htmx:afterSwap", sayOnce);
document.addEventListener("htmx:responseError", sayLost);
document.addEventListener("htmx:sendError", sayLost);
document.addEventListener("htmx:timeout", sayLost);
