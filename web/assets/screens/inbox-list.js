// The entries by day, of which only those in sight are in the document: 10,000 scroll like ten.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../lib/ui.js";
import { dayName } from "../lib/format.js";
import { go } from "../lib/router.js";
import { useKeys } from "../lib/keys.js";
import { grow, list } from "./inbox-store.js";
import { Row } from "./inbox-row.js";

// In rem, so that a larger text has room.
const HEAD_REM = 3.25;
const ROW_REM = 5.75;
const AHEAD_ROWS = 400;

/** Where the list stood and what was open, for the way back. */
const left = { top: 0, id: null };
history.scrollRestoration = "manual";
export const forgetPlace = () => { left.top = 0; left.id = null; };

const remPx = () => parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;

function layout(items, rem) {
  const days = [];
  let top = 0;
  for (let i = 0; i < items.length; i += 1) {
    let last = days[days.length - 1];
    if (!last || last.day !== items[i].day) {
      if (last) top += (HEAD_REM + last.count * ROW_REM) * rem;
      last = { day: items[i].day, first: i, count: 0, top };
      days.push(last);
    }
    last.count += 1;
  }
  const end = days.length ? days[days.length - 1] : null;
  return { days, height: end ? end.top + (HEAD_REM + end.count * ROW_REM) * rem : 0 };
}

/** @param {{scroller: {current: Element | null} | null, open: string, level: string}} props `scroller` is null where the page itself scrolls. */
export function List({ scroller, open, level }) {
  const { items, total } = list.value;
  const box = useRef(null);
  const rem = useMemo(remPx, []);
  const { days, height } = useMemo(() => layout(items, rem), [items, rem]);
  const [view, setView] = useState({ from: left.top - 1200, to: left.top + 1800 });
  const row = ROW_REM * rem;
  const unknown = Math.max(0, total - items.length);

  const linkOf = (id) => box.current?.querySelector(`[data-entry="${id}"] .row-link`);
  const scrolled = () => scroller?.current || document.scrollingElement;
  useLayoutEffect(() => {
    const outer = scrolled();
    outer.scrollTop = left.top;
    const look = () => {
      if (!box.current) return;
      const top = box.current.getBoundingClientRect().top - (scroller ? outer.getBoundingClientRect().top : 0);
      const step = row * 2;
      const from = Math.floor((-top - step) / step) * step;
      const to = Math.ceil((-top + (scroller ? outer.clientHeight : innerHeight) + step) / step) * step;
      setView((was) => (was.from === from && was.to === to ? was : { from, to }));
    };
    let kept = 0;
    const moved = () => { look(); cancelAnimationFrame(kept); kept = requestAnimationFrame(() => { if (box.current) left.top = outer.scrollTop; }); };
    look();
    const target = scroller ? outer : window;
    target.addEventListener("scroll", moved, { passive: true });
    addEventListener("resize", look);
    // Whoever comes back is where they left.
    if (!scroller && left.id) linkOf(left.id)?.focus({ preventScroll: true });
    return () => { cancelAnimationFrame(kept); target.removeEventListener("scroll", moved); removeEventListener("resize", look); };
  }, [scroller]);

  // Who deletes an entry is then at the next one.
  const focused = useRef(null);
  useLayoutEffect(() => {
    const { id, at } = focused.current || {};
    if (!id || items.some((it) => it.id === id)) return;
    focused.current = null;
    if (document.activeElement === document.body && items.length) linkOf(items[Math.min(at, items.length - 1)].id)?.focus({ preventScroll: true });
  }, [items]);
  const noteFocus = (event) => {
    const id = event.target.closest("[data-entry]")?.dataset.entry;
    if (id) focused.current = { id, at: items.findIndex((it) => it.id === id) };
  };

  useEffect(() => { grow(Math.ceil(view.to / row) + AHEAD_ROWS); }, [view, items]);

  const going = useRef(0);
  useEffect(() => () => clearTimeout(going.current), []);
  const walk = (by) => {
    const at = items.findIndex((it) => it.id === (document.activeElement?.closest?.("[data-entry]")?.dataset.entry || open));
    const to = Math.min(items.length - 1, Math.max(0, at + by));
    const day = days.findLast((it) => it.first <= to);
    const outer = scrolled();
    const y = day.top + HEAD_REM * rem + (to - day.first) * row;
    const offset = box.current.getBoundingClientRect().top - (scroller ? outer.getBoundingClientRect().top : 0) + y;
    const room = scroller ? outer.clientHeight : innerHeight;
    if (offset < 70) outer.scrollTop += offset - 70;
    if (offset + row > room - 90) outer.scrollTop += offset + row - room + 90;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      linkOf(items[to].id)?.focus({ preventScroll: true });
    }));
    // Who holds the key down passes by many.
    clearTimeout(going.current);
    if (scroller) going.current = setTimeout(() => go("/entry/" + items[to].id, { replace: Boolean(open) }), 140);
  };
  // Beside an open entry, J, K and the arrows are its player's, unless the list has the focus.
  const inList = (act) => (event) => { if (box.current?.contains(event.target) || !scroller) act(); };
  const keys = { ArrowDown: inList(() => walk(1)), ArrowUp: inList(() => walk(-1)), j: inList(() => walk(1)), k: inList(() => walk(-1)) };
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key](event);
  };
  useKeys(scroller ? {} : keys);

  const seen = days.filter((it) => it.top < view.to && it.top + (HEAD_REM + it.count * ROW_REM) * rem > view.from);
  return html`
    <div class="days" ref=${box} style=${{ height: `${height + unknown * row}px` }} onKeyDown=${scroller ? press : undefined} onFocusIn=${noteFocus}
      onClick=${(event) => { left.id = event.target.closest("[data-entry]")?.dataset.entry || left.id; }}>
      ${seen.map((day) => {
        const begin = day.top + HEAD_REM * rem;
        const first = Math.max(0, Math.floor((view.from - begin) / row));
        const last = Math.min(day.count, Math.ceil((view.to - begin) / row));
        return html`
          <section class="day" key=${day.day} aria-label=${dayName(day.day)} style=${{ transform: `translateY(${day.top}px)`, height: `${(HEAD_REM + day.count * ROW_REM) * rem}px` }}>
            <${level} class="day-name">${dayName(day.day)}<//>
            <ul class="day-rows">${items.slice(day.first + first, day.first + last).map((entry, i) => html`
              <${Row} key=${entry.id} entry=${entry} top=${(first + i) * row} is_open=${entry.id === open} position=${first + i + 1} total=${day.count} />`)}
            </ul>
          </section>`;
      })}
      ${unknown > 0 && view.to > height && html`<div class="unknown" style=${{ transform: `translateY(${Math.max(height, view.from)}px)` }}><${Skeleton} rows=${Math.min(unknown, 14)} /></div>`}
    </div>`;
}

/** As high as what will stand there. */
export const Skeleton = ({ rows }) => html`
  <div class="skeleton" aria-hidden="true">${Array.from({ length: rows }, (_, i) => html`
    <div class="skeleton-row" key=${i}><span class=${"s-title w" + (i % 3)}></span><span class="s-line"></span><span class="s-facts"></span></div>`)}
  </div>`;
