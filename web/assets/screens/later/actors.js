// The tree of actors, live: who is busy with what, whose mailbox fills, who was started again; and what can be done about it.
import { html, cls, useEffect, useRef, useState } from "../../lib/ui.js";
import { api } from "../../lib/api.js";
import { spokenLength } from "../../lib/format.js";
import { strings } from "../../lib/strings.js";
import { tellProblem, toast } from "../../lib/toast.js";
import { Dialog } from "../../entry/dialog.js";

const words = strings.engine;
const STREAM = "/v1/admin/actors/events";

/** The tree as the server tells it, only while somebody can see it. */
export function useActors() {
  const [told, setTold] = useState(null);
  const [is_lost, setLost] = useState(false);
  useEffect(() => {
    let source = null;
    let known = new Map();
    let head = null;
    const show = () => setTold({ ...head, root: grow(known) });
    const close = () => { source?.close(); source = null; };
    const open = () => {
      if (source || document.hidden) return;
      source = new EventSource(STREAM);
      source.addEventListener("tree", (event) => {
        const { root, ...rest } = JSON.parse(event.data);
        head = { ...rest, at: Date.now() };
        known = new Map(flat(root));
        setLost(false);
        show();
      });
      source.addEventListener("change", (event) => {
        const { actors, gone } = JSON.parse(event.data);
        for (const path of gone) known.delete(path);
        for (const actor of actors) known.set(actor.path, actor);
        show();
      });
      source.onerror = () => {
        setLost(true);
        if (source?.readyState === EventSource.CLOSED) { close(); setTimeout(open, 3000); }
      };
    };
    const seen = () => (document.hidden ? close() : open());
    open();
    document.addEventListener("visibilitychange", seen);
    return () => { close(); document.removeEventListener("visibilitychange", seen); };
  }, []);
  return { told, is_lost };
}

const flat = (actor) => [[actor.path, actor], ...actor.children.flatMap(flat)];

/** From actors by their paths to a tree again. */
function grow(known) {
  const grown = new Map([...known].map(([path, actor]) => [path, { ...actor, children: [] }]));
  for (const [path, actor] of [...grown].sort(([a], [b]) => (a < b ? -1 : 1))) {
    grown.get(path.slice(0, Math.max(0, path.lastIndexOf("/"))))?.children.push(actor);
  }
  return grown.get("root");
}

export function Tree({ root }) {
  const [asked, setAsked] = useState(null);
  return html`
    <section aria-labelledby="tree"><h2 id="tree">${words.tree}</h2>
      <ul class="tree"><${Actor} actor=${root} ask=${setAsked} /></ul>
      ${asked && html`<${Confirm} ...${asked} onClose=${() => setAsked(null)} />`}
    </section>`;
}

function Actor({ actor: it, ask }) {
  const has_restarted = useFlash(it.restarts);
  const fill = it.mailbox.capacity > 0 ? Math.min(1, it.mailbox.depth / it.mailbox.capacity) : 0;
  const is_stuck = it.health === "stuck";
  const is_well = it.status === "running" && !is_stuck;
  const is_busy = it.current || it.busy_ms > 0;
  const doing = is_stuck ? words.stuck : it.status === "running" ? it.state : words.status[it.status] || it.status;
  return html`
    <li>
      <div class=${cls("actor", is_well && !is_busy && "idle", !is_well && "restarting", has_restarted && "flash")}>
        <div class="actor-name"><span class=${cls("lamp", !is_well ? "bad" : is_busy ? "on" : "")}></span>
          <strong title=${it.path}>${it.kind === "job" ? html`<a href=${"/entry/" + it.name}>${short(it.name)}</a>` : it.name}</strong>
          ${it.kind !== it.name && html`<span class="small muted">${it.kind}</span>`}</div>
        <p class="actor-doing small">${doing}${it.current ? html` · <span class="muted">${it.current}</span>` : ""}${
          it.busy_ms > 1000 ? html` <span class="muted tabular">· ${words.busy(it.message, spokenLength(it.busy_ms))}</span>` : ""}</p>
        <div class="actor-box" title=${words.mailbox(it.mailbox.depth, it.mailbox.capacity)}>
          <span class=${cls("bar", fill > .5 && "full")} aria-hidden="true"><span style=${{ width: `${it.mailbox.depth ? Math.max(4, 100 * fill) : 0}%` }}></span></span>
          <span class="small muted tabular">${words.waiting(it.mailbox.depth)}</span>
        </div>
        <p class="actor-rate small muted tabular">${words.handled(it.handled, it.rate_per_s)}${it.latency_us.p99 > 0 && html`<span class="actor-time"> · ${words.within(it.latency_us.p99)}</span>`}</p>
        <div class="actor-acts">
          ${it.kind === "job" && html`<button type="button" class="button quiet" aria-label=${words.stopJobLabel(short(it.name))}
            onClick=${() => ask(stopJob(it))}>${words.stopJob}</button>`}
          ${it.path !== "root" && html`<button type="button" class="button quiet" aria-label=${words.restartLabel(it.name)}
            onClick=${() => ask(restart(it))}>${words.restart}</button>`}
        </div>
        ${it.restarts > 0 && html`<p class="actor-fault small"><span class="chip warn">${words.restarts(it.restarts)}</span>
          ${it.last_failure && html`<span>${it.last_failure.reason}</span> <span class="muted">${ago(it.last_failure.at)} · <code>${it.last_failure.id}</code></span>`}</p>`}
      </div>
      ${(it.children.length > 0 || it.left_out) && html`<ul>${it.children.map((child) => html`<${Actor} key=${child.path} actor=${child} ask=${ask} />`)}
        ${it.left_out && html`<li class="small muted left-out">${words.leftOut(it.left_out.count, it.left_out.states)}</li>`}</ul>`}
    </li>`;
}

const restart = (it) => ({
  title: words.restartTitle(it.name), text: words.restartText, yes: words.restart,
  act: () => api.restartActor(it.path), done: words.restarted(it.name),
});
const stopJob = (it) => ({
  title: words.stopJobTitle, text: words.stopJobText, yes: words.stopJob, is_bad: true,
  act: () => api.cancel(it.name), done: words.jobStopped,
});
export const drain = () => ({
  title: words.drainTitle, text: words.drainText, yes: words.drain, is_bad: true, act: () => api.drain(), done: words.draining,
});

/** Asks before anything is done. */
export function Confirm({ title, text, yes, is_bad, act, done, onClose }) {
  const [is_at_it, setAtIt] = useState(false);
  const go = async () => {
    setAtIt(true);
    try {
      await act();
      toast({ text: done });
    } catch (problem) {
      tellProblem(problem);
    }
    onClose();
  };
  return html`
    <${Dialog} title=${title} onClose=${onClose}>
      <p>${text}</p>
      <div class="confirm-acts">
        <button type="button" class="button plain" onClick=${onClose}>${words.no}</button>
        <button type="button" class=${cls("button", is_bad && "danger")} disabled=${is_at_it} onClick=${go}>${yes}</button>
      </div>
    <//>`;
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

export const minutes = (ms) => (ms < 60_000 ? words.underMinute : spokenLength(Math.floor(ms / 60_000) * 60_000));

function ago(at) {
  const ms = Date.now() - new Date(at);
  return ms < 3000 ? words.now : words.ago(ms < 60_000 ? spokenLength(ms) : minutes(ms));
}
