// The service worker: shows notifications, and a page of its own while the device is offline. It
// keeps that page and what it looks like, and nothing else: pages of people are never stored here.
"use strict";

const OFFLINE = {{ offline|tojson }};
const FILES = {{ files|tojson }};
const DEVICE = {{ device|tojson }};
const ICON = {{ icon|tojson }};
const CACHE = `offline ${FILES.join(" ")}`; // other files are another cache

self.addEventListener("install", (event) => {
  // What is sent is none of its business. A page that is being left would lose it on the way here.
  event.addRoutes?.([{ condition: { requestMethod: "POST" }, source: "network" }]);
  const kept = caches.open(CACHE).then((cache) =>
    cache.addAll([new Request(OFFLINE, { credentials: "omit", cache: "reload" }), ...FILES]));
  event.waitUntil(kept.then(() => self.skipWaiting()));
});

const removeOld = async () => {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
};

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([removeOld(), self.registration.navigationPreload?.enable()]));
});

const navigate = async (event) => {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch {
    return (await caches.match(OFFLINE)) || Response.error();
  }
};

const kept = async (request) => (await caches.match(request)) || fetch(request);

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") event.respondWith(navigate(event));
  else if (FILES.includes(new URL(request.url).pathname)) event.respondWith(kept(request));
});

// A message is what notifications/push/messages.py makes. One with the same tag is replaced.
const show = ({ title, body, icon, url, tag, language, direction, created_at: at }) =>
  self.registration.showNotification(title, {
    body, tag, icon: icon || ICON, lang: language, dir: direction, timestamp: Date.parse(at), data: url,
  });

self.addEventListener("push", (event) => {
  if (event.data) event.waitUntil(show(event.data.json()));
});

// The page that is open already, or a new one: what somebody writes elsewhere is left alone.
const open = async (address) => {
  const { href } = new URL(address, self.location.origin);
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find(({ url }) => url.split("#")[0] === href);
  return page ? page.focus() : self.clients.openWindow(href);
};

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data));
});

// The push service gives this browser another address, of which the site has to hear.
const renew = async () => {
  const { on, key, token } = await (await fetch(DEVICE, { redirect: "error" })).json();
  if (!on) return;
  const wanted = { userVisibleOnly: true, applicationServerKey: key };
  const { endpoint, keys } = (await self.registration.pushManager.subscribe(wanted)).toJSON();
  const body = new URLSearchParams({ endpoint, ...keys, csrfmiddlewaretoken: token });
  await fetch(DEVICE, { method: "POST", body, headers: { "HX-Request": "true" } });
};

self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew()));
