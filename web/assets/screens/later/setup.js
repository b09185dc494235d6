// Which model hears what is spoken: what this machine can carry, what is there, and getting more.
import { html, cls, useEffect, useLayoutEffect, useRef, useState } from "../../lib/ui.js";
import { api } from "../../lib/api.js";
import { bytes } from "../../lib/format.js";
import { go } from "../../lib/router.js";
import { Icon } from "../../lib/icons.js";
import { strings } from "../../lib/strings.js";
import { tellProblem, toast } from "../../lib/toast.js";
import { cancelPull, hardware, isPulling, modelInUse, models, onArrival, pull, trouble, use, watchModels } from "./setup-models.js";

const words = strings.setup;

export function Setup() {
  useEffect(watchModels, []);
  useEffect(() => onArrival(async (model, is_first) => {
    use(model.name);
    if (!is_first) { toast({ text: words.ready(model.name) }); return; }
    const job = await api.demo().catch(tellProblem);
    if (job) toast({ text: words.demoOf(model.name), action: words.look, onAction: () => go("/entry/" + job.id) });
  }), []);
  return html`
    <div class="setup">
      <header><h1>${words.title}</h1><p class="muted">${words.lead}</p></header>
      <div class="setup-grid">
        <div class="stack"><${Recommended} /><${ModelList} /></div>
        <aside class="stack"><${Machine} /><${Phone} /><${Further} /></aside>
      </div>
    </div>`;
}

/** What the diary shows when nothing has been heard yet, and nothing can be; its children where a model is there. */
export function FirstRun({ children }) {
  const [is_demo, setDemo] = useState(false);
  useEffect(watchModels, []);
  useEffect(() => onArrival(async (model) => {
    use(model.name);
    setDemo(true);
    const job = await api.demo().catch(tellProblem);
    if (job) go("/entry/" + job.id);
    else setDemo(false);
  }), []);
  const heir = useHeirOfFocus();
  const found = models.value;
  const best = found && recommended(found);
  if (!is_demo && (found ? found.items.some((it) => it.installed) : trouble.value)) return children;
  return html`
    <section class="first-run">
      <img src="/assets/icon.svg" width="72" height="72" alt="" />
      <h1>${words.welcome}</h1>
      <p class="lead">${words.welcomeText}</p>
      ${best && html`
        <div class="card first-model">
          <p class="small muted"><${MachineLine} /></p>
          <h2>${words.fits(best.name)}</h2>
          <p>${found.recommended.why}</p>
          ${is_demo ? html`<p role="status"><strong>${words.demoRuns}</strong></p>` : html`<div class="model-main" ...${heir}><${Get} model=${best} main /></div>`}
        </div>
        <p class="small"><a href="/setup">${words.others}</a></p>`}
      ${!best && html`<p class="muted" role="status">${strings.loading}</p>`}
    </section>`;
}

/** Where a button was pressed and gives way to another, that one has the focus. */
function useHeirOfFocus() {
  const box = useRef(null);
  const held = useRef(null);
  useLayoutEffect(() => {
    if (!held.current || held.current.isConnected || document.activeElement !== document.body) return;
    box.current.querySelector("button")?.focus();
  });
  return { ref: box, onFocusIn: (event) => { held.current = event.target; } };
}

const recommended = (found) => found.items.find((it) => it.name === found.recommended?.name);

function Recommended() {
  const heir = useHeirOfFocus();
  const found = models.value;
  if (!found) return trouble.value ? html`<p class="banner" role="status">${trouble.value.message}</p>` : html`<div class="card placeholder muted">${strings.loading}</div>`;
  const best = recommended(found);
  if (!best) return null;
  return html`
    <section class="card recommended" aria-labelledby="best">
      <p class="chip accent">${words.recommended}</p>
      <h2 id="best">${best.name}</h2>
      <p>${found.recommended.why}</p>
      <div class="model-main" ...${heir}><${Act} model=${best} main /></div>
    </section>`;
}

function ModelList() {
  const found = models.value;
  if (!found) return null;
  return html`
    <section class="card models" aria-labelledby="all-models">
      <h2 id="all-models">${words.all}</h2>
      <ul>${found.items.map((it) => html`<${Model} key=${it.name} model=${it} />`)}</ul>
    </section>`;
}

