// What was said, word by word: the spoken one is lit, a click on any plays it, and the text follows the voice.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../lib/ui.js";
import { Icon } from "../lib/icons.js";
import { strings } from "../lib/strings.js";
import { clock } from "../lib/format.js";
import { Body } from "./body.js";

const words = strings.entry;
const SCROLL_KEYS = ["PageUp", "PageDown", "Home", "End"];

const inOrder = (segments, gaps) =>
  gaps?.length ? [...segments, ...gaps].sort((a, b) => a.start_ms - b.start_ms) : segments;

/** @param {{segments: object[], gaps: object[], hearing: object[], version: string, is_live: boolean, player: object, follow: object, scroller: {current: Element} | null}} props */
export function Transcript({ segments, gaps, hearing, version, is_live, player, follow, scroller, start }) {
  const root = useRef(null);
  const body = useRef(null);
  const shown = useRef({ version: null, count: 0 });

  useLayoutEffect(() => {
    body.current ||= new Body(root.current);
    const { version: was, count } = shown.current;
    const items = inOrder(segments, gaps);
    if (was !== version || items.length < count) body.current.clear();
    const from = was === version && items.length >= count ? count : 0;
    shown.current = { version, count: items.length };
    body.current.append(items.slice(from), () => {
      if (start != null && was === null) { body.current.light(start); reveal(body.current.lit, scroller, "instant"); }
    });
  }, [segments, gaps, version]);

  useEffect(() => {
    let frame = 0;
    const tick = () => {
      if (body.current.light(player.now()) && follow.value && body.current.lit) reveal(body.current.lit, scroller);
      if (player.playing.value) frame = requestAnimationFrame(tick);
    };
    const stop = player.onMove(() => { cancelAnimationFrame(frame); frame = requestAnimationFrame(tick); });
    if (player.playing.value) tick();
    return () => { cancelAnimationFrame(frame); stop(); };
  }, [player, scroller]);

  // A reader who scrolls is not pulled back.
  useEffect(() => {
    const target = scroller?.current || window;
    const free = () => { if (player.playing.value) follow.value = false; };
    const byKey = (event) => { if (SCROLL_KEYS.includes(event.key)) free(); };
    for (const kind of ["wheel", "touchmove"]) target.addEventListener(kind, free, { passive: true });
    addEventListener("keydown", byKey);
    return () => {
      for (const kind of ["wheel", "touchmove"]) target.removeEventListener(kind, free);
      removeEventListener("keydown", byKey);
    };
  }, [player, scroller]);

  const press = (event) => {
    const from = event.target.dataset.start ?? event.target.dataset.from;
    if (from === undefined || getSelection().toString().trim()) return;
    if (event.target.dataset.start) body.current.rove(event.target);
    follow.value = true;
    player.playFrom(Number(from));
  };
  const walk = (event) => {
    const act = {
      ArrowLeft: () => body.current.step(-1), ArrowRight: () => body.current.step(1),
      ArrowUp: () => body.current.jump(-1), ArrowDown: () => body.current.jump(1),
      Enter: () => { follow.value = true; player.playFrom(Number(event.target.dataset.start)); }, " ": () => player.toggle(),
    }[event.key];
    if (!act || !event.target.classList.contains("word") || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  return html`
    <div class="transcript" role="group" aria-label=${words.transcript} onClick=${press} onKeyDown=${walk}>
      <div class="transcript-body" ref=${root}></div>
      ${hearing.map(({ start_ms, text }) => html`
        <p class="paragraph hearing" key=${start_ms}><span class="paragraph-time small">${clock(start_ms)}</span><span class="paragraph-text">${text} …</span></p>`)}
      ${!segments.length && !hearing.length && html`<p class="muted transcript-none">${is_live ? words.listening : words.noWords}</p>`}
      ${is_live && segments.length > 0 && html`<p class="muted small live-sign"><span class="dot"></span>${words.soFar}</p>`}
    </div>`;
}

/** Scrolls a word to where one likes to read, if it is not there. */
function reveal(span, scroller, how) {
  if (!span) return;
  const outer = scroller?.current;
  const box = span.getBoundingClientRect();
  const top = outer ? outer.getBoundingClientRect().top : 0;
  const room = outer ? outer.clientHeight : innerHeight - 160;
  const at = box.top - top;
  if (!how && at > room * 0.12 && at < room * 0.72) return;
  const by = at - room * 0.32;
  const is_far = Math.abs(by) > room * 2;
  (outer || window).scrollBy({ top: by, behavior: how || (is_far || matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth") });
}

export function FollowButton({ player, follow }) {
  const [, again] = useState(0);
  useEffect(() => player.onMove(() => again((n) => n + 1)), [player]);
  if (follow.value || !player.playing.value) return null;
  return html`<button type="button" class="button follow" onClick=${() => { follow.value = true; player.moved(); }}><${Icon} name="down" size=${18} />${words.resume}</button>`;
}
