// One entry as it is on the server, and as it grows: the job, its note, its transcript, and the segments heard so far,
// and the words of what is being heard.
import { useEffect, useRef, useState } from "../lib/ui.js";
import { api } from "../lib/api.js";
import { onEvent } from "../lib/events.js";
import { isOver } from "./act.js";

const BATCH_MS = 60;
const ETA_MS = 1500;

const hasText = (job) => job.status === "done" || job.stage === "compose";

/** @returns {{job, note, transcript, live: object[], gaps: object[], hearing: object[], problem, look: () => void, set: (change) => void}} */
export function useEntry(id) {
  const [told, setTold] = useState({ job: null, note: null, transcript: null, live: [], gaps: [], hearing: [], problem: null });
  const now = useRef(told);
  now.current = told;
  const set = (change) => setTold((was) => ({ ...was, ...(typeof change === "function" ? change(was) : change) }));

  const look = async (signal) => {
    try {
      const job = await api.job(id, signal);
      set({ job, problem: null });
      const [note, transcript] = await Promise.all([
        job.status === "done" && job.links.note ? api.note(id, signal).catch(gone) : null,
        hasText(job) ? api.transcript(id, undefined, signal).catch(gone) : null,
      ]);
      set((was) => ({ note, transcript: transcript || (hasText(job) ? was.transcript : null) }));
    } catch (problem) {
      if (problem.name !== "AbortError") set({ problem });
    }
  };

  useEffect(() => {
    const ends = new AbortController();
    look(ends.signal);
    let due = 0;
    const stop = onEvent(({ kind, job, data }) => {
      if (job !== id || (kind !== "state" && kind !== "note")) return;
      const { job: known } = now.current;
      if (known && kind === "state") set({ job: { ...known, status: data.status, stage: data.stage, error: data.error, trashed_at: data.trashed_at ?? null } });
      clearTimeout(due);
      due = setTimeout(() => look(ends.signal), 120);
    });
    return () => { ends.abort(); clearTimeout(due); stop(); };
  }, [id]);

  // While it is heard, its own stream tells every segment from the first one.
  const is_over = Boolean(told.job && isOver(told.job.status));
  const is_live = Boolean(told.job && !is_over && !hasText(told.job));
  // What was heard before it failed is told once more, too.
  const is_cut = is_over && told.job.status !== "done";
  useEffect(() => (is_live || is_cut ? listen(id, set, is_cut) : undefined), [id, is_live, is_cut]);
  return { ...told, is_live, look, set };
}

const gone = (problem) => { if ([404, 409].includes(problem.status)) return null; throw problem; };

const inOrder = (told) => [...told.values()].sort((a, b) => a.start_ms - b.start_ms);

function listen(id, set, is_cut) {
  const heard = new Map();
  const gaps = [];
  // By where they begin; each is there until what it has become is told.
  const hearing = new Map();
  let due = 0;
  let asked = 0;
  const flush = () => { due = 0; set({ live: inOrder(heard), gaps: [...gaps], hearing: inOrder(hearing) }); };
  const isTold = ({ start_ms }) => {
    for (const [from, { end_ms }] of hearing) if (from <= start_ms && start_ms < end_ms) hearing.delete(from);
  };
  const source = new EventSource(`/v1/jobs/${id}/events`);
  if (is_cut) source.onerror = () => source.close();
  source.addEventListener("segment", (event) => {
    const segment = JSON.parse(event.data);
    heard.set(segment.start_ms, segment);
    isTold(segment);
    due ||= setTimeout(flush, BATCH_MS);
  });
  source.addEventListener("gap", (event) => {
    const gap = JSON.parse(event.data);
    gaps.push(gap);
    isTold(gap);
    due ||= setTimeout(flush, BATCH_MS);
  });
  source.addEventListener("partial", (event) => {
    const words = JSON.parse(event.data);
    hearing.set(words.start_ms, words);
    due ||= setTimeout(flush, BATCH_MS);
  });
  source.addEventListener("progress", (event) => {
    if (is_cut) return;
    const { fraction } = JSON.parse(event.data);
    set((was) => ({ job: { ...was.job, progress: { ...was.job.progress, fraction } } }));
    asked ||= setTimeout(() => { asked = 0; api.job(id).then((job) => set({ job }), () => {}); }, ETA_MS);
  });
  return () => { source.close(); clearTimeout(due); clearTimeout(asked); set({ hearing: [] }); };
}
