// Short messages at the foot of the page, with at most one thing to do about them: undo, look, try again.
import { html, signal, useEffect } from "./ui.js";
import { strings } from "./strings.js";

const toasts = signal([]);
let next = 1;

/** @param {{text: string, action?: string, onAction?: () => void, kind?: "info" | "error", ms?: number}} told */
export function toast(told) {
  const id = next++;
  toasts.value = [...toasts.value.slice(-2), { kind: "info", ms: told.action ? 10000 : 5000, ...told, id }];
  return () => close(id);
}

export function tellProblem(problem, action, onAction) {
  if (problem.name === "AbortError") return;
  toast({ text: problem.told || problem.message, kind: "error", ms: 10000, action, onAction });
}

const close = (id) => { toasts.value = toasts.value.filter((it) => it.id !== id); };

export const Toasts = () => html`
  <div class="toasts" role="status" aria-live="polite">
    ${toasts.value.map((it) => html`<${Toast} key=${it.id} ...${it} />`)}
  </div>`;

function Toast({ id, text, kind, action, onAction, ms }) {
  useEffect(() => {
    const timer = setTimeout(() => close(id), ms);
    return () => clearTimeout(timer);
  }, []);
  return html`
    <div class=${"toast " + kind}>
      <span>${text}</span>
      ${action && html`<button class="button quiet" onClick=${() => { close(id); onAction(); }}>${action}</button>`}
      <button class="icon-button" aria-label=${strings.close} onClick=${() => close(id)}>✕</button>
    </div>`;
}
