// Hands recordings over to the server, piece after piece, however often the page, the tab or the server goes away.
// A recording belongs to the tab that holds its lock: the one that records it, or any that finds it left behind.
import { api, Problem } from "./api.js";
import { store } from "./outbox-store.js";
import { otherModel } from "../record/choice.js";
import { strings } from "./strings.js";
import { signal } from "./ui.js";

/** What is not handed over yet, for the pill and the record screen. */
export const pending = signal([]);
/** Recordings that a lost tab has left; they are kept unless somebody says otherwise in time. */
export const rescued = signal([]);

const RESCUE_MS = 12_000;
const LOOK_MS = 15_000;
const BACKOFF_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

const senders = new Map();
const told = new Set();

/** Calls `listener({recording, job})` when a recording has become an entry, and `{recording, problem}` when it cannot. */
export const onHandedOver = (listener) => { told.add(listener); return () => told.delete(listener); };
const tell = (what) => told.forEach((listener) => listener(what));

export async function refresh() {
  const found = await store.recordings();
  pending.value = found.filter((it) => !it.discarded).sort((a, b) => a.created - b.created);
}

/** Runs `work` alone among all tabs, or not at all when another tab is at it. */
export function alone(name, work) {
  if (!navigator.locks) return work();
  return navigator.locks.request("diarist-" + name, { ifAvailable: true }, (lock) => lock && work());
}

/** Takes care of one recording until it is handed over. `held` runs first, once no other tab can take it. */
export function care(key, held) {
  if (senders.has(key)) return senders.get(key).done;
  const sender = { wake: () => {}, hurry: () => {}, nudged: false, tries: 0 };
  senders.set(key, sender);
  sender.done = alone(key, async () => {
    await held?.();
    await run(key, sender);
  }).finally(() => senders.delete(key));
  return sender.done;
}

/** There is more to send. Once it has ended, nobody waits for the next try either. */
export function nudge(key, has_ended = false) {
  const sender = senders.get(key);
  if (!sender) return;
  sender.nudged = true;
  sender.wake();
  if (has_ended) sender.hurry();
}

function nudgeAll() {
  for (const [key, sender] of senders) { sender.tries = 0; nudge(key, true); }
}

const sleep = (ms, sender, name) => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  sender[name] = () => { clearTimeout(timer); resolve(); };
});

async function run(key, sender) {
  for (;;) {
    sender.nudged = false;
    let step;
    try {
      step = await advance(key);
      sender.tries = 0;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      step = await stumble(key, problem).catch((second) => second instanceof Problem ? "later" : Promise.reject(second));
    }
    await refresh();
    if (step === "over") return;
    if (step === "wait" && !sender.nudged) await sleep(60_000, sender, "wake");
    if (step === "later") {
      await sleep(BACKOFF_MS[Math.min(sender.tries, BACKOFF_MS.length - 1)], sender, "hurry");
      sender.tries += 1;
    }
  }
}

const find = async (key) => (await store.recordings()).find((it) => it.key === key);

/** One step of the way: begin, send a piece, finish. Says "more", "wait" or "over". */
async function advance(key) {
  const recording = await find(key);
  if (!recording) return "over";
  if (recording.discarded) return discard(recording);
  if (recording.problem) return "over";
  if (!recording.remote) {
    // An empty recording is nothing to keep.
    if (!recording.bytes) return recording.ended ? discard(recording) : "wait";
    return begin(recording);
  }
  const piece = await store.chunksFrom(key, recording.sent);
  if (piece) {
    const sent = await api.appendRecording(recording.remote, recording.sent, piece);
    await store.change(key, (it) => { it.sent = sent; it.trouble = undefined; });
    return "more";
  }
  if (!recording.ended) return "wait";
  const job = await api.finishRecording(recording.remote);
  await store.remove(key);
  // An earlier try that the server closed too early holds only a part of this one.
  if (recording.replaces && recording.replaces !== job.id) await api.trash(recording.replaces).catch(() => {});
  tell({ recording, job });
  return "over";
}

async function begin(recording) {
  const { media_type, recorded_at, options } = recording;
  const open = await api.beginRecording({ media_type, recorded_at, options });
  await store.change(recording.key, (it) => { it.remote = open.id; it.sent = open.offset || 0; });
  return "more";
}

