// The diary: its entries by day and, where there is room, the open one beside them.
import { html, cls, signal, useEffect, useRef } from "../lib/ui.js";
import { api } from "../lib/api.js";
import { go } from "../lib/router.js";
import { connected } from "../lib/events.js";
import { Icon } from "../lib/icons.js";
import { strings } from "../lib/strings.js";
import { tellProblem } from "../lib/toast.js";
import { UploadButton } from "../lib/drop.js";
import { begin, filter, follow, list, sameFilter, show } from "./inbox-store.js";
import { Filter } from "./inbox-filter.js";
import { forgetPlace, List, Skeleton } from "./inbox-list.js";
import { Entry } from "./entry.js";
import { FirstRun } from "./later.js";

const words = strings.inbox;
const wideQuery = matchMedia("(min-width: 1200px)");
const is_wide = signal(wideQuery.matches);
wideQuery.addEventListener("change", () => { is_wide.value = wideQuery.matches; });

export function Inbox({ id, params }) {
  // Beside an open entry the list stays what it was.
  const wanted = id ? filter.value : { day: params.get("day") || "", tag: params.get("tag") || "" };
  const shows_list = is_wide.value || !id;
  useEffect(() => {
    if (!shows_list) return;
    if (!sameFilter(wanted, filter.value)) forgetPlace();
    show(wanted);
  }, [wanted.day, wanted.tag, shows_list]);
  useEffect(follow, []);
  useEffect(() => { if (connected.value && list.value.problem) begin(); }, [connected.value]);

  const { items, total, problem } = list.value;
  const open = id || (is_wide.value && items?.[0]?.id) || null;
  const is_split = is_wide.value && (open || !items) && !(problem && !items && !id);
  if (!shows_list) return html`<${Entry} key=${id} id=${id} params=${params} is_alone />`;
  return html`
    <div class=${cls("diary", is_split && "is-split")}>
      <${Pane} is_split=${is_split} open=${open} has_title=${!open} total=${total} items=${items} problem=${problem} wanted=${wanted} />
      ${is_split && html`<div class="beside-list">${open && html`<${Entry} key=${open} id=${open} params=${id ? params : new URLSearchParams()} />`}</div>`}
    </div>`;
}

function Pane({ is_split, open, has_title, items, total, problem, wanted }) {
  const scroller = useRef(null);
  const Title = has_title || !is_split ? "h1" : "h2";
  const is_filtered = wanted.day || wanted.tag;
  return html`
    <section class="list-pane" aria-label=${words.list} ref=${scroller}>
      ${items?.length !== 0 || is_filtered ? html`
        <header class="list-head">
          <div class="list-title"><${Title}>${words.title}<//>
            <p class="small muted tabular" role="status">${items && words.count(total)}</p></div>
          <${Filter} value=${wanted} />
        </header>` : null}
      ${items?.length > 0 && html`<${List} key=${is_split} scroller=${is_split ? scroller : null} open=${is_split ? open : null} level=${is_split && !has_title ? "h3" : "h2"} />`}
      ${!items && !problem && html`<${Skeleton} rows=${8} />`}
      ${!items && problem && html`<${Trouble} problem=${problem} />`}
      ${items?.length === 0 && (is_filtered ? html`<section class="empty"><h2>${words.none}</h2><p>${words.noneText}</p><a class="button plain" href="/">${words.clear}</a></section>` : html`<${FirstRun}><${Welcome} /><//>`)}
    </section>`;
}

function Trouble({ problem }) {
  return html`
    <section class="empty" role="alert">
      <h2>${problem.isOffline ? words.away : words.failed}</h2>
      <p>${problem.isOffline ? words.awayText : problem.told || problem.message}</p>
      <button class="button plain" onClick=${begin}>${strings.retry}</button>
    </section>`;
}

function Welcome() {
  const tryIt = async () => {
    try {
      const job = await api.demo();
      go("/entry/" + job.id);
    } catch (problem) {
      tellProblem(problem, strings.nav.setup, () => go("/setup"));
    }
  };
  return html`
    <section class="empty welcome">
      <img src="/assets/icon.svg" width="72" height="72" alt="" />
      <h1>${words.empty}</h1>
      <p class="welcome-text">${words.emptyText}</p>
      <div class="row welcome-acts">
        <a class="button" href="/record"><${Icon} name="mic" size=${18} />${strings.nav.record}</a>
        <${UploadButton} class="button plain" />
      </div>
      <p class="small">${words.dropHint} <button type="button" class="button quiet" onClick=${tryIt}>${words.sample}</button></p>
    </section>`;
}
