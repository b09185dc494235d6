// The frame around every screen: where one can go, whether the server is there, and the way past it for keyboards.
import { html, cls, useEffect, useRef } from "./ui.js";
import { address } from "./router.js";
import { connected } from "./events.js";
import { Icon } from "./icons.js";
import { Toasts } from "./toast.js";
import { strings } from "./strings.js";
import { DropZone, Tray } from "./drop.js";
import { RecordingPill } from "../record/pill.js";

const PLACES = [
  ["/", "inbox", strings.nav.inbox],
  ["/find", "find", strings.nav.find],
  ["/record", "mic", strings.nav.record],
  ["/setup", "setup", strings.nav.setup],
  ["/engine", "engine", strings.nav.engine],
  ["/trash", "trash", strings.nav.trash],
];

export function Shell({ title, children }) {
  const main = useRef(null);
  const path = address.value.pathname;
  const first = useRef(true);
  useEffect(() => { document.title = title ? `${title} · ${strings.app}` : strings.app; }, [title]);
  // Who walks by keyboard or listens is put at the beginning of the new screen.
  useEffect(() => {
    if (first.current) { first.current = false; return; }
    // Unless the screen has its own mind of it: a field to type in, a list that one comes back to.
    if (main.current?.contains(document.activeElement) && document.activeElement !== main.current) return;
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [path]);
  return html`
    <a class="skip" href="#main" onClick=${(event) => { event.preventDefault(); main.current.focus(); }}>${strings.skip}</a>
    <nav class="nav" aria-label=${strings.nav.label}>
      <a class="brand" href="/"><img src="/assets/icon.svg" width="28" height="28" alt="" /><span>${strings.app}</span></a>
      ${PLACES.map(([to, icon, name]) => html`
        <a key=${to} href=${to} class=${cls("place", icon === "mic" && "record")} aria-current=${is_at(to, path) ? "page" : undefined}>
          <${Icon} name=${icon} size=${22} /><span>${name}</span>
        </a>`)}
    </nav>
    <main id="main" class="main" tabindex="-1" ref=${main}>
      ${!connected.value && html`<p class="banner" role="status">${strings.offline}</p>`}
      ${children}
    </main>
    <div class="foot"><${RecordingPill} /><${Tray} /></div>
    <${DropZone} />
    <${Toasts} />`;
}

const is_at = (place, path) => place === path || (place === "/" && path.startsWith("/entry/"));
