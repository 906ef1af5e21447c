// What is shown when Catchup fails in the middle of a run. Behind a failure its WebAssembly cannot be trusted, so this small script needs
// none of it: it has the run that was kept last, offers it as a link and as a file, and goes on from there on a new page.
(() => {
  const TAB_KEY = 'catchup.tab';
  const RUN_KEY = 'catchup.run.';
  const MENDED_KEY = 'catchup.mended';

  /** Whether the page will find the run again by itself. A browser that forbids storage throws. */
  const isStored = () => {
    try {
      return localStorage.getItem(RUN_KEY + sessionStorage.getItem(TAB_KEY)) !== null;
    } catch {
      return false;
    }
  };

  const withoutFragment = () => location.href.split('#')[0];

  const goOn = (link) => {
    if (isStored()) {
      sessionStorage.setItem(MENDED_KEY, 'true');
    } else if (link) {
      history.replaceState(null, '', `#${link}`);
    }
    location.reload();
  };

  const beginAnew = () => {
    try {
      sessionStorage.removeItem(TAB_KEY);
    } catch {
      // Then nothing is stored either.
    }
    history.replaceState(null, '', withoutFragment());
    location.reload();
  };

  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const button = (label, onclick) => element('button', { type: 'button', className: 'button', onclick }, label);

  const fileButton = (file) => {
    const href = URL.createObjectURL(new Blob([file], { type: 'application/json' }));
    return element('a', { className: 'button', href, download: 'catchup-failed-run.json' }, 'Save it as a file');
  };

  const linkField = (link) => {
    const value = `${withoutFragment()}#${link}`;
    const field = element('input', { value, readOnly: true, id: 'failed-link', onfocus: () => field.select() });
    return element('label', { className: 'field' }, 'Link to the run shortly before it failed', field);
  };

  const show = (reason) => {
    const { file, link } = window.catchupKept ?? {};
    const kept = file
      ? 'Your run is not lost: it was kept shortly before. You can go on from there; time will be held. With the link or the file, others can see the failure too.'
      : 'This run had only just begun, so there is nothing to go on from.';
    const tools = element('div', { className: 'row' });
    if (file) tools.append(button('Go on from there', () => goOn(link)), fileButton(file));
    tools.append(button('Begin anew', beginAnew));
    const said = element('p', {}, 'This is a mistake in Catchup and not in what you did. ', kept);
    said.setAttribute('role', 'alert');
    const main = element(
      'main',
      { className: 'failure' },
      element('h1', { tabIndex: -1 }, 'Something in Catchup went wrong'),
      said,
      tools,
      ...(link ? [linkField(link)] : []),
      element('details', {}, element('summary', {}, 'What went wrong'), element('pre', {}, reason)),
    );
    document.body.replaceChildren(main);
    main.querySelector('h1').focus();
  };

  // What follows from the first failure says nothing new.
  document.addEventListener('catchup-failed', ({ detail }) => show(String(detail)), { once: true });
})();
