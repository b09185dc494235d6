// A button with a menu: opened over everything, walked with the arrow keys, closed by Escape or a click elsewhere.
import { html, cls, useId, useRef, useState } from "../lib/ui.js";
import { Icon } from "../lib/icons.js";

const GAP = 6;

/** @param {{label: string, icon?: string, class?: string, items: ({name: string, icon?: string, act?: () => void, href?: string, file?: string, danger?: boolean} | false)[]}} props */
export function Menu({ label, icon = "more", items, class: name = "icon-button", children }) {
  const id = useId();
  const [is_open, setOpen] = useState(false);
  const [place, setPlace] = useState({});
  const button = useRef(null);
  const menu = useRef(null);
  const shown = items.filter(Boolean);
  const put = () => {
    const box = button.current.getBoundingClientRect();
    const height = menu.current.offsetHeight || shown.length * 44;
    const is_above = box.bottom + height + GAP > innerHeight && box.top > height;
    setPlace({ top: `${Math.max(GAP, is_above ? box.top - height - GAP : Math.min(box.bottom + GAP, innerHeight - height - GAP))}px`, right: `${Math.max(GAP, document.documentElement.clientWidth - box.right)}px` });
  };
  const toggled = (event) => {
    const opens = event.newState === "open";
    setOpen(opens);
    if (opens) { put(); menu.current.querySelector("[role=menuitem]")?.focus(); }
  };
  const close = () => { menu.current?.hidePopover(); button.current?.focus(); };
  const walk = (event) => {
    const all = [...menu.current.querySelectorAll("[role=menuitem]")];
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Tab") { close(); return; }
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); return; }
    if (to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length].focus();
  };
  return html`
    <button type="button" class=${name} ref=${button} aria-label=${label} aria-haspopup="menu" aria-expanded=${is_open} popovertarget=${id}>
      ${children || html`<${Icon} name=${icon} />`}
    </button>
    <div class="menu menu-popover" role="menu" id=${id} popover="auto" aria-label=${label} ref=${menu} style=${place} onToggle=${toggled} onKeyDown=${walk}>
      ${shown.map((it) => it.href
        ? html`<a key=${it.name} role="menuitem" tabindex="-1" href=${it.href} download=${it.file} onClick=${close}><${Icon} name=${it.icon || "down"} size=${18} />${it.name}</a>`
        : html`<button key=${it.name} type="button" role="menuitem" tabindex="-1" class=${cls(it.danger && "bad-text")} onClick=${() => { close(); it.act(); }}><${Icon} name=${it.icon || "check"} size=${18} />${it.name}</button>`)}
    </div>`;
}
