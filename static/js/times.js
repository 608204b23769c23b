// The server writes UTC; the reader sees the time of their own zone, in the page's language.
function localise(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const shape = time.dataset.local === "date" ? { dateStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" };
    time.title = time.dateTime;
    time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, shape).format(new Date(time.dateTime));
    time.removeAttribute("data-local");
  }
}

document.addEventListener("DOMContentLoaded", () => localise(document));
document.addEventListener("htmx:load", (event) => localise(event.target));
