// One entry: its note, what was said, and the recording, which all three lead to.
import { html, cls, signal, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../lib/ui.js";
import { go } from "../lib/router.js";
import { useKeys } from "../lib/keys.js";
import { Icon } from "../lib/icons.js";
import { strings } from "../lib/strings.js";
import { cancel, isOver, restore, retry } from "../entry/act.js";
import { useEntry } from "../entry/load.js";
import { FollowButton, Transcript } from "../entry/transcript.js";
import { Player, Playing } from "../entry/player.js";
import { Head } from "../entry/head.js";
import { Note } from "../entry/note.js";
import { Edit } from "../entry/edit.js";
import { OldVersion, Versions } from "../entry/versions.js";
import { Rerun } from "../entry/rerun.js";
import { Skeleton } from "./inbox-list.js";
import { Working } from "./inbox-row.js";
import { known } from "./inbox-store.js";

const words = strings.entry;
/** From this width of its own the note stands beside the transcript. */
const SIDE_BY_SIDE_PX = 700;

/** @param {{id: string, params: URLSearchParams, is_alone?: boolean, embedded?: boolean}} props */
export function Entry({ id, params, is_alone, embedded }) {
  const entry = useEntry(id);
  const { job, note, problem } = entry;
  const player = useMemo(() => new Playing(id), [id]);
  const follow = useMemo(() => signal(true), [id]);
  const [shows, setShows] = useState(null);
  const [old, setOld] = useState(null);
  const leave = useRef(null);
  const close = () => setShows(null);
  const start = params?.get("t");
  const title = job?.title || note?.title || known(id)?.title || job?.file_name.replace(/\.[^.]+$/, "") || "";

  useEffect(() => {
    if (start === null || start === undefined || !job) return;
    if (params.get("play")) player.playFrom(Number(start));
    else player.seek(Number(start));
  }, [start, params?.get("play"), Boolean(job), player]);
  useEffect(() => { if (is_alone && title) document.title = `${title} · ${strings.app}`; }, [title, is_alone]);

  const has_back = is_alone && !embedded;
  const can_edit = job?.status === "done" && entry.transcript?.segments.length > 0;
  useKeys({
    ...(job ? player.keys() : {}),
    f: () => { follow.value = true; player.moved(); },
    ...(can_edit ? { e: () => setShows("edit") } : {}),
    Escape: () => { if (shows === "edit") leave.current?.(); else if (has_back) go("/"); },
  });

  const Title = embedded ? "h2" : "h1";
  const back = has_back && html`<a class="back-link" href="/"><${Icon} name="back" size=${18} />${words.back}</a>`;
  if (problem && !job) return html`<div class="entry">${back}<${Trouble} problem=${problem} look=${entry.look} level=${Title} /></div>`;
  return html`
    <div class=${cls("entry", !job && "is-loading")}>
      ${back}
      ${job?.trashed_at && html`<p class="banner old-version"><span>${words.inTrash}</span>
        <button type="button" class="button quiet" onClick=${async () => { if (await restore(id)) entry.look(); }}>${words.restore}</button></p>`}
      <${Head} entry=${entry} title=${title} level=${Title} can_edit=${can_edit} show=${setShows} />
      ${job && html`<${Work} job=${job} />`}
      ${job && html`<${Pages} entry=${entry} player=${player} follow=${follow} start=${start} is_editing=${shows === "edit"} leave=${leave} old=${old} setOld=${setOld} done=${close} />`}
      ${!job && html`<${Skeleton} rows=${3} />`}
      ${shows === "versions" && html`<${Versions} id=${id} shown=${(old || entry.transcript)?.version} onShow=${setOld} onClose=${close} />`}
      ${shows === "rerun" && html`<${Rerun} job=${job} onClose=${close} />`}
      ${job && html`<${FollowButton} player=${player} follow=${follow} /><${Player} key=${id} player=${player} title=${title} length_ms=${job.audio.duration_ms} />`}
    </div>`;
}

/** Note and transcript: side by side where there is room, else one at a time. */
function Pages({ entry, player, follow, start, is_editing, leave, old, setOld, done }) {
  const { job, transcript, is_live, set } = entry;
  const box = useRef(null);
  const scroller = useRef(null);
  const [has_room, setRoom] = useState(true);
  const has_note = Boolean(job.links.note);
  const [tab, setTab] = useState(start != null || job.status !== "done" ? "transcript" : "note");
  useLayoutEffect(() => {
    const look = () => setRoom(box.current.clientWidth >= SIDE_BY_SIDE_PX);
    const watch = new ResizeObserver(look);
    look();
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  const was_editing = useRef(false);
  // What had the focus is gone with the fields.
  useEffect(() => {
    if (is_editing) setTab("transcript");
    const target = is_editing ? ".passage-text" : was_editing.current && ".word[tabindex]";
    if (target) scroller.current.querySelector(target)?.focus({ preventScroll: true });
    was_editing.current = is_editing;
  }, [is_editing]);
  const is_side = has_room && has_note;
  const has_tabs = !has_room && has_note;
  const panel = (name, kind) => ({
    class: kind, id: `panel-${name}`, hidden: has_tabs && tab !== name,
    ...(has_tabs ? { role: "tabpanel", "aria-labelledby": `tab-${name}` } : {}),
  });
  const saved = (next) => { set({ transcript: next }); setOld(null); done(); entry.look(); };
  return html`
    <div class=${cls("entry-pages", is_side && "entry-columns")} ref=${box}>
      ${has_tabs && html`<${Tabs} tab=${tab} choose=${setTab} />`}
      ${has_note && html`<div ...${panel("note", "entry-note")}><${Note} entry=${entry} player=${player} /></div>`}
      <div ...${panel("transcript", cls(is_side && "entry-said"))} ref=${scroller}>
        ${!has_tabs && html`<h2 class="said-title">${words.transcript}</h2>`}
        ${old && html`<${OldVersion} id=${job.id} old=${old} newest=${transcript} onShow=${setOld} onSaved=${saved} />`}
        ${is_editing
          ? html`<${Edit} id=${job.id} transcript=${transcript} player=${player} leave=${leave} onLeave=${done} onSaved=${saved} />`
          : html`<${Said} entry=${entry} shown=${old || transcript} player=${player} follow=${follow} start=${start} scroller=${is_side ? scroller : null} is_live=${is_live} />`}
      </div>
    </div>`;
}

function Said({ entry, shown, start, is_live, ...rest }) {
  const { job, live, gaps, hearing } = entry;
  if (!shown && !is_live && !live.length) return html`<p class="muted transcript-none">${isOver(job.status) && job.status !== "done" ? words.notHeard : strings.loading}</p>`;
  return html`
    <${Transcript} key=${rest.scroller ? "side" : "page"} segments=${shown ? shown.segments : live} gaps=${shown ? shown.gaps : gaps} hearing=${shown ? [] : hearing} version=${shown ? `v${shown.version || 0}` : "live"}
      is_live=${is_live} start=${start == null ? null : Number(start)} ...${rest} />`;
}

function Tabs({ tab, choose }) {
  const names = ["note", "transcript"];
  const walk = (event) => {
    if (!["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const next = event.key === "Home" ? "note" : event.key === "End" ? "transcript" : names[1 - names.indexOf(tab)];
    choose(next);
    event.currentTarget.querySelector(`#tab-${next}`).focus();
  };
  return html`
    <div class="tabs" role="tablist" aria-label=${words.tabs} onKeyDown=${walk}>
      ${names.map((name) => html`
        <button key=${name} type="button" role="tab" id=${`tab-${name}`} aria-controls=${`panel-${name}`} aria-selected=${tab === name ? "true" : "false"}
          tabindex=${tab === name ? 0 : -1} onClick=${() => choose(name)}>${words[name]}</button>`)}
    </div>`;
}

/** How far it is, why it rests, or what went wrong. */
function Work({ job }) {
  const { status, stage, error, id } = job;
  const said = status === "running" ? strings.stage[stage] || strings.status[status] : strings.status[status];
  const is_over = isOver(status);
  return html`
    <p class="visually-hidden" role="status">${said}</p>
    ${is_over && status !== "done" && html`
      <section class=${cls("entry-state", status === "failed" ? "failure" : "entry-working")}>
        <p><strong>${error?.message || strings.status[status]}</strong></p>${error?.hint && html`<p class="small">${error.hint}</p>`}
        <button type="button" class="button plain" onClick=${() => retry(id)}><${Icon} name="again" size=${18} />${words.retry}</button>
      </section>`}
    ${!is_over && html`
      <section class="entry-state entry-working">
        ${status === "parked" ? html`<p class="parked"><strong>${error?.message || said}</strong>${error?.hint && html`<br /><span class="small">${error.hint}</span>`}</p>` : html`<${Working} ...${job} />`}
        <button type="button" class="button plain" onClick=${() => cancel(id)}><${Icon} name="stop" size=${18} />${words.cancel}</button>
      </section>`}`;
}

function Trouble({ problem, look, level: Title }) {
  const is_gone = problem.status === 404 || problem.status === 400 || problem.status === 422;
  return html`
    <section class="empty">
      <${Title}>${is_gone ? words.missing : words.failed}<//>
      <p>${is_gone ? words.missingText : problem.told || problem.message}</p>
      ${is_gone ? html`<a class="button" href="/">${strings.notFound.home}</a>` : html`<button type="button" class="button plain" onClick=${() => look()}>${strings.retry}</button>`}
    </section>`;
}
