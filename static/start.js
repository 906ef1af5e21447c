// Starts the page: its WebAssembly, and what makes it at home in the browser. A file of its own, because the page's policy allows no
// script within it. The names of both files change with what is in them, and the page says them in its head.
const address = (selector) => document.querySelector(selector).href;

try {
  const { default: init } = await import(address('link[rel=modulepreload]'));
  await init({ module_or_path: address('link[rel=preload][as=fetch]') });
} catch (error) {
  document.dispatchEvent(new CustomEvent('catchup-failed', { detail: `Catchup could not be started: ${error}` }));
}
await import('./home.js');
