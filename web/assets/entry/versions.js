// Every version of the transcript: what Whisper heard is always among them.
import { html, useEffect, useState } from "../lib/ui.js";
import { api } from "../lib/api.js";
import { strings } from "../lib/strings.js";
import { tellProblem, toast } from "../lib/toast.js";
import { Dialog } from "./dialog.js";

const words = strings.entry.versions_;
const moment = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

export function Versions({ id, shown, onShow, onClose }) {
  const [items, setItems] = useState(null);
  useEffect(() => { api.versions(id).then((found) => setItems([...found.items].reverse()), (problem) => { tellProblem(problem); onClose(); }); }, [id]);
  const pick = async (version, is_newest) => {
    try {
      onShow(is_newest ? null : await api.transcript(id, version));
      onClose();
    } catch (problem) { tellProblem(problem); }
  };
  return html`
    <${Dialog} title=${words.title} onClose=${onClose}>
      ${!items && html`<p class="muted" role="status">${strings.loading}</p>`}
      <ol class="versions">${items?.map((it, i) => html`
        <li key=${it.version}>
          <div><strong>${it.source === "whisper" ? words.whisper : words.edit(it.version)}</strong>
            <p class="small muted">${moment.format(new Date(it.created_at))}${it.source === "edit" ? ` · ${words.changed(it.changed_segments)}` : ""}${i === 0 ? ` · ${words.newest}` : ""}</p></div>
          <button type="button" class="button plain" disabled=${it.version === shown} onClick=${() => pick(it.version, i === 0)}>${words.show}</button>
        </li>`)}</ol>
    <//>`;
}

/** Above an older version: what it is, and the ways out. */
export function OldVersion({ id, old, newest, onShow, onSaved }) {
  const restore = async () => {
    const texts = new Map(newest.segments.map((it) => [it.id, it.text]));
    const segments = old.segments.filter((it) => texts.get(it.id) !== it.text).map(({ id: segment, text }) => ({ id: segment, text }));
    try {
      onSaved(segments.length ? await api.editTranscript(id, { base_version: newest.version, segments }) : newest);
      toast({ text: words.restored });
    } catch (problem) { tellProblem(problem); }
  };
  return html`
    <div class="banner old-version" role="status"><span>${words.shown}</span>
      <button type="button" class="button quiet" onClick=${restore}>${words.restore}</button>
      <button type="button" class="button quiet" onClick=${() => onShow(null)}>${words.now}</button>
    </div>`;
}
