// What the server is doing now: the tree of its actors as it stands, the queue, the models in memory; and how it is steered.
import { html, cls, useEffect, useState } from "../../lib/ui.js";
import { api } from "../../lib/api.js";
import { bytes, spokenLength } from "../../lib/format.js";
import { strings } from "../../lib/strings.js";
import { Confirm, Tree, drain, minutes, useActors } from "./actors.js";

const words = strings.engine;
const LOOK_MS = 1_000;

/** Asks once a second, only while somebody can see it. */
function useQueue() {
  const [told, setTold] = useState({ queue: null, problem: null });
  useEffect(() => {
    let timer = null;
    let is_over = false;
    const look = async () => {
      clearTimeout(timer);
      if (!document.hidden) {
        const [queue] = await Promise.allSettled([api.queue()]);
        if (is_over) return;
        setTold((was) => ({ queue: queue.value || was.queue, problem: queue.reason || null }));
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
  const { queue, problem } = useQueue();
  const { told, is_lost } = useActors();
  const [asked, setAsked] = useState(null);
  return html`
    <div class="engine">
      <header>
        <h1>${words.title}</h1>
        <p class="muted">${words.lead}${told ? ` ${words.uptime(minutes(told.uptime_ms + Date.now() - told.at))}` : ""}</p>
        ${told && (told.state === "open"
          ? html`<button type="button" class="button plain" onClick=${() => setAsked(drain())}>${words.drain}</button>`
          : html`<p class="banner" role="status">${words.states[told.state] || told.state}</p>`)}
      </header>
      ${(problem || is_lost) && html`<p class="banner" role="status">${problem ? problem.message : words.lost}</p>`}
      ${queue && html`<${Queue} ...${queue} />`}
      ${told ? html`<${Tree} root=${told.root} />` : !problem && html`<p class="muted" role="status">${strings.loading}</p>`}
      ${asked && html`<${Confirm} ...${asked} onClose=${() => setAsked(null)} />`}
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