async function discard(recording) {
  if (recording.remote) {
    try {
      await api.discardRecording(recording.remote);
    } catch (problem) {
      if (problem.isOffline || problem.status >= 500) throw problem;
      // The server had made an entry of it already.
      const there = await api.recording(recording.remote).catch(() => null);
      if (there?.job_id) await api.trash(there.job_id).catch(() => {});
    }
  }
  await store.remove(recording.key);
  return "over";
}

/** What to do about a step that did not work: go on at once, later, or no more. */
async function stumble(key, problem) {
  const recording = await find(key);
  if (!recording) return "over";
  const offset = Number(problem.headers?.get("upload-offset") ?? NaN);
  if (problem.code === "wrong_offset" && offset >= 0 && offset <= recording.bytes) {
    await store.change(key, (it) => { it.sent = offset; });
    return "more";
  }
  if (recording.remote && [404, 409, 410].includes(problem.status)) return recover(recording);
  if (problem.code === "model_missing" && !recording.has_other_model && await takeOtherModel(recording)) return "more";
  const will_pass = problem.isOffline || problem.status >= 500 || [401, 403, 408, 425, 429].includes(problem.status)
    || ["model_missing", "too_many_recordings", "piece_broken"].includes(problem.code);
  const text = problem.code === "model_missing" ? strings.drop.noModel : problem.told;
  if (will_pass || !recording.ended) {
    await store.change(key, (it) => { it.trouble = problem.isOffline ? undefined : text; it.needs_model = problem.code === "model_missing"; });
    return "later";
  }
  await store.change(key, (it) => { it.problem = text; });
  tell({ recording, problem });
  return "over";
}

/** Another model is better than no entry. What was sent was begun with the missing one, and goes anew. */
async function takeOtherModel(recording) {
  const model = await otherModel(recording.options.model);
  if (!model) return false;
  if (recording.remote) await api.discardRecording(recording.remote);
  await store.change(recording.key, (it) => {
    Object.assign(it, { options: { ...it.options, model }, has_other_model: true, remote: null, sent: 0 });
  });
  return true;
}

/** The server has closed this recording, or knows nothing of it. Everything is still here: it goes there anew if need be. */
async function recover(recording) {
  const there = await api.recording(recording.remote).catch((problem) => {
    if (problem.status === 404) return null;
    throw problem;
  });
  if (there?.state === "open") {
    await store.change(recording.key, (it) => { it.sent = there.offset; });
    return "later";
  }
  if (there?.job_id && there.offset === recording.bytes && recording.ended) {
    await store.remove(recording.key);
    tell({ recording, job: await api.job(there.job_id) });
    return "over";
  }
  await store.change(recording.key, (it) => { it.remote = null; it.sent = 0; it.replaces = there?.job_id || it.replaces; });
  return "more";
}

/** Somebody does not want it after all. */
export async function throwAway(key) {
  rescued.value = rescued.value.filter((it) => it.key !== key);
  await store.change(key, (it) => { it.discarded = true; it.ended = true; });
  await refresh();
  senders.has(key) ? nudge(key, true) : care(key);
}

/** A recording that a lost tab has left is kept as it is. */
export async function keep(key) {
  rescued.value = rescued.value.filter((it) => it.key !== key);
  await store.change(key, (it) => { it.ended = true; it.problem = undefined; });
  senders.has(key) ? nudge(key, true) : care(key);
}

/** The sound of a recording as one file, for one that the server will not have. */
export const soundOf = (recording) =>
  store.chunksFrom(recording.key, 0, Infinity).then((blob) => blob && new Blob([blob], { type: recording.media_type }));

async function look() {
  await refresh();
  for (const recording of await store.recordings()) {
    if (senders.has(recording.key) || (recording.problem && !recording.discarded)) continue;
    // Whoever gets its lock knows that the tab which recorded it is gone.
    care(recording.key, () => { if (!recording.ended) offer(recording); });
  }
}

/** Says that something was left behind; it is kept unless somebody says otherwise in time. */
function offer(recording) {
  rescued.value = [...rescued.value.filter((it) => it.key !== recording.key), recording];
  setTimeout(() => { if (rescued.value.some((it) => it.key === recording.key)) keep(recording.key); }, RESCUE_MS);
}

/** Looks for what was left behind, now and whenever the server may be back. */
export function watchOutbox() {
  look();
  setInterval(look, LOOK_MS);
  addEventListener("online", () => { nudgeAll(); look(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { nudgeAll(); look(); } });
}
