// While something of one's own is unfinished and the tab is seen, the server tells what happens: what is being made is then
// asked for when there is news, and seldom otherwise, as in a tab that is not seen. Without its stream it is asked for again
// and again, as ever.
const SELDOM = 5000;
const NOT_BEFORE = 30000;
const FACTS = ["queued", "started", "fallback", "image", "succeeded", "failed", "cancelled"];
const asker = () => document.querySelector("[data-live]");
let stream, isOpen, isAsking, hasNews, refusedAt;
let askedAt = Date.now();

function ask() {
  if (isAsking || !hasNews || !asker()) return;
  hasNews = false;
  htmx.trigger(asker(), "told");
}

function news() {
  hasNews = true;
  ask();
}

function move({ data }) {
  const { id, step, steps, elapsed } = JSON.parse(data);
  const job = document.querySelector(`[data-job="${id}"]`);
  const words = job?.querySelector("[data-step]");
  const since = job?.querySelector("[data-seconds]");
  if (!since || (steps && !words)) return news();
  const bar = job.querySelector("progress");
  bar.value = steps ? bar.dataset.before * steps + step : Math.min(elapsed * 10, bar.max * 0.95);
  if (words) words.textContent = words.textContent.replace(/\d+/, step);
  const seconds = Number(since.dataset.seconds) + Math.round((Date.now() - askedAt) / 1000);
  since.textContent = since.textContent.replace(/\d+/, seconds);
}

function follow() {
  const wanted = asker() && !document.hidden;
  if (!wanted) [stream, isOpen] = [stream?.close(), false];
  if (!wanted || stream || Date.now() - (refusedAt ?? 0) < NOT_BEFORE) return;
  stream = new EventSource(asker().dataset.live);
  stream.addEventListener("open", () => news((isOpen = true)));
  stream.addEventListener("error", ({ target }) => {
    isOpen = false;
    if (target.readyState === EventSource.CLOSED) [stream, refusedAt] = [undefined, Date.now()];
  });
  stream.addEventListener("progress", move);
  FACTS.forEach((name) => stream.addEventListener(name, news));
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target !== asker()) return;
  const isTold = event.detail.requestConfig.triggeringEvent?.type === "told";
  if ((isOpen || document.hidden) && !isTold && Date.now() - askedAt < SELDOM) return event.preventDefault();
  [isAsking, askedAt] = [true, Date.now()];
});
document.addEventListener("htmx:afterRequest", () => setTimeout(ask, 50, (isAsking = false)));
["htmx:afterSettle", "visibilitychange"].forEach((name) => document.addEventListener(name, follow));
["pagehide", "pageshow"].forEach((name) => addEventListener(name, follow));
