// What was deleted and can still be had back.
import { html, useEffect, useRef, useState } from "../../lib/ui.js";
import { api } from "../../lib/api.js";
import { clock, dayName, wallTime } from "../../lib/format.js";
import { go } from "../../lib/router.js";
import { Icon } from "../../lib/icons.js";
import { strings } from "../../lib/strings.js";
import { tellProblem, toast } from "../../lib/toast.js";
import { ask } from "../../lib/drop-ask.js";

const words = strings.trash;
const PAGE = 100;

export function Trash() {
  const [told, setTold] = useState({ items: null, next: null, total: 0, problem: null });
  const head = useRef(null);
  const look = async (cursor) => {
    try {
      const found = await api.entries({ trash: true, limit: PAGE, cursor });
      setTold((was) => ({ items: [...(cursor ? was.items : []), ...found.items], next: found.next_cursor, total: found.total, problem: null }));
    } catch (problem) {
      setTold((was) => ({ ...was, problem }));
    }
  };
  useEffect(() => { look(); }, []);
  const without = (id) => {
    setTold((was) => ({ ...was, items: was.items.filter((it) => it.id !== id), total: was.total - 1 }));
    // The button that was pressed is gone with its row.
    head.current?.focus();
  };
  const restore = async (it) => {
    try {
      await api.restore(it.id);
      without(it.id);
      toast({ text: words.restored(it.title), action: words.open, onAction: () => go("/entry/" + it.id) });
    } catch (problem) { tellProblem(problem); }
  };
  const remove = async (it) => {
    if (!await ask({ title: words.removeAsk(it.title), text: words.removeText, yes: words.remove, danger: true })) return;
    await api.remove(it.id).then(() => without(it.id), tellProblem);
  };
  const empty = async () => {
    if (!await ask({ title: words.emptyAsk(told.total), text: words.removeText, yes: words.removeAll, danger: true })) return;
    try {
      for (;;) {
        const { items } = await api.entries({ trash: true, limit: PAGE });
        if (!items.length) break;
        for (const it of items) await api.remove(it.id);
      }
    } catch (problem) { tellProblem(problem); }
    await look();
    head.current?.focus();
  };
  const { items, next, problem } = told;
  return html`
    <div class="trash">
      <header class="row trash-head">
        <div><h1 tabindex="-1" ref=${head}>${words.title}</h1><p class="muted">${words.lead}</p></div>
        ${items?.length > 0 && html`<button class="button plain" onClick=${empty}>${words.empty}</button>`}
      </header>
      ${problem && html`<p class="banner" role="status">${problem.message}</p>`}
      ${!items && !problem && html`<p class="muted" role="status">${strings.loading}</p>`}
      ${items?.length === 0 && html`<section class="empty"><${Icon} name="trash" size=${40} /><h2>${words.nothing}</h2><p>${words.nothingText}</p></section>`}
      ${items?.length > 0 && html`
        <ul class="trash-list card">${items.map((it) => html`
          <li key=${it.id}>
            <div class="trash-what"><h2>${it.title}</h2>
              <p class="small muted">${dayName(it.day)}, ${wallTime(it.recorded_at)} · ${clock(it.duration_ms)} · ${words.since(dayName(localDay(it.trashed_at)))}</p>
              ${it.summary && html`<p class="small trash-summary">${it.summary}</p>`}</div>
            <div class="row">
              <button class="button plain" onClick=${() => restore(it)} aria-label=${`${words.restore}: ${it.title}`}><${Icon} name="undo" size=${18} />${words.restore}</button>
              <button class="button quiet" onClick=${() => remove(it)} aria-label=${`${words.remove}: ${it.title}`}>${words.remove}</button>
            </div>
          </li>`)}
        </ul>`}
      ${next && html`<p class="row"><button class="button plain" onClick=${() => look(next)}>${words.more}</button></p>`}
    </div>`;
}

function localDay(at) {
  const date = new Date(at);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
}
