// What the server is doing now: the tree of its actors as it stands, the queue, the models in memory. To look at, not to touch.
import { html, cls, useEffect, useRef, useState } from "../../lib/ui.js";
import { api } from "../../lib/api.js";
import { bytes, spokenLength } from "../../lib/format.js";
import { strings } from "../../lib/strings.js";

const words = strings.engine;
const LOOK_MS = 1_000;

/** Asks once a second, only while somebody can see it. */
function useLive() {
  const [told, setTold] = useState({ actors: null, queue: null, problem: null });
  useEffect(() => {
    let timer = null;
    let is_over = false;
    const look = async () => {
      clearTimeout(timer);
      if (!document.hidden) {
        const [actors, queue] = await Promise.allSettled([api.actors(), api.queue()]);
        if (is_over) return;
        setTold((was) => ({
          actors: actors.value || was.actors, queue: queue.value || was.queue, problem: actors.reason || null,
        }));
      }
      timer = setTimeout(look, LOOK_MS);
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => { is_over = true; clearTimeout(timer); document.removeEventListener("visibilitychange", look); };
  }, []);
  return told;
}

export function Engine() {
  const { actors, queue, problem } = useLive();
  return html`
    <div class="engine">
      <header>
        <h1>${words.title}</h1>
        <p class="muted">${words.lead}${actors ? ` ${words.uptime(minutes(actors.uptime_ms))}` : ""}</p>
      </header>
      ${problem && html`<p class="banner" role="status">${problem.message}</p>`}
      ${queue && html`<${Queue} ...${queue} />`}
      ${actors ? html`<section aria-labelledby="tree"><h2 id="tree">${words.tree}</h2><ul class="tree"><${Actor} actor=${actors.root} /></ul></section>`
        : !problem && html`<p class="muted" role="status">${strings.loading}</p>`}
    </div>`;
}

const SHOWN = ["running", "queued", "parked", "failed", "done"];

function Queue({ jobs, slots, models_loaded, oldest_queued_ms }) {
  return html`
    <section class="figures" aria-label=${words.queue}>
      ${SHOWN.map((name) => html`
        <div key=${name} class=${cls("figure card", name === "failed" && jobs[name] > 0 && "bad")}>
          <span class="figure-number tabular">${jobs[name] || 0}</span><span class="small muted">${words.jobs[name]}</span>
        </div>`)}
      <div class="figure card">
        <span class="figure-number tabular">${slots.busy}<span class="muted">/${slots.total}</span></span>
        <span class="small muted">${words.slots}</span>
      </div>
      <div class="figure card wide">
        <span class="figure-text">${models_loaded.length ? models_loaded.map((it) => it.name).join(", ") : words.noModel}</span>
        <span class="small muted">${models_loaded.length ? words.loaded(models_loaded.reduce((sum, it) => sum + (it.memory_bytes || 0), 0), bytes) : words.whenNeeded}${
          oldest_queued_ms > 1000 ? ` · ${words.oldest(spokenLength(oldest_queued_ms))}` : ""}</span>
      </div>
    </section>`;
}

function Actor({ actor: it }) {
  const has_restarted = useFlash(it.restarts);
  const fill = it.mailbox.capacity > 0 ? Math.min(1, it.mailbox.depth / it.mailbox.capacity) : 0;
  const is_idle = it.status === "running" && !it.current && !it.busy_ms;
  return html`
    <li>
      <div class=${cls("actor", is_idle && "idle", it.status !== "running" && "restarting", has_restarted && "flash")}>
        <div class="actor-name"><span class=${cls("lamp", it.status !== "running" ? "bad" : it.current || it.busy_ms ? "on" : "")}></span>
          <strong title=${it.path}>${short(it.name)}</strong>${it.kind !== it.name && html`<span class="small muted">${it.kind}</span>`}</div>
        <p class="actor-doing small">${it.status === "running" ? it.state : words.restarting}${it.current ? html` · <span class="muted">${it.current}</span>` : ""}${
          it.busy_ms > 1000 ? html` <span class="muted tabular">· ${spokenLength(it.busy_ms)}</span>` : ""}</p>
        <div class="actor-box" title=${words.mailbox(it.mailbox.depth, it.mailbox.capacity)}>
          <span class=${cls("bar", fill > .5 && "full")} aria-hidden="true"><span style=${{ width: `${it.mailbox.depth ? Math.max(4, 100 * fill) : 0}%` }}></span></span>
          <span class="small muted tabular">${words.waiting(it.mailbox.depth)}</span>
        </div>
        <p class="actor-rate small muted tabular">${words.handled(it.handled, it.rate_per_s)}</p>
        ${it.restarts > 0 && html`<p class="actor-fault small"><span class="chip warn">${words.restarts(it.restarts)}</span>
          ${it.last_failure && html`<span>${it.last_failure.reason}</span> <span class="muted">${ago(it.last_failure.at)}</span>`}</p>`}
      </div>
      ${it.children.length > 0 && html`<ul>${it.children.map((child) => html`<${Actor} key=${child.path} actor=${child} />`)}</ul>`}
    </li>`;
}

/** Lights for a moment when the number grows. */
function useFlash(count) {
  const before = useRef(count);
  const [is_lit, setLit] = useState(false);
  useEffect(() => {
    if (count > before.current) setLit(true);
    before.current = count;
  }, [count]);
  useEffect(() => {
    if (!is_lit) return undefined;
    const timer = setTimeout(() => setLit(false), 1600);
    return () => clearTimeout(timer);
  }, [is_lit]);
  return is_lit;
}

/** Of an id the last part tells it apart. */
const short = (name) => (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(name) ? "…" + name.slice(-8) : name);

const minutes = (ms) => (ms < 60_000 ? words.underMinute : spokenLength(Math.floor(ms / 60_000) * 60_000));

function ago(at) {
  const ms = Date.now() - new Date(at);
  return ms < 3000 ? words.now : words.ago(ms < 60_000 ? spokenLength(ms) : minutes(ms));
}
