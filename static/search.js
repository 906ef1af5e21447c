// Runs a search apart from the page: the page's own WebAssembly a second time, in this worker. The page says where it is, because
// its name changes with what is in it.
self.onmessage = async ({ data: { script, wasm, file, promise, tries } }) => {
  try {
    const { default: init, search } = await import(script);
    await init({ module_or_path: wasm });
    search(file, promise, tries, (report) => self.postMessage({ report }));
  } catch (error) {
    self.postMessage({ failed: String(error?.message ?? error) });
  }
};
