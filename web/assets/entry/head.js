// The head of an entry: what it is called, when it was spoken, how it was heard, and what can be done about it.
import { html, useEffect, useRef, useState } from "../lib/ui.js";
import { api } from "../lib/api.js";
import { clock, dayName, spokenLength, titleUnder, wallTime } from "../lib/format.js";
import { Icon } from "../lib/icons.js";
import { strings } from "../lib/strings.js";
import { tellProblem, toast } from "../lib/toast.js";
import { change, dayOfJob } from "../screens/inbox-store.js";
import { Chip } from "../screens/inbox-row.js";
import { cancel, isOver, retry, trash } from "./act.js";
import { Menu } from "./menu.js";
import { Tags } from "./tags.js";

const words = strings.entry;

export const languageName = (code) => words.languages[code] || code;

export function Head({ entry, title, level, can_edit, show }) {
  const { job } = entry;
  const [is_renaming, setRenaming] = useState(false);
  const pen = useRef(null);
  const was_renaming = useRef(false);
  useEffect(() => {
    if (was_renaming.current && !is_renaming) pen.current?.focus();
    was_renaming.current = is_renaming;
  }, [is_renaming]);
  return html`
    <header class="entry-head">
      <div class="entry-top">
        <p class="entry-when">${job && html`<time datetime=${job.recorded_at || job.created_at}>${dayName(dayOfJob(job))}${job.recorded_at && html`, <span class="tabular">${wallTime(job.recorded_at)}</span>`}</time>`}</p>
        ${job && html`
          <div class="entry-acts">
            <button ref=${pen} type="button" class="icon-button" aria-label=${words.rename} title=${words.rename} onClick=${() => setRenaming(true)}><${Icon} name="edit" size=${18} /></button>
            <${Downloads} job=${job} title=${title} /><${Actions} entry=${entry} title=${title} can_edit=${can_edit} show=${show} />
          </div>`}
      </div>
      <div class="entry-title">${is_renaming
        ? html`<${Rename} entry=${entry} title=${title} level=${level} done=${() => setRenaming(false)} />`
        : html`<${level}>${title ? (job ? titleUnder(dayOfJob(job), title) : title) : strings.loading}<//>`}</div>
      ${job ? html`<${Facts} entry=${entry} /><${Tags} entry=${entry} />` : html`<p class="entry-facts small muted">${strings.loading}</p>`}
    </header>`;
}

function Rename({ entry, title, level: Level, done }) {
  const field = useRef(null);
  useEffect(() => { field.current.focus(); field.current.select(); }, []);
  const save = async (event) => {
    event.preventDefault();
    const next = field.current.value.trim();
    if (!next || next === title) { done(); return; }
    try {
      const job = await api.editJob(entry.job.id, { title: next });
      entry.set((was) => ({ job, note: was.note && { ...was.note, title: next } }));
      change(job.id, { title: next });
      done();
    } catch (problem) { tellProblem(problem); }
  };
  return html`
    <form class="title-form" onSubmit=${save} onKeyDown=${(event) => { if (event.key === "Escape") { event.stopPropagation(); done(); } }}>
      <${Level} class="visually-hidden">${title}<//>
      <input ref=${field} class="field" aria-label=${words.title} defaultValue=${title} maxlength="200" autocomplete="off" />
      <button class="button">${strings.save}</button>
      <button type="button" class="button plain" onClick=${done}>${strings.cancel}</button>
    </form>`;
}

function Facts({ entry: { job, transcript } }) {
  const length = job.audio.duration_ms;
  return html`
    <p class="entry-facts small muted">
      ${length != null && html`<span class="tabular"><span aria-hidden="true">${clock(length)}</span><span class="visually-hidden">${words.facts.length}: ${spokenLength(length)}</span></span>`}
      ${job.language && html`<span><span class="visually-hidden">${words.facts.language}: </span>${languageName(job.language)}</span>`}
      <span><span class="visually-hidden">${words.facts.model}: </span>${job.model}</span>
      ${transcript?.edited && html`<span>${words.edited}</span>`}
      ${job.status !== "done" && html`<${Chip} status=${job.status} />`}
    </p>`;
}

const EXPORTS = ["text", "md", "srt", "vtt", "tsv", "json"];
const fileName = (title) => title.replace(/[\\/:*?"<>|\u0000-\u001f]+/g, " ").trim().slice(0, 80) || strings.app;

function Downloads({ job, title }) {
  const name = fileName(title);
  const has_text = job.status === "done";
  const items = [
    has_text && job.links.note && { name: words.formats.note, icon: "down", href: api.exportUrl(job.id, "note"), file: `${name}.md` },
    ...(has_text ? EXPORTS.map((format) => ({
      name: words.formats[format], icon: "down", href: api.exportUrl(job.id, format), file: `${name}.${format === "text" ? "txt" : format === "md" ? "transcript.md" : format}`,
    })) : []),
    { name: words.formats.audio, icon: "down", href: api.exportUrl(job.id, "audio"), file: `${name}.${extension(job)}` },
  ];
  return html`<${Menu} label=${words.download} icon="down" items=${items} />`;
}

const extension = (job) => job.file_name.match(/\.([a-z0-9]{2,5})$/i)?.[1].toLowerCase() || job.audio.format;

function Actions({ entry: { job }, title, can_edit, show }) {
  const over = isOver(job.status);
  const is_done = job.status === "done";
  const items = [
    is_done && job.links.note && { name: words.copyNote, icon: "copy", act: () => copy(api.exportUrl(job.id, "note")) },
    is_done && { name: words.copyTranscript, icon: "copy", act: () => copy(api.exportUrl(job.id, "text")) },
    can_edit && { name: words.edit, icon: "edit", act: () => show("edit") },
    is_done && { name: words.versions, icon: "undo", act: () => show("versions") },
    over && { name: words.rerun, icon: "again", act: () => show("rerun") },
    !over && { name: words.cancel, icon: "stop", act: () => cancel(job.id) },
    over && !is_done && { name: words.retry, icon: "again", act: () => retry(job.id) },
    !job.trashed_at && { name: words.remove, icon: "trash", danger: true, act: () => trash({ id: job.id, title }) },
  ];
  return html`<${Menu} label=${words.actions} items=${items} />`;
}

async function copy(url) {
  try {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(answer.statusText);
    await navigator.clipboard.writeText(await answer.text());
    toast({ text: words.copied });
  } catch { toast({ text: words.notCopied, kind: "error" }); }
}
