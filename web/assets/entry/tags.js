// The tags of an entry: each leads to the diary of that tag; adding one suggests those that are in use.
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { api } from "../lib/api.js";
import { Icon } from "../lib/icons.js";
import { strings } from "../lib/strings.js";
import { tellProblem } from "../lib/toast.js";
import { change } from "../screens/inbox-store.js";

const words = strings.entry;

export function Tags({ entry }) {
  const { job, note } = entry;
  // Those that the note has found are the entry's, too: what is saved takes the place of both.
  const tags = [...new Set([...job.tags, ...(note?.tags || [])])];
  const [is_open, setOpen] = useState(false);
  const [known, setKnown] = useState([]);
  const add = useRef(null);
  const field = useRef(null);
  const was_open = useRef(false);
  useEffect(() => {
    if (is_open) { field.current.focus(); api.tags().then(({ items }) => setKnown(items.map((it) => it.tag)), () => {}); }
    else if (was_open.current) add.current?.focus();
    was_open.current = is_open;
  }, [is_open]);
  const put = async (wanted) => {
    try {
      const next = await api.editJob(job.id, { tags: wanted });
      entry.set((was) => ({ job: next, note: was.note && { ...was.note, tags: next.tags } }));
      change(job.id, { tags: next.tags });
      return true;
    } catch (problem) { tellProblem(problem); return false; }
  };
  const submit = async (event) => {
    event.preventDefault();
    const tag = field.current.value.trim().replace(/^#/, "");
    if (!tag) { setOpen(false); return; }
    if (tags.includes(tag) || await put([...tags, tag])) field.current.value = "";
  };
  const remove = async (tag) => { if (await put(tags.filter((it) => it !== tag))) (field.current || add.current)?.focus(); };
  return html`
    <div class="tags" role="group" aria-label=${words.tags}>
      ${tags.map((tag) => html`
        <span class="tag" key=${tag}><a href=${"/?tag=" + encodeURIComponent(tag)}>#${tag}</a>
          <button type="button" class="tag-remove" aria-label=${words.removeTag(tag)} onClick=${() => remove(tag)}>✕</button></span>`)}
      ${is_open ? html`
        <form class="tag-form" onSubmit=${submit} onKeyDown=${(event) => { if (event.key === "Escape") { event.stopPropagation(); setOpen(false); } }}
          onFocusOut=${(event) => { if (!event.currentTarget.contains(event.relatedTarget) && !field.current?.value) setOpen(false); }}>
          <input ref=${field} list="known-tags" aria-label=${words.addTag} placeholder=${words.tagHint} maxlength="64" autocomplete="off" autocapitalize="none" />
          <datalist id="known-tags">${known.filter((tag) => !tags.includes(tag)).map((tag) => html`<option key=${tag} value=${tag}></option>`)}</datalist>
        </form>` : html`
        <button ref=${add} type="button" class="tag-add" onClick=${() => setOpen(true)}><${Icon} name="tag" size=${14} />${words.addTag}</button>`}
    </div>`;
}
