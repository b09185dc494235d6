// The models as the server knows them, looked at often while one is being got.
import { signal } from "../../lib/ui.js";
import { api } from "../../lib/api.js";
import { tellProblem } from "../../lib/toast.js";
import { chooseModel, chosenModel } from "../../record/choice.js";

export const models = signal(null);
export const hardware = signal(null);
/** Why the models cannot be told. */
export const trouble = signal(null);

const FAST_MS = 500;
const SLOW_MS = 5_000;
const installed = new Set();
const arrived = new Set();
let watchers = 0;
let timer = null;

export const isPulling = (it) => it.pull?.state === "running";

/** Calls `listener(model, is_first)` when a model that this page has asked for is there. */
export const onArrival = (listener) => { arrived.add(listener); return () => arrived.delete(listener); };
const asked = new Set();

async function look() {
  clearTimeout(timer);
  try {
    const found = await api.models();
    trouble.value = null;
    models.value = found;
    for (const it of found.items.filter((item) => item.installed)) {
      const is_first = installed.size === 0;
      if (installed.has(it.name)) continue;
      if (asked.delete(it.name)) arrived.forEach((listener) => listener(it, is_first));
    }
    // A page that was opened while the first one comes has asked for it, too.
    if (!found.items.some((it) => it.installed)) found.items.filter(isPulling).forEach((it) => asked.add(it.name));
    installed.clear();
    found.items.forEach((it) => it.installed && installed.add(it.name));
  } catch (problem) {
    trouble.value = problem;
  }
  if (watchers) timer = setTimeout(look, models.value?.items.some(isPulling) ? FAST_MS : SLOW_MS);
}

/** Looks for as long as somebody wants to see; returns how to stop. */
export function watchModels() {
  watchers += 1;
  if (watchers === 1) look();
  if (!hardware.value) api.hardware().then((it) => { hardware.value = it; }).catch(() => {});
  return () => { watchers -= 1; if (!watchers) clearTimeout(timer); };
}

export async function pull(name) {
  asked.add(name);
  try {
    await api.pullModel(name);
  } catch (problem) {
    asked.delete(name);
    tellProblem(problem);
  }
  await look();
}

export async function cancelPull(name) {
  asked.delete(name);
  await api.cancelPull(name).catch(tellProblem);
  await look();
}

/** The model that new entries are heard with. */
export function modelInUse(found) {
  const wanted = chosenModel.value || found.default;
  return found.items.find((it) => it.name === wanted && it.installed)?.name || "";
}

/** Makes a model the one for new entries; the server's own needs no saying. */
export const use = (name) => chooseModel(name === models.value?.default ? "" : name);
