// The server writes UTC; the reader sees the time of their own zone, in the page's language.
function language() {
  const page = document.documentElement.lang;
  return navigator.languages.find((name) => name.startsWith(page)) ?? page;
}

function localise(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const shape = time.dataset.local === "date" ? { dateStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" };
    time.title = time.dateTime;
    time.textContent = new Intl.DateTimeFormat(language(), shape).format(new Date(time.dateTime));
    time.removeAttribute("data-local");
  }
}

document.addEventListener("DOMContentLoaded", () => localise(document));
document.addEventListener("htmx:load", (event) => localise(event.target));
