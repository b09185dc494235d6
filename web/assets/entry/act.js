// What can be done about an entry from any screen, with how to take it back.
import { api } from "../lib/api.js";
import { address, go } from "../lib/router.js";
import { strings } from "../lib/strings.js";
import { tellProblem, toast } from "../lib/toast.js";
import { dayOfJob, drop, refreshDay } from "../screens/inbox-store.js";

const words = strings.entry;
const OVER = ["done", "failed", "cancelled"];

export const isOver = (status) => OVER.includes(status);

export async function trash(entry) {
  try {
    const job = await api.trash(entry.id);
    drop(entry.id);
    if (address.value.pathname === "/entry/" + entry.id) go("/");
    toast({ text: words.deleted(entry.title), action: strings.undo, onAction: () => restore(entry.id, dayOfJob(job)) });
  } catch (problem) { tellProblem(problem); }
}

export async function restore(id, day) {
  try {
    const job = await api.restore(id);
    await refreshDay(day || dayOfJob(job));
    return job;
  } catch (problem) { tellProblem(problem); return null; }
}

export async function cancel(id) {
  try { await api.cancel(id); toast({ text: words.cancelled }); } catch (problem) { tellProblem(problem); }
}

export async function retry(id) {
  try { await api.retry(id); toast({ text: words.retried }); } catch (problem) { tellProblem(problem); }
}
