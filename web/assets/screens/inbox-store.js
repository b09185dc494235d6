// The list of entries as far as it is known: kept while one is elsewhere, and mended in place when a job moves.
import { signal } from "../lib/ui.js";
import { api } from "../lib/api.js";
import { onEvent } from "../lib/events.js";

// What fills a screen comes first and alone; the rest in pages that are worth a request.
const FIRST = 60;
const PAGE = 500;

const BLANK = { items: null, total: 0, next: null, problem: null };
export const list = signal(BLANK);
/** {day, tag}: what is shown. */
export const filter = signal({ day: "", tag: "" });

let asked = 0;
let growing = null;

export const sameFilter = (a, b) => a.day === b.day && a.tag === b.tag;
const put = (change) => { list.value = { ...list.value, ...change }; };

/** Shows the entries of `wanted`: at once what is known, then what is new. */
export function show(wanted) {
  const is_same = sameFilter(wanted, filter.value);
  if (!is_same) { filter.value = wanted; list.value = BLANK; growing = null; }
  if (is_same && list.value.items && !list.value.problem) return refresh();
  return begin();
}

export async function begin() {
  const mine = ++asked;
  growing = null;
  try {
    const found = await api.entries({ ...filter.value, limit: FIRST });
    if (mine === asked) list.value = { items: found.items, total: found.total, next: found.next_cursor, problem: null };
  } catch (problem) {
    if (mine === asked) put({ problem });
  }
}

/** The newest entries anew; what was loaded below them stays. */
async function refresh() {
  const mine = asked;
  try {
    const found = await api.entries({ ...filter.value, limit: FIRST });
    const { items, total } = list.value;
    if (mine !== asked) return;
    if (found.total !== total || !items) { list.value = { items: found.items, total: found.total, next: found.next_cursor, problem: null }; growing = null; return; }
    const known = new Map(found.items.map((it) => [it.id, it]));
    put({ items: items.map((it) => known.get(it.id) || it), problem: null });
  } catch (problem) {
    if (mine === asked && !list.value.items) put({ problem });
  }
}

/** Loads on until entry number `count` is there. */
export function grow(count) {
  const { items, next } = list.value;
  if (growing || !items || !next || items.length >= count) return;
  const mine = asked;
  growing = api.entries({ ...filter.value, limit: PAGE, cursor: next }).then((found) => {
    growing = null;
    if (mine !== asked) return;
    const known = new Set(list.value.items.map((it) => it.id));
    put({ items: [...list.value.items, ...found.items.filter((it) => !known.has(it.id))], next: found.next_cursor, total: found.total });
    grow(count);
  }, () => { growing = null; });
}

export const known = (id) => list.value.items?.find((it) => it.id === id);

export function change(id, told) {
  const { items } = list.value;
  if (items) put({ items: items.map((it) => (it.id === id ? { ...it, ...told } : it)) });
}

export function drop(id) {
  const { items, total } = list.value;
  if (known(id)) put({ items: items.filter((it) => it.id !== id), total: total - 1 });
}

/** The entries of one day anew, in their place. */
export async function refreshDay(day) {
  const { day: only, tag } = filter.value;
  if (!list.value.items || (only && only !== day)) return;
  const mine = asked;
  const found = await api.entries({ day, tag, limit: PAGE }).catch(() => null);
  const { items, next, total } = list.value;
  if (!found || mine !== asked || !items) return;
  const was = items.filter((it) => it.day === day).length;
  const before = items.filter((it) => it.day > day);
  const after = items.filter((it) => it.day < day);
  // A day that the list has not come to yet, or only in part, is loaded when it comes there.
  if (next && !after.length) return;
  put({ items: [...before, ...found.items, ...after], total: total + found.items.length - was });
}

export const dayOfJob = (job) => (job.recorded_at ? job.recorded_at.slice(0, 10) : localDay(job.created_at));

export function localDay(at) {
  const date = new Date(at);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
}

const due = new Map();
/** Runs `work` soon, once, however often it is asked for meanwhile. */
function soon(key, ms, work) {
  if (due.has(key)) return;
  due.set(key, setTimeout(() => { due.delete(key); work(); }, ms));
}

/** Follows all jobs while the list is shown. */
export function follow() {
  return onEvent(({ kind, job: id, data }) => {
    const entry = known(id);
    if (kind === "progress" && entry) {
      change(id, { progress: { ...entry.progress, fraction: data.fraction } });
      // The estimate is made by the server.
      soon("eta " + id, 1500, () => api.job(id).then((job) => change(id, { progress: job.progress, status: job.status, stage: job.stage }), () => {}));
    }
    if (kind !== "state" && kind !== "note") return;
    if (data.trashed_at && entry) { drop(id); return; }
    if (kind === "state" && entry) change(id, { status: data.status, stage: data.stage, error: data.error });
    soon("day " + (entry?.day || id), 250, async () => {
      const day = entry?.day || (await api.job(id).then(dayOfJob, () => null));
      if (day) refreshDay(day);
    });
  });
}
