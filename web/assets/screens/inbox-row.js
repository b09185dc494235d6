// One entry in the list: what it is called, what it says, how far it is, and what can be done about it.
import { html, cls } from "../lib/ui.js";
import { clock, eta, spokenLength, titleUnder, wallTime } from "../lib/format.js";
import { strings } from "../lib/strings.js";
import { Menu } from "../entry/menu.js";
import { cancel, isOver, retry, trash } from "../entry/act.js";

const words = strings.inbox;
const KIND = { failed: "bad", running: "info", parked: "warn" };

export const Chip = ({ status }) => html`<span class=${cls("chip", KIND[status])}>${strings.status[status]}</span>`;

export const actionsOf = (entry) => [
  !isOver(entry.status) && { name: strings.entry.cancel, icon: "stop", act: () => cancel(entry.id) },
  ["failed", "cancelled"].includes(entry.status) && { name: strings.entry.retry, icon: "again", act: () => retry(entry.id) },
  { name: strings.entry.remove, icon: "trash", danger: true, act: () => trash(entry) },
];

/** @param {{progress: object, stage: string, status: string, is_short?: boolean}} props `is_short` leaves the stage out where the time left is known. */
export function Working({ progress, stage, status, is_short }) {
  const share = progress?.fraction || 0;
  const doing = strings.stage[stage] || strings.status[status];
  const left = progress?.eta_ms != null && eta(progress.eta_ms);
  return html`
    <span class="working small muted">
      <span class="bar" role="progressbar" aria-label=${doing} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(100 * share)}>
        <span style=${{ width: `${100 * share}%` }}></span></span>
      <span class="working-said">${is_short ? left || doing : [doing, left].filter(Boolean).join(" · ")}</span>
    </span>`;
}

function said(entry) {
  if (entry.status === "running") return html`<${Working} ...${entry} is_short />`;
  const text = entry.status === "failed" ? entry.error?.message : entry.summary || words.noSummary[entry.status] || "";
  return html`<span class=${cls("row-said", !entry.summary && "is-told", entry.status === "failed" && "bad-text")}>${text}</span>`;
}

export function Row({ entry, top, is_open, position, total }) {
  return html`
    <li class=${cls("entry-row", is_open && "is-open")} data-entry=${entry.id} style=${{ transform: `translateY(${top}px)` }} aria-posinset=${position} aria-setsize=${total}>
      <a class="row-link" href=${"/entry/" + entry.id} aria-current=${is_open ? "true" : undefined}>
        <time class="row-time small tabular" datetime=${entry.recorded_at}>${wallTime(entry.recorded_at)}</time>
        <span class="row-title">${titleUnder(entry.day, entry.title)}</span>
        ${said(entry)}
        <span class="row-facts small">
          ${entry.duration_ms != null && html`<span class="tabular"><span aria-hidden="true">${clock(entry.duration_ms)}</span><span class="visually-hidden">${spokenLength(entry.duration_ms)}</span></span>`}
          ${!["done", "running"].includes(entry.status) && html`<${Chip} status=${entry.status} />`}
          ${entry.tags.length > 0 && html`<span class="row-tags">${entry.tags.map((tag) => `#${tag}`).join(" ")}</span>`}
        </span>
      </a>
      <${Menu} label=${words.actions(entry.title)} items=${actionsOf(entry)} class="icon-button row-menu" />
    </li>`;
}
