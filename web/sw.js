// Lets the page open, and record, while the server is away: the network first, what was seen last otherwise. Never data.
const CACHE = "diarist-page-1";
const PATIENCE_MS = 4_000;

/** The page and every file that it names, so that a first visit is enough. */
async function fill() {
  const cache = await caches.open(CACHE);
  const page = await fetch("/", { cache: "no-cache" });
  if (!page.ok || page.redirected) return;
  const text = await page.clone().text();
  const files = [...text.matchAll(/(?:href|src)="(\/(?:assets\/[^"]+|manifest\.webmanifest))"/g)].map((found) => found[1]);
  await cache.put("/", page);
  await cache.addAll([...new Set(files)]);
}

self.addEventListener("install", (event) => {
  event.waitUntil(fill().catch(() => {}));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

const SCREENS = /^\/(|record|find|trash|setup|engine|shortcuts|entry\/[0-9a-f-]+)$/;

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  const is_screen = request.mode === "navigate" && SCREENS.test(pathname);
  const is_file = pathname.startsWith("/assets/") || pathname === "/manifest.webmanifest";
  // All screens are the same page.
  if (is_screen || is_file) event.respondWith(answer(request, is_screen ? "/" : pathname));
});

async function answer(request, key) {
  const cache = await caches.open(CACHE);
  const network = fetch(request).then((found) => {
    // A page that asks for a token, or a redirect after one, is not the page.
    if (found.ok && found.type === "basic" && !found.redirected) cache.put(key, found.clone());
    return found;
  });
  const late = new Promise((_, reject) => { setTimeout(() => reject(new Error("late")), PATIENCE_MS); });
  try {
    return await Promise.race([network, late]);
  } catch {
    return (await cache.match(key)) || network;
  }
}
