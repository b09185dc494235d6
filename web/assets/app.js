// Starts the page: finds the screen of the address and shows it in the frame.
import { html, render } from "./lib/ui.js";
import { address, go } from "./lib/router.js";
import { useKeys } from "./lib/keys.js";
import { Shell } from "./lib/shell.js";
import { strings } from "./lib/strings.js";
import { watchOutbox } from "./lib/outbox.js";
import { Inbox } from "./screens/inbox.js";
import { Find } from "./screens/find.js";
import { Unbroken } from "./screens/broken.js";
import { Record } from "./screens/record.js";
import { Engine, fetchTheRest, Setup, Shortcuts, Trash } from "./screens/later.js";

/** Path → [title, component]. Components get { id, params }. */
const SCREENS = {
  "/": [strings.nav.inbox, Inbox],
  "/entry": [strings.nav.inbox, Inbox],
  "/find": [strings.nav.find, Find],
  "/record": [strings.nav.record, Record],
  "/setup": [strings.nav.setup, Setup],
  "/engine": [strings.nav.engine, Engine],
  "/trash": [strings.nav.trash, Trash],
  "/shortcuts": [strings.shortcuts.title, Shortcuts],
};

function App() {
  const { pathname, searchParams } = address.value;
  useKeys({ r: () => go("/record"), "/": () => go("/find"), "?": () => go("/shortcuts") });
  const id = pathname.match(/^\/entry\/([0-9a-f-]+)$/)?.[1];
  const [title, Screen] = (id ? SCREENS["/entry"] : SCREENS[pathname]) || [strings.notFound.title, NotFound];
  // The list and its open entry are one screen.
  return html`<${Shell} title=${title}><${Unbroken} key=${id ? "/" : pathname}><${Screen} id=${id} params=${searchParams} /><//><//>`;
}

const NotFound = () => html`
  <section class="empty">
    <h1>${strings.notFound.title}</h1><p>${strings.notFound.text}</p><a class="button" href="/">${strings.notFound.home}</a>
  </section>`;

render(html`<${App} />`, document.getElementById("app"));
watchOutbox();
addEventListener("load", fetchTheRest);

// Without it the page cannot open while the server is away; it is not needed for anything else.
if (isSecureContext && "serviceWorker" in navigator) {
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(() => {}));
}
