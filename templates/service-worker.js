{% load i18n static %}{% get_current_language as LANGUAGE_CODE %}// Shows a page of the studio where there is no network. It keeps that page and its styles, and nothing of anybody's. A press
// on what it told leads back to the page that wanted to know.
const OFFLINE = "{% url 'offline' %}";
const KEPT = [OFFLINE, "{% static 'vendor/bootstrap/css/bootstrap.min.css' %}", "{% static 'css/app.css' %}"];
const SHELF = `${KEPT} {{ LANGUAGE_CODE }}`;

async function keep() {
  const shelf = await caches.open(SHELF);
  await shelf.addAll(KEPT);
  await self.skipWaiting();
}

async function tidy() {
  for (const name of await caches.keys()) if (name !== SHELF) await caches.delete(name);
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

async function page(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match(OFFLINE)) ?? Response.error();
  }
}

async function lead({ data, tag }) {
  const open = await clients.matchAll({ type: "window", includeUncontrolled: true });
  return open.find(({ url }) => url === data)?.focus() ?? clients.openWindow(tag);
}

addEventListener("install", (event) => event.waitUntil(keep()));
addEventListener("activate", (event) => event.waitUntil(tidy()));
addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { pathname } = new URL(url);
  if (mode === "navigate" && method === "GET" && pathname.endsWith("/")) event.respondWith(page(event));
  else if (KEPT.includes(pathname)) event.respondWith(fetch(event.request).catch(() => caches.match(event.request)));
});
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(lead(event.notification));
});
