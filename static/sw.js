// The page without a network: keeps every file of one version, and answers from there. The build writes above this which version it is
// and which files there are. It never changes the version under a page that is open; home.js asks the person first.
// Without files, which is how `make serve` builds, it clears away whatever was kept and goes.

/** The caches of this copy of Catchup: others may be hosted on the same origin. */
const OWN = `catchup ${registration.scope} `;
const CACHE = OWN + VERSION;
/** The name of such a file changes with what is in it. */
const HASHED = /-[0-9a-f]{16}[._]/;

const addressOf = (file) => new URL(file, registration.scope).href;

/** One file, from where it is nearest. */
const get = async (file) => {
  const isHashed = HASHED.test(file);
  const known = isHashed && (await caches.match(addressOf(file)));
  const response = known || (await fetch(addressOf(file), { cache: isHashed ? 'default' : 'no-cache' }));
  if (!response.ok) throw new Error(`${file}: status ${response.status}`);
  // A browser refuses to open a page from an answer that came by a detour.
  return response.redirected ? new Response(response.body, { headers: response.headers }) : response;
};

/** All files or none: half a version would not work. */
const keepAll = async () => {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(FILES.map(async (file) => cache.put(addressOf(file), await get(file))));
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
};

const takeOver = async () => {
  const names = (await caches.keys()).filter((name) => name.startsWith(OWN) && name !== CACHE);
  await Promise.all(names.map((name) => caches.delete(name)));
  await (FILES.length === 0 ? registration.unregister() : clients.claim());
};

const answer = async (request) => {
  const { origin, pathname } = new URL(request.url);
  const asked = origin + pathname;
  const kept = await caches.match(asked === addressOf('index.html') ? addressOf('./') : asked, { cacheName: CACHE });
  return kept ?? fetch(request);
};

addEventListener('install', (event) => event.waitUntil(FILES.length === 0 ? skipWaiting() : keepAll()));
addEventListener('activate', (event) => event.waitUntil(takeOver()));
addEventListener('message', ({ data }) => data === 'take over' && skipWaiting());
addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  if (method === 'GET' && url.startsWith(addressOf('./'))) event.respondWith(answer(event.request));
});
