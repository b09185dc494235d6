// Which entries the list shows: of one day, found in a calendar, or with one tag.
import { html, useEffect, useId, useMemo, useRef, useState } from "../lib/ui.js";
import { api, query } from "../lib/api.js";
import { dayName } from "../lib/format.js";
import { go } from "../lib/router.js";
import { Icon } from "../lib/icons.js";
import { strings } from "../lib/strings.js";
import { list, localDay } from "./inbox-store.js";

const words = strings.inbox;
const monthName = new Intl.DateTimeFormat("en", { month: "long", year: "numeric" });
const weekday = new Intl.DateTimeFormat("en", { weekday: "short" });
const longWeekday = new Intl.DateTimeFormat("en", { weekday: "long" });
// A week that begins on Monday: 5 January 2026 is one.
const WEEK = Array.from({ length: 7 }, (_, i) => new Date(2026, 0, 5 + i));

export const filterPath = ({ day, tag }) => "/" + query({ day, tag });

export function Filter({ value, onPick = (it) => go(filterPath(it)) }) {
  const [tags, setTags] = useState([]);
  useEffect(() => { api.tags().then((found) => setTags(found.items), () => {}); }, [list.value.total]);
  const shown = value.tag && !tags.some((it) => it.tag === value.tag) ? [{ tag: value.tag }, ...tags] : tags;
  return html`
    <div class="filter">
      <${DayPicker} day=${value.day} onPick=${(day) => onPick({ ...value, day })} />
      ${shown.length > 0 && html`<label class="filter-tag"><span class="visually-hidden">${words.tag}</span><${Icon} name="tag" size=${17} />
        <select value=${value.tag} onChange=${(event) => onPick({ ...value, tag: event.target.value })}>
          <option value="">${words.anyTag}</option>
          ${shown.map((it) => html`<option key=${it.tag} value=${it.tag}>${it.tag}${it.count ? ` (${it.count})` : ""}</option>`)}
        </select></label>`}
      ${(value.day || value.tag) && html`<button type="button" class="button quiet" onClick=${() => onPick({ day: "", tag: "" })}>${words.clear}</button>`}
    </div>`;
}

function DayPicker({ day, onPick }) {
  const id = useId();
  const button = useRef(null);
  const panel = useRef(null);
  const [is_open, setOpen] = useState(false);
  const [place, setPlace] = useState({});
  const toggled = (event) => {
    setOpen(event.newState === "open");
    if (event.newState !== "open") return;
    const box = button.current.getBoundingClientRect();
    setPlace({ top: `${box.bottom + 6}px`, left: `${Math.max(8, Math.min(box.left, innerWidth - 340))}px` });
  };
  const pick = (chosen) => { panel.current.hidePopover(); button.current.focus(); onPick(chosen); };
  return html`
    <button type="button" class="filter-day" ref=${button} popovertarget=${id} aria-haspopup="dialog" aria-expanded=${is_open}>
      <${Icon} name="calendar" size=${17} />${day ? dayName(day) : words.anyDay}</button>
    <div id=${id} class="calendar-popover" popover="auto" role="dialog" aria-label=${words.choose} ref=${panel} style=${place} onToggle=${toggled}>
      ${is_open && html`<${Calendar} day=${day} onPick=${pick} />`}
    </div>`;
}

function Calendar({ day, onPick }) {
  const [days, setDays] = useState(null);
  const [month, setMonth] = useState((day || localDay(new Date())).slice(0, 7));
  const body = useRef(null);
  useEffect(() => {
    api.days().then(({ items }) => {
      setDays(new Map(items.map((it) => [it.day, it.count])));
      // The newest month with anything in it is where one begins.
      const newest = items.map((it) => it.day).sort().pop();
      if (!day && newest) setMonth(newest.slice(0, 7));
    }, () => setDays(new Map()));
  }, []);
  const weeks = useMemo(() => weeksOf(month), [month]);
  const [year, number] = month.split("-").map(Number);
  const go_by = (by) => setMonth(localDay(new Date(year, number - 1 + by, 1)).slice(0, 7));
  const all = [...(days?.keys() || [])].sort();
  const walk = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const buttons = [...body.current.querySelectorAll("button")];
    buttons[buttons.indexOf(document.activeElement) + by]?.focus();
  };
  return html`
    <div class="calendar">
      <div class="calendar-head">
        <button type="button" class="icon-button turn" aria-label=${words.previousMonth} disabled=${!all.length || all[0].slice(0, 7) >= month} onClick=${() => go_by(-1)}><${Icon} name="back" /></button>
        <h2 aria-live="polite">${monthName.format(new Date(year, number - 1, 1))}</h2>
        <button type="button" class="icon-button turn on" aria-label=${words.nextMonth} disabled=${!all.length || all[all.length - 1].slice(0, 7) <= month} onClick=${() => go_by(1)}><${Icon} name="back" /></button>
      </div>
      <table>
        <thead><tr>${WEEK.map((date) => html`<th scope="col" abbr=${longWeekday.format(date)} key=${+date}>${weekday.format(date)}</th>`)}</tr></thead>
        <tbody ref=${body} onKeyDown=${walk}>${weeks.map((week) => html`<tr key=${week[0]}>${week.map((it) => {
          const count = days?.get(it) || 0;
          const n = Number(it.slice(8));
          if (it.slice(0, 7) !== month) return html`<td key=${it}></td>`;
          return html`<td key=${it}>${count
            ? html`<button type="button" class="calendar-day" aria-pressed=${it === day} aria-label=${words.entriesOn(dayName(it), count)} onClick=${() => onPick(it === day ? "" : it)}>${n}<span class=${"count c" + Math.min(3, count)} aria-hidden="true"></span></button>`
            : html`<span class="calendar-day none">${n}</span>`}</td>`;
        })}</tr>`)}</tbody>
      </table>
      ${day && html`<button type="button" class="button quiet" onClick=${() => onPick("")}>${words.anyDay}</button>`}
    </div>`;
}

function weeksOf(month) {
  const [year, number] = month.split("-").map(Number);
  const first = new Date(year, number - 1, 1);
  const lead = (first.getDay() + 6) % 7;
  // Always six, so that the calendar keeps its height.
  return Array.from({ length: 6 }, (_, week) => Array.from({ length: 7 }, (_, i) => localDay(new Date(year, number - 1, 1 - lead + week * 7 + i))));
}
