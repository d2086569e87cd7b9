// The service worker: shows a page of its own while the device is offline. It keeps that page and
// what it looks like, and nothing else: pages of people are never stored here.
"use strict";

const OFFLINE = {{ offline|tojson }};
const FILES = {{ files|tojson }};
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
