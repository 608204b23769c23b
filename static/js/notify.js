// What ends while one looks elsewhere is told: in the title, on the icon, and by the system where that was allowed.
const LONG = 10;
let untold = 0;
let before = null;

const asked = () => (window.Notification ? Notification.permission : "denied");
const icon = () => document.querySelector('link[rel="icon"]');
const offer = () => document.documentElement.classList.toggle("can-ask", asked() === "default");

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

async function notify({ words: body, address: tag }) {
  const told = { body, tag, icon: icon().href, data: location.href };
  try {
    new Notification(document.title, told).addEventListener("click", () => window.focus());
  } catch {
    // Chrome on Android takes notifications from service workers only.
    (await navigator.serviceWorker?.ready)?.showNotification(document.title, told);
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
