// Toasts stay until they are closed, as an undo must: each is said once, and the oldest make room.
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

const signIn = document.querySelector('meta[name="sign-in"]').content;
const signedOut = (xhr) => xhr.responseURL && new URL(xhr.responseURL).pathname === signIn;

document.addEventListener("htmx:beforeSwap", (event) => {
  document.querySelector("[data-lost]")?.remove();
  if (signedOut(event.detail.xhr)) {
    event.detail.shouldSwap = false;
    return location.reload();
  }
  if (event.detail.xhr.getResponseHeader("HX-Retarget")) Object.assign(event.detail, { shouldSwap: true, isError: false });
});

document.addEventListener("htmx:afterSwap", sayOnce);
for (const trouble of ["responseError", "sendError", "timeout"]) document.addEventListener(`htmx:${trouble}`, sayLost);
