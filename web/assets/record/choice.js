// What was chosen for new entries in this browser: the model, and that words have times.
import { api } from "../lib/api.js";
import { signal } from "../lib/ui.js";

const KEY = "diarist.model";

/** Name of the model for new entries; empty for the server's own. */
export const chosenModel = signal(localStorage.getItem(KEY) || "");

export function chooseModel(name) {
  chosenModel.value = name;
  name ? localStorage.setItem(KEY, name) : localStorage.removeItem(KEY);
}

/** The options of a new job. */
export function chosenOptions() {
  const model = chosenModel.value || undefined;
  return { word_timestamps: true, ...(model && { model }) };
}

/** Another model than the one that is missing; null where there is none. */
export async function otherModel(missing) {
  const { items, default: usual, recommended } = await api.models();
  const there = items.filter((it) => it.installed && it.name !== missing).map((it) => it.name);
  return [usual, recommended?.name].find((name) => there.includes(name)) || there[0] || null;
}
