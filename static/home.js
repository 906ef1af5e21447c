// The page at home in the browser: it is kept for use without a network, a new version is offered and never put in place of the one
// that somebody works with, it can be installed, and it says when there is no network.

/** How often a page that stays open asks for a new version at most. */
const ASK_EVERY_MS = 3_600_000;

const workers = window.isSecureContext ? navigator.serviceWorker : undefined;
/** Within a slide or a document, nothing is said of all this. */
const isEmbedded = new URLSearchParams(location.search).has('embed');
/** The worker that waits to take over. */
let next;
let isTakingOver = false;
/** What the browser can be asked to install the page with. */
let installer;
let askedAt = performance.now();
/** What the person does not want to be told again. */
const declined = new Set();

const element = (name, properties, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};
const button = (label, onclick) => element('button', { type: 'button', className: 'button quiet', onclick }, label);

const strip = element('div', { className: 'home' });
strip.setAttribute('role', 'status');

/** A line at the top of the page, until it is no longer true or the person has read it. */
const line = (name, isTrue, text, ...tools) => {
  const shown = strip.querySelector(`[data-home="${name}"]`);
  if (!isTrue || declined.has(name)) {
    shown?.remove();
    return;
  }
  if (shown?.dataset.text === text) return;
  const dismiss = button('Later', () => {
    declined.add(name);
    strip.querySelector(`[data-home="${name}"]`)?.remove();
  });
  if (tools.length === 0) dismiss.textContent = 'Dismiss';
  const made = element('p', { className: 'home-line' }, element('span', {}, text), ...tools, dismiss);
  Object.assign(made.dataset, { home: name, text });
  shown ? shown.replaceWith(made) : strip.append(made);
};

const tell = () => {
  const isKept = Boolean(workers?.controller);
  document.documentElement.toggleAttribute('data-kept', isKept);
  document.documentElement.toggleAttribute('data-installable', Boolean(installer));
  if (navigator.onLine) declined.delete('offline');
  const offline = isKept
    ? 'You are offline. Everything here goes on: it runs in your browser and needs no server.'
    : 'You are offline. Everything here goes on while this page is open; it is not yet kept for a reload without a network.';
  line('offline', !navigator.onLine, offline);
  line('version', Boolean(next), 'A new version of Catchup is ready. Your run is kept, and goes on where it is.', button('Use it now', takeOver));
};

/** The one way in which the page loads itself again: a person has asked for it. */
const takeOver = () => {
  isTakingOver = true;
  if (next.state === 'installed') next.postMessage('take over');
  else location.reload();
};

/** Looks out for a version that comes after the one that this page is of. */
const watch = (registration) => {
  const offer = (worker) => {
    if (!worker || !workers.controller) return;
    const consider = () => {
      if (worker.state === 'redundant' && next === worker) next = undefined;
      if (['installed', 'activating', 'activated'].includes(worker.state)) next = worker;
      tell();
    };
    worker.addEventListener('statechange', consider);
    consider();
  };
  offer(registration.waiting);
  offer(registration.installing);
  registration.addEventListener('updatefound', () => offer(registration.installing));
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || performance.now() - askedAt < ASK_EVERY_MS) return;
    askedAt = performance.now();
    registration.update().catch(() => {}); // there is no network, or none to it
  });
};

const keep = async () => {
  // The first worker of all takes over at once: then there is nothing newer than what is shown.
  const wasKept = Boolean(workers.controller);
  workers.addEventListener('controllerchange', () => {
    if (isTakingOver) location.reload();
    else if (wasKept) next = workers.controller ?? next; // in another tab, somebody has asked for it
    tell();
  });
  try {
    const registration = await workers.register('sw.js', { updateViaCache: 'none' });
    watch(registration);
    if (registration.active) await registration.update();
  } catch (error) {
    if (navigator.onLine) console.info('Catchup cannot be kept, or its newest version not be asked for:', error);
  }
};

addEventListener('online', tell);
addEventListener('offline', tell);
addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault(); // the page has a button of its own
  installer = event;
  tell();
});
addEventListener('appinstalled', () => {
  installer = undefined;
  tell();
});
document.addEventListener('catchup-picture', async ({ detail }) => {
  const { copyPicture } = await import('./picture.js');
  detail.tell(await copyPicture(detail));
});
// What was said last is what is true: it takes the place of what was said before.
document.addEventListener('catchup-said', ({ detail: text }) => {
  declined.delete('said');
  line('said', false);
  line('said', text !== '', text);
});
document.addEventListener('click', ({ target }) => {
  if (target.closest('[data-install]')) installer?.prompt();
});

if (!isEmbedded) {
  document.body.prepend(strip);
  tell();
  if (workers) keep();
}
