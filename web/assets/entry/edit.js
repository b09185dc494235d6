// Correcting what was misheard, passage by passage; what is not saved yet is not lost by a slip.
import { html, cls, useEffect, useLayoutEffect, useRef, useState } from "../lib/ui.js";
import { api } from "../lib/api.js";
import { clock } from "../lib/format.js";
import { strings } from "../lib/strings.js";
import { tellProblem, toast } from "../lib/toast.js";
import { ask } from "../lib/drop-ask.js";
import { Icon } from "../lib/icons.js";

const words = strings.entry.edit_;

/** @param {{id: string, transcript: object, player: object, at: number, onSaved: (transcript) => void, onLeave: () => void, leave: {current: () => void}}} props */
export function Edit({ id, transcript, player, onSaved, onLeave, leave }) {
  const [base, setBase] = useState(transcript);
  const [changes, setChanges] = useState(new Map());
  const [open, setOpen] = useState(null);
  const [is_busy, setBusy] = useState(false);
  const [is_conflict, setConflict] = useState(false);
  const live = useRef(changes);
  live.current = changes;

  const change = (segment, text) => setChanges((was) => {
    const next = new Map(was);
    text.trim() === segment.text.trim() ? next.delete(segment.id) : next.set(segment.id, text.trim());
    return next;
  });
  const save = async () => {
    // The passage that is being written gives its text when it loses the focus.
    document.activeElement?.blur?.();
    await new Promise((resolve) => setTimeout(resolve));
    if (!live.current.size) { onLeave(); return; }
    setBusy(true);
    try {
      const segments = [...live.current].map(([segment, text]) => ({ id: segment, text }));
      const saved = await api.editTranscript(id, { base_version: base.version, segments });
      toast({ text: words.saved });
      onSaved(saved);
    } catch (problem) {
      setBusy(false);
      problem.code === "version_conflict" ? setConflict(true) : tellProblem(problem);
    }
  };
  leave.current = async () => {
    if (live.current.size && !await ask({ title: strings.entry.edit_.leave, text: words.leaveText, yes: words.leaveYes, danger: true })) return;
    onLeave();
  };
  useEffect(() => {
    const warn = (event) => { if (live.current.size) event.preventDefault(); };
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, []);
  const newest = async () => {
    try {
      const found = await api.transcript(id);
      setBase(found);
      setConflict(false);
    } catch (problem) { tellProblem(problem); }
  };
  return html`
    <div class="edit">
      <div class="edit-bar">
        <p class="small muted" role="status">${changes.size ? words.changed(changes.size) : words.words}</p>
        <div class="row"><button type="button" class="button quiet" onClick=${() => leave.current()}>${strings.cancel}</button>
          <button type="button" class="button" disabled=${is_busy} onClick=${save}>${words.save}</button></div>
      </div>
      ${is_conflict && html`<p class="banner" role="alert">${words.conflict} <button type="button" class="button quiet" onClick=${newest}>${words.newest}</button></p>`}
      <ol class="edit-list">${base.segments.map((segment) => html`
        <${Passage} key=${segment.id} segment=${segment} text=${changes.get(segment.id) ?? segment.text.trim()} is_changed=${changes.has(segment.id)}
          is_open=${open === segment.id} player=${player} onOpen=${() => setOpen(segment.id)}
          onText=${(text) => change(segment, text)} onClose=${() => setOpen((was) => (was === segment.id ? null : was))} />`)}</ol>
    </div>`;
}

function Passage({ segment, text, is_changed, is_open, player, onOpen, onText, onClose }) {
  const field = useRef(null);
  const button = useRef(null);
  const was_open = useRef(false);
  const fit = () => { field.current.style.height = "auto"; field.current.style.height = `${field.current.scrollHeight + 2}px`; };
  useLayoutEffect(() => {
    if (is_open) { fit(); field.current.focus(); }
    was_open.current = is_open;
  }, [is_open]);
  const press = (event) => {
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); next(event.shiftKey ? -1 : 1); }
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); field.current.value = text; onClose(); setTimeout(() => button.current?.focus()); }
  };
  const next = () => {
    const li = field.current.closest("li");
    onText(field.current.value);
    onClose();
    setTimeout(() => (li.nextElementSibling?.querySelector(".passage-text") || button.current)?.focus());
  };
  const at = clock(segment.start_ms);
  return html`
    <li class=${cls("passage", is_changed && "is-changed")}>
      <button type="button" class="icon-button passage-play" tabindex="-1" aria-label=${strings.entry.playFrom(at)} onClick=${() => player.playFrom(segment.start_ms)}><${Icon} name="play" size=${16} /></button>
      <span class="small tabular passage-time" aria-hidden="true">${at}</span>
      ${is_open
        ? html`<textarea ref=${field} rows="1" aria-label=${words.segment(at)} defaultValue=${text} onInput=${fit} onKeyDown=${press} onBlur=${() => { onText(field.current.value); onClose(); }}></textarea>`
        : html`<button type="button" ref=${button} class="passage-text" onClick=${onOpen} lang=${segment.language}>${text || "…"}</button>`}
    </li>`;
}