function Model({ model: it }) {
  const heir = useHeirOfFocus();
  return html`
  <li class=${cls("model", it.installed && "installed")}>
    <div class="model-name"><h3>${it.name}</h3>
      ${it.loaded ? html`<span class="chip good">${words.loaded}</span>` : it.installed && html`<span class="chip">${words.installed}</span>`}
    </div>
    <p class="small">${it.about}</p>
    <p class="small muted">${words.facts(bytes(it.bytes), bytes(it.memory_bytes))}${speed(it.estimated_rtf)}</p>
    <div class="model-act" ...${heir}><${Act} model=${it} /></div>
  </li>`;
}

const Act = ({ model, main }) => (model.installed ? html`<${Chosen} key="use" model=${model} />` : html`<${Get} key="get" model=${model} main=${main} />`);

/** 0.25 of the time that speaking took: a minute in 15 s. */
function speed(rtf) {
  if (rtf === null || rtf === undefined) return "";
  const seconds = 60 * rtf;
  return " · " + words.minuteIn(seconds < 90 ? `${Math.max(1, Math.round(seconds))}\u00a0s` : `${(seconds / 60).toFixed(1)}\u00a0min`);
}

function Chosen({ model }) {
  const is_used = modelInUse(models.value) === model.name;
  return is_used
    ? html`<button class="in-use small" aria-pressed="true" aria-label=${`${words.inUse}: ${model.name}`}><${Icon} name="check" size=${18} />${words.inUse}</button>`
    : html`<button class="button plain" aria-pressed="false" onClick=${() => use(model.name)} aria-label=${`${words.use}: ${model.name}`}>${words.use}</button>`;
}

function Get({ model, main }) {
  const state = model.pull?.state;
  if (isPulling(model)) return html`<${Pulling} model=${model} />`;
  const name = state === "failed" ? strings.retry : main ? words.getMain(model.name, bytes(model.bytes)) : words.get;
  return html`
    ${state === "failed" && html`<p class="bad-text small" role="status">${words.pullFailed(model.pull.error)}</p>`}
    <button class=${cls("button", !main && "plain")} onClick=${() => pull(model.name)}
      aria-label=${main ? undefined : `${name}: ${model.name}`}>
      <${Icon} name="down" size=${18} />${name}
    </button>`;
}

function Pulling({ model }) {
  const { received_bytes, total_bytes, phase } = model.pull;
  const total = total_bytes || model.bytes;
  const share = Math.min(1, received_bytes / total);
  return html`
    <div class="pulling">
      <div class="bar" role="progressbar" aria-label=${words.getting(model.name)} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(100 * share)}>
        <span style=${{ width: `${100 * share}%` }}></span>
      </div>
      <span class="small tabular">${words.phase[phase] || words.got(bytes(received_bytes), bytes(total))}</span>
      <button class="button quiet" onClick=${() => cancelPull(model.name)} aria-label=${`${strings.cancel}: ${model.name}`}>${strings.cancel}</button>
    </div>`;
}

function MachineLine() {
  const it = hardware.value;
  return it ? words.machineLine(it.gpu || it.cpu, it.processors, bytes(it.free_memory_bytes)) : "\u00a0";
}

function Machine() {
  const it = hardware.value;
  if (!it) return null;
  const facts = [
    [words.cpu, `${it.cpu || words.unknown} · ${words.processors(it.processors)}`], [words.gpu, it.gpu || words.noGpu],
    [words.memory, words.free(bytes(it.free_memory_bytes), bytes(it.memory_bytes))], [words.disk, words.freeOnly(bytes(it.free_disk_bytes))],
  ];
  return html`
    <section class="card" aria-labelledby="machine">
      <h2 id="machine">${words.machine}</h2>
      <dl class="facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    </section>`;
}

function Phone() {
  const is_reachable = !["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  return html`
    <section class="card stack" aria-labelledby="phone">
      <h2 id="phone">${words.phone}</h2>
      ${is_reachable && isSecureContext ? html`<p class="small">${words.phoneHere}</p>` : html`
        <p class="small">${words.phoneText}</p>
        <code class="command">diarist serve --tls self-signed --bind 0.0.0.0:8443</code>
        <p class="small muted">${words.phoneThen}</p>`}
    </section>`;
}

const Further = () => html`
  <section class="card stack" aria-labelledby="further">
    <h2 id="further">${words.further}</h2>
    <ul class="links small">
      <li><a href="/docs">${words.docs}</a></li><li><a href="/engine">${words.engine}</a></li><li><a href="/shortcuts">${strings.shortcuts.title}</a></li>
      <li><a href="/trash">${strings.nav.trash}</a></li>
    </ul>
  </section>`;
