// The server writes UTC; the reader sees the time of their own zone, in the page's language.
function localise(root) {
  const words = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of root.querySelectorAll("time[data-local]")) {
    time.title = time.dateTime;
    time.textContent = words.format(new Date(time.dateTime));
    time.removeAttribute("data-local");
  }
}

document.addEventListener("DOMContentLoaded", () => localise(document));
document.addEventListener("htmx:load", (event) => localise(event.target));
