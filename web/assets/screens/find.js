// Finds what was said: sentences with the words marked, each of which plays from its moment.
import { html, cls, useEffect, useMemo, useRef, useState } from "../lib/ui.js";
import { api, query } from "../lib/api.js";
import { clock, dayName, titleUnder } from "../lib/format.js";
import { go } from "../lib/router.js";
import { Icon } from "../lib/icons.js";
import { strings } from "../lib/strings.js";
import { Filter } from "./inbox-filter.js";

const words = strings.find;
const LIMIT = 20;
const HITS = 4;
// The first key is looked for at once; those that follow quickly wait for each other.
const PAUSE_MS = 70;

const isAsked = ({ q, tag, day }) => Boolean(q.trim() || tag || day);
const pathOf = (wanted) => "/find" + query(wanted);
// What was found last, so that the way back from an entry shows it at once.
let last = { key: "", found: null };

export function Find({ params }) {
  const [wanted, setWanted] = useState({ q: params.get("q") || "", tag: params.get("tag") || "", day: params.get("day") || "" });
  const [found, setFound] = useState(last.key === pathOf(wanted) ? last.found : null);
  const [problem, setProblem] = useState(null);
  const field = useRef(null);
  const results = useRef(null);
  const state = useRef({ timer: 0, request: null, at: -Infinity });

  const search = async (it) => {
    state.current.request?.abort();
    if (!isAsked(it)) { setFound(null); setProblem(null); return; }
    const request = new AbortController();
    state.current.request = request;
    try {
      const page = await api.entries({ ...it, limit: LIMIT }, request.signal);
      last = { key: pathOf(it), found: { ...page, for: it } };
      setFound(last.found);
      setProblem(null);
    } catch (trouble) {
      if (trouble.name !== "AbortError") setProblem(trouble);
    }
  };
  const want = (it) => {
    setWanted(it);
    const now = performance.now();
    const wait = now - state.current.at < 250 ? PAUSE_MS : 0;
    state.current.at = now;
    clearTimeout(state.current.timer);
    state.current.timer = setTimeout(() => { search(it); go(pathOf(it), { replace: true }); }, wait);
  };
  useEffect(() => {
    field.current.focus();
    if (isAsked(wanted)) search(wanted);
    return () => { clearTimeout(state.current.timer); state.current.request?.abort(); };
  }, []);
  const more = async () => {
    const { next_cursor: cursor, for: it } = found;
    try {
      const page = await api.entries({ ...it, limit: LIMIT, cursor });
      setFound((was) => { last.found = { ...page, items: [...was.items, ...page.items], for: it }; return last.found; });
    } catch (trouble) { setProblem(trouble); }
  };
  const walk = (event) => {
    const links = [...(results.current?.querySelectorAll("a.hit") || [])];
    const at = links.indexOf(document.activeElement);
    const is_in_field = document.activeElement === field.current;
    if (event.key === "Enter" && is_in_field) { event.preventDefault(); links[0]?.click(); return; }
    if (event.key === "Escape" && is_in_field) { event.preventDefault(); wanted.q ? want({ ...wanted, q: "" }) : field.current.blur(); return; }
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to === undefined || (!is_in_field && at < 0)) return;
    event.preventDefault();
    to < 0 ? field.current.focus() : links[Math.min(to, links.length - 1)]?.focus();
  };
  const count = found && `${words.found(found.total, wanted.q.trim() ? words.in(`“${found.for.q.trim()}”`) : "")}`;
  return html`
    <div class="find" onKeyDown=${walk}>
      <h1>${words.title}</h1>
      <div class="find-field"><${Icon} name="find" size=${22} />
        <input type="search" ref=${field} class="field" value=${wanted.q} onInput=${(event) => want({ ...wanted, q: event.target.value })} aria-label=${words.label} placeholder=${words.placeholder}
          maxlength="500" autocomplete="off" autocapitalize="none" spellcheck=${false} enterkeyhint="search" aria-describedby="find-help" />
        ${wanted.q && html`<button type="button" class="icon-button find-clear" aria-label=${words.clear} onClick=${() => { want({ ...wanted, q: "" }); field.current.focus(); }}>✕</button>`}
      </div>
      <${Filter} value=${wanted} onPick=${(it) => want({ ...wanted, day: it.day, tag: it.tag })} />
      <p id="find-help" class="visually-hidden">${words.help}</p>
      <p class="small muted find-count" role="status">${count || ""}</p>
      ${problem && html`<p class="banner" role="alert">${problem.isOffline ? strings.inbox.away : problem.told || problem.message}</p>`}
      ${found?.items.length > 0 && html`<ol class="found" ref=${results}>${found.items.map((it) => html`<${Found} key=${it.id} entry=${it} />`)}</ol>`}
      ${found?.next_cursor && html`<button type="button" class="button plain find-more" onClick=${more}>${words.more}</button>`}
      ${found && !found.items.length && html`<section class="empty find-none"><h2>${words.nothing(found.for.q.trim() || found.for.tag || dayName(found.for.day))}</h2><p>${words.nothingText}</p></section>`}
      ${!found && !problem && !isAsked(wanted) && html`<${Hints} onPick=${(q) => { want({ ...wanted, q }); field.current.focus(); }} />`}
    </div>`;
}

function Found({ entry }) {
  const [is_open, setOpen] = useState(false);
  const hits = (entry.matches || []).filter((it) => it.source !== "title");
  const title = (entry.matches || []).find((it) => it.source === "title");
  const shown = is_open ? hits : hits.slice(0, HITS);
  return html`
    <li class="found-entry" data-entry=${entry.id}>
      <h2><a class=${cls("found-title", !hits.length && "hit")} href=${`/entry/${entry.id}${hits.length ? `?t=${hits[0].start_ms ?? 0}` : ""}`}>${title && title.text === entry.title ? html`<${Marked} ...${title} />` : titleUnder(entry.day, entry.title)}</a></h2>
      <p class="small muted">${dayName(entry.day)} <span class="tabular">· ${clock(entry.duration_ms)}</span> ${entry.tags.map((tag) => html`<span key=${tag}> #${tag}</span>`)}</p>
      ${!hits.length && entry.summary && html`<p class="found-summary">${entry.summary}</p>`}
      <ul>${shown.map((it, i) => html`
        <li key=${i}><a class="hit" href=${`/entry/${entry.id}?t=${it.start_ms ?? 0}&play=1`}>
          <span class="hit-time small tabular">${clock(it.start_ms)}</span><span class="hit-text"><${Marked} ...${it} /></span></a></li>`)}</ul>
      ${hits.length > shown.length && html`<button type="button" class="button quiet" onClick=${() => setOpen(true)}>${words.moreIn(hits.length - shown.length)}</button>`}
    </li>`;
}

/** Marks count characters, which the script's strings do not. */
function Marked({ text, marks }) {
  const parts = useMemo(() => {
    const chars = Array.from(text);
    const cut = [];
    let at = 0;
    for (const { start, end } of marks) {
      if (start > at) cut.push(chars.slice(at, start).join(""));
      cut.push(html`<mark key=${start}>${chars.slice(start, end).join("")}</mark>`);
      at = end;
    }
    cut.push(chars.slice(at).join(""));
    return cut;
  }, [text, marks]);
  return parts;
}

function Hints({ onPick }) {
  return html`
    <section class="hints"><p>${words.hints}</p>
      <dl>${words.examples.map(([q, what]) => html`<div key=${q}><dt><button type="button" class="hint" onClick=${() => onPick(q)}><code>${q}</code></button></dt><dd>${what}</dd></div>`)}</dl>
    </section>`;
}
