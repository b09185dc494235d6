// The recording at the foot of the page: play, seek, skip, speed. One audio element; who needs the time asks it.
import { html, signal, useEffect, useRef, useState } from "../lib/ui.js";
import { api } from "../lib/api.js";
import { clock, spokenLength } from "../lib/format.js";
import { Icon } from "../lib/icons.js";
import { strings } from "../lib/strings.js";

const words = strings.entry;
const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
const SKIP_MS = 5000;
const SPEED_KEY = "diarist.speed";

export class Playing {
  constructor(id) {
    this.id = id;
    this.playing = signal(false);
    this.broken = signal(false);
    this.rate = signal(Number(localStorage.getItem(SPEED_KEY)) || 1);
    this.listeners = new Set();
    this.audio = null;
    this.wanted = null;
  }

  onMove(listener) { this.listeners.add(listener); return () => this.listeners.delete(listener); }
  moved() { for (const listener of this.listeners) listener(); }
  now() { return this.wanted ?? (this.audio ? this.audio.currentTime * 1000 : 0); }

  seek(ms) {
    const to = Math.max(0, ms);
    // Before anything is known of the file, the element keeps it as where to begin.
    if (this.audio) this.audio.currentTime = to / 1000;
    else this.wanted = to;
    this.moved();
  }

  playFrom(ms) {
    this.seek(ms);
    this.play();
  }

  play() { this.audio?.play().catch((error) => { if (error.name === "NotSupportedError") this.broken.value = true; }); }
  toggle() { if (this.audio) this.audio.paused ? this.play() : this.audio.pause(); }
  skip(ms) { this.seek(this.now() + ms); }

  setRate(rate) {
    this.rate.value = rate;
    localStorage.setItem(SPEED_KEY, String(rate));
    if (this.audio) this.audio.playbackRate = rate;
  }

  faster(by) {
    const at = SPEEDS.indexOf(this.rate.value);
    this.setRate(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, (at < 0 ? 1 : at) + by))]);
  }

  keys() {
    const back = () => this.skip(-SKIP_MS);
    const on = () => this.skip(SKIP_MS);
    const toggle = () => this.toggle();
    return { " ": toggle, k: toggle, j: back, l: on, ArrowLeft: back, ArrowRight: on, "<": () => this.faster(-1), ">": () => this.faster(1) };
  }
}

export function Player({ player, title, length_ms, marks }) {
  const audio = useRef(null);
  const [told_ms, setTold] = useState(0);
  const total = length_ms || told_ms;
  useEffect(() => {
    const it = audio.current;
    player.audio = it;
    it.playbackRate = player.rate.value;
    if (player.wanted != null) { it.currentTime = player.wanted / 1000; player.wanted = null; }
    document.documentElement.style.setProperty("--player", getComputedStyle(it.parentElement).getPropertyValue("--player-height"));
    return () => { it.pause(); player.audio = null; player.playing.value = false; document.documentElement.style.removeProperty("--player"); };
  }, [player]);
  const set = (is) => () => { player.playing.value = is; player.moved(); };
  return html`
    <section class="player" aria-label=${words.player}>
      <audio ref=${audio} src=${api.audioUrl(player.id)} preload="auto" onPlay=${set(true)} onPause=${set(false)} onEnded=${set(false)}
        onTimeUpdate=${() => player.moved()} onSeeked=${() => player.moved()} onError=${() => { player.broken.value = true; }}
        onLoadedMetadata=${(event) => { event.target.playbackRate = player.rate.value; player.broken.value = false; if (isFinite(event.target.duration)) setTold(event.target.duration * 1000); }}></audio>
      ${player.broken.value ? html`<p class="player-broken small" role="status">${words.noSound} <a href=${api.audioUrl(player.id)} download>${words.download}</a></p>` : html`
      <div class="player-buttons">
        <button type="button" class="icon-button skip5" aria-label=${words.back5} onClick=${() => player.skip(-SKIP_MS)}><${Skip} /></button>
        <button type="button" class="icon-button player-main" aria-label=${player.playing.value ? words.pause : words.play} onClick=${() => player.toggle()}><${Icon} name=${player.playing.value ? "pause" : "play"} size=${24} /></button>
        <button type="button" class="icon-button skip5" aria-label=${words.on5} onClick=${() => player.skip(SKIP_MS)}><${Skip} on /></button>
      </div>
      <${Scrubber} player=${player} total=${total} title=${title} />
      <label class="speed"><span class="visually-hidden">${words.speed}</span>
        <select value=${String(player.rate.value)} onChange=${(event) => player.setRate(Number(event.target.value))}>
          ${SPEEDS.map((speed) => html`<option key=${speed} value=${String(speed)}>${speed}×</option>`)}
        </select></label>`}
    </section>`;
}

const Skip = ({ on }) => html`
  <svg class=${"icon skip-icon" + (on ? " on" : "")} width="26" height="26" viewBox="0 0 24 24" aria-hidden="true">
    <path d="M5.2 9.2A7.5 7.5 0 1 0 12 5H6.5M9.3 2.2L6.5 5l2.8 2.8" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" class="skip-arrow" />
    <text x="12" y="15.6" text-anchor="middle" font-size="8" fill="currentColor">5</text>
  </svg>`;

/** Moves by itself, so that nothing else has to. */
function Scrubber({ player, total }) {
  const range = useRef(null);
  const time = useRef(null);
  const held = useRef(false);
  useEffect(() => {
    const show = () => {
      if (!range.current) return;
      const now = Math.min(player.now(), total || Infinity);
      time.current.textContent = clock(now);
      if (held.current) return;
      range.current.value = String(Math.round(now));
      range.current.style.setProperty("--share", `${total ? (100 * now) / total : 0}%`);
      range.current.setAttribute("aria-valuetext", words.ofLength(spokenLength(now), spokenLength(total)));
    };
    show();
    return player.onMove(show);
  }, [player, total]);
  const drag = (event) => {
    const to = Number(event.target.value);
    range.current.style.setProperty("--share", `${total ? (100 * to) / total : 0}%`);
    player.seek(to);
  };
  const press = (event) => {
    const keys = { " ": () => player.toggle(), ArrowLeft: () => player.skip(-SKIP_MS), ArrowRight: () => player.skip(SKIP_MS) };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  };
  return html`
    <div class="scrubber">
      <span class="small tabular player-time" ref=${time} aria-hidden="true">0:00</span>
      <input type="range" ref=${range} min="0" max=${Math.round(total) || 1} step="100" defaultValue="0" aria-label=${words.position} onInput=${drag} onKeyDown=${press}
        onPointerDown=${() => { held.current = true; }} onPointerUp=${() => { held.current = false; }} onPointerCancel=${() => { held.current = false; }} />
      <span class="small tabular player-time" aria-hidden="true">${total ? clock(total) : "–:––"}</span>
    </div>`;
}
