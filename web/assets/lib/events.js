// What happens to jobs, live: one stream for the whole page, which goes on where it broke.
import { signal } from "./ui.js";

/** Whether the stream stands. Screens show it, and look anew when it comes back. */
export const connected = signal(true);
const listeners = new Set();
let source = null;

/** Calls `listener({kind, job, seq, data})` for every event of every job; returns how to stop. */
export function onEvent(listener) {
  listeners.add(listener);
  open();
  return () => listeners.delete(listener);
}

const KINDS = ["state", "progress", "segment", "note", "cost", "gap"];

function open() {
  if (source) return;
  // The browser repeats a broken stream by itself, with Last-Event-ID.
  source = new EventSource("/v1/events");
  source.onopen = () => { connected.value = true; };
  source.onerror = () => {
    connected.value = false;
    if (source.readyState === EventSource.CLOSED) {
      source = null;
      setTimeout(open, 3000);
    }
  };
  for (const kind of KINDS) {
    source.addEventListener(kind, (event) => {
      const told = JSON.parse(event.data);
      for (const listener of listeners) listener({ kind, job: told.job_id, seq: told.seq, data: told.data });
    });
  }
}
