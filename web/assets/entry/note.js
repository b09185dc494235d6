// The note as a page of a diary. Every sentence is a link to the moment it was spoken.
import { html, cls } from "../lib/ui.js";
import { clock, dayName } from "../lib/format.js";
import { address } from "../lib/router.js";
import { strings } from "../lib/strings.js";
import { isOver } from "./act.js";

const words = strings.entry;

export function Note({ entry, player }) {
  const { note, job } = entry;
  // One sentence of all can be reached with Tab; up and down go on from it.
  const walk = (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const here = event.target.closest(".said");
    if (!by || !here) return;
    const all = [...event.currentTarget.querySelectorAll(".said")];
    const next = all[all.indexOf(here) + by];
    event.preventDefault();
    if (!next) return;
    here.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  };
  const press = (event) => {
    const say = event.target.closest(".said");
    if (!say || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (getSelection().toString().trim()) return;
    player.playFrom(Number(say.dataset.start));
  };
  return html`
    <article class="note" aria-label=${words.note} lang=${job.language && job.language !== "und" ? job.language : undefined} onClick=${press} onKeyDown=${walk}>
      ${note ? html`<${Whole} note=${note} />` : html`<p class="muted note-none">${isOver(job.status) ? (job.status === "done" ? strings.loading : words.noNote) : words.noteLater}</p>`}
    </article>`;
}

function Whole({ note }) {
  let is_first = true;
  const Say = ({ it }) => {
    const tab = is_first ? 0 : -1;
    is_first = false;
    return html`<a class=${cls("said", it.support === "reworded" && "reworded")} data-start=${it.start_ms} tabindex=${tab}
      href=${`${address.value.pathname}?t=${it.start_ms}&play=1`} title=${it.support === "reworded" ? words.reworded : words.playFrom(clock(it.start_ms))}>${it.text}</a>`;
  };
  const said = note.sections.flatMap((section) => section.sentences);
  return html`
    ${note.summary && html`<p class="note-summary">${linked(note.summary, said).map((part) => (part.it ? html`<${Say} it=${part.it} />` : part.text))}</p>`}
    ${note.todos.length > 0 && html`
      <section class="todos"><h2>${words.todos}</h2>
        <ul>${note.todos.map((it, i) => html`<li key=${i}><${Say} it=${it} />${it.due && html` <span class="due small">${words.due(dayName(it.due))}</span>`}</li>`)}</ul></section>`}
    ${note.sections.map((section, i) => html`
      <section key=${i}>${section.heading && html`<h2>${section.heading}</h2>`}
        <p>${section.sentences.map((it, k) => html`${k > 0 && " "}<${Say} it=${it} />`)}</p></section>`)}
    ${note.quotes.length > 0 && html`
      <section><h2>${words.quotes}</h2>${note.quotes.map((it, i) => html`<blockquote key=${i}><${Say} it=${it} /></blockquote>`)}</section>`}
    ${note.open_questions.length > 0 && html`
      <section><h2>${words.questions}</h2><ul>${note.open_questions.map((it, i) => html`<li key=${i}>${questions(it, said, Say)}</li>`)}</ul></section>`}
    ${(note.people.length > 0 || note.places.length > 0 || note.mood) && html`
      <dl class="note-names"><${Names} title=${words.people} names=${note.people} /><${Names} title=${words.places} names=${note.places} />
        ${note.mood && html`<div><dt>${words.mood}</dt><dd>${note.mood}</dd></div>`}</dl>`}
    <${By} note=${note} />`;
}

const questions = (text, said, Say) => linked(text, said).map((part) => (part.it ? html`<${Say} it=${part.it} />` : part.text));

/** Finds the sentences in a text that was put together of them, so that they lead to the voice there, too. */
export function linked(text, sentences) {
  const parts = [];
  let at = 0;
  for (const it of sentences) {
    const from = it.text ? text.indexOf(it.text, at) : -1;
    if (from < 0) continue;
    if (from > at) parts.push({ text: text.slice(at, from) });
    parts.push({ it });
    at = from + it.text.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at) });
  return parts;
}

const Names = ({ title, names }) => names.length > 0 && html`
  <div><dt>${title}</dt><dd>${names.map((name, i) => html`${i > 0 && ", "}<a key=${name} href=${`/find?q=${encodeURIComponent(name)}`}>${name}</a>`)}</dd></div>`;

function By({ note: { composer, coverage } }) {
  const who = composer.provider === "extractive" ? words.byExtraction : composer.model || composer.provider;
  return html`
    <footer class="note-by small muted">${words.facts.composer} ${who}${coverage != null && ` · ${words.facts.covers(coverage)}`}
      ${composer.tried?.map((it, i) => html`<br key=${i} />${words.triedInstead(it.provider, it.reason)}`)}</footer>`;
}
