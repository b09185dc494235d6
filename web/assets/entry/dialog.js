// A dialog as a part of a screen: shown while it is there, closed by Escape, its button or its work.
import { html, useEffect, useId, useRef } from "../lib/ui.js";
import { strings } from "../lib/strings.js";

export function Dialog({ title, onClose, children }) {
  const it = useRef(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    it.current.showModal();
    return () => before?.focus?.();
  }, []);
  return html`
    <dialog ref=${it} aria-labelledby=${id} class="entry-dialog" onClose=${onClose} onKeyDown=${(event) => event.stopPropagation()}
      onClick=${(event) => { if (event.target === it.current) it.current.close(); }}>
      <div class="dialog-head"><h2 id=${id}>${title}</h2>
        <button type="button" class="icon-button" aria-label=${strings.close} onClick=${() => it.current.close()}>✕</button></div>
      ${children}
    </dialog>`;
}
