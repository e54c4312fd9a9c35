// Keeps the recording page on this device, and nothing of any visit: those are sealed in the page's own store.
"use strict";

const NAME = "visits-" + {{ version|safe }};
const PAGE = {{ page|safe }};
const FILES = {{ files|safe }};
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(NAME);
    await cache.addAll([PAGE, ...FILES].map((address) => new Request(address, { cache: "reload" })));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("visits-") && name !== NAME) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

async function fromNetwork(request) {
  const late = new Promise((_, refuse) => setTimeout(() => refuse(new Error("no answer in time")), PATIENCE));
  try {
    return await Promise.race([fetch(request), late]);
  } catch {
    return (await caches.match(PAGE, { cacheName: NAME })) || Response.error();
  }
}

async function fromDevice(request) {
  return (await caches.match(request, { cacheName: NAME })) || fetch(request);
}

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(fromNetwork(event.request));
  else if (FILES.includes(address.pathname)) event.respondWith(fromDevice(event.request));
});
