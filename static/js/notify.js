// What ends while one looks elsewhere is told: in the title, on the icon, and by the system where that was allowed.
const LONG = 10;
const TELLS = "can-ask";
let untold = 0;
let before = null;

const asked = () => (window.Notification ? Notification.permission : "denied");
const icon = () => document.querySelector('link[rel="icon"]');

function offer() {
  document.documentElement.classList.toggle(TELLS, asked() === "default");
}

function mark(count) {
  before ??= { title: document.title, icon: icon().href };
  untold += count;
  document.title = `(${untold}) ${before.title}`;
  icon().href = document.querySelector("script[data-badge]").dataset.badge;
}

function unmark() {
  if (!before) return;
  document.title = before.title;
  icon().href = before.icon;
  untold = 0;
  before = null;
}

function notify(ending) {
  try {
    const note = new Notification(document.title, { body: ending.words, icon: icon().href, tag: ending.address });
    note.addEventListener("click", () => window.focus());
  } catch {
    // Chrome on Android takes notifications from service workers only.
  }
}

document.addEventListener("ended", (event) => {
  const away = document.hidden || !document.hasFocus();
  const endings = event.detail.endings.filter((one) => document.hidden || one.seconds > LONG);
  if (document.hidden) mark(endings.length);
  if (away && asked() === "granted") endings.forEach(notify);
});

document.addEventListener("visibilitychange", () => document.hidden || unmark());

document.addEventListener("click", async (event) => {
  if (!event.target.closest("[data-tell-me]")) return;
  await Notification.requestPermission();
  offer();
});

offer();
