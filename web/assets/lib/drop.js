// Files that are dropped, pasted or picked anywhere become entries; a tray at the foot shows each on its way.
import { html, cls, signal, useEffect, useRef, useState } from "./ui.js";
import { upload } from "./api.js";
import { bytes } from "./format.js";
import { Icon } from "./icons.js";
import { strings } from "./strings.js";
import { alone } from "./outbox.js";
import { store } from "./outbox-store.js";
import { chosenOptions, otherModel } from "../record/choice.js";

const words = strings.drop;
const AT_ONCE = 2;
const LOOK_MS = 15_000;
const SOUND = /\.(wav|mp3|m4a|m4b|mp4|aac|ogg|oga|opus|flac|webm|weba|mka|mkv|aiff?|caf|amr|3gp|wma|mov|alac|m4r|mpga|mpeg)$/i;

/** {key, name, size, file, state: waiting|sending|kept|done|existed|failed|cancelled, fraction, text, job} */
export const uploads = signal([]);
const running = new Map();

const isSound = (file) => /^(audio|video)\//.test(file.type) || SOUND.test(file.name);
const set = (key, change) => { uploads.value = uploads.value.map((it) => (it.key === key ? { ...it, ...change } : it)); };

/** Takes files in; those that are plainly no recordings are told at once. */
export function addFiles(files) {
  const rows = [...files].map((file) => ({
    key: crypto.randomUUID?.() || String(Math.random()), name: file.name, size: file.size, file, fraction: 0,
    ...(isSound(file) ? { state: "waiting" } : { state: "failed", text: words.noSound, is_final: true }),
  }));
  uploads.value = [...uploads.value, ...rows];
  work();
}

function work() {
  while (running.size < AT_ONCE) {
    const next = uploads.value.find((it) => it.state === "waiting");
    if (!next) return;
    send(next).finally(work);
  }
}

async function send(row) {
  const { key, file } = row;
  set(key, { state: "sending", fraction: 0, text: "" });
  const going = upload(file, row.options || chosenOptions(), (fraction) => set(key, { fraction }));
  running.set(key, going);
  try {
    const { job, existed } = await going.done;
    set(key, { state: existed ? "existed" : "done", fraction: 1, job: job.id, file: null });
    if (row.is_kept) await store.remove(key);
  } catch (problem) {
    await failed(row, problem);
  } finally {
    running.delete(key);
  }
}

async function failed(row, problem) {
  const { key } = row;
  if (problem.name === "AbortError") {
    set(key, { state: "cancelled", file: null });
    if (row.is_kept) await store.remove(key);
  } else if (problem.code === "model_missing" && !row.has_other_model) {
    const options = row.options || chosenOptions();
    const model = await otherModel(options.model).catch(() => null);
    if (!model) { set(key, { state: "failed", text: words.noModel, needs_model: true }); return; }
    set(key, { state: "waiting", has_other_model: true, options: { ...options, model } });
  } else if (problem.isOffline) {
    // The server is away: the file waits in this browser, across reloads.
    if (!row.is_kept) await store.putFile({ key, name: row.name, file: row.file, last_modified: row.file.lastModified, options: row.options || chosenOptions() });
    set(key, { state: "kept", is_kept: true });
  } else {
    set(key, { state: "failed", text: problem.told });
    if (row.is_kept) await store.remove(key);
  }
}

export function cancel(key) {
  const row = uploads.value.find((it) => it.key === key);
  if (running.has(key)) running.get(key).abort();
  else if (row) failed(row, new DOMException("cancelled", "AbortError"));
}

const retry = (key) => { set(key, { state: "waiting" }); work(); };
const clear = () => { uploads.value = uploads.value.filter((it) => isOnItsWay(it)); };
const isOnItsWay = (it) => ["waiting", "sending", "kept"].includes(it.state);

/** Sends what an earlier page has kept, one tab at a time. */
async function resend() {
  const kept = await store.files();
  if (!kept.length || running.size) return;
  await alone("files", async () => {
    for (const { key, name, file, last_modified, options } of await store.files()) {
      const found = uploads.value.find((it) => it.key === key);
      if (found && found.state !== "kept") continue;
      const whole = new File([file], name, { type: file.type, lastModified: last_modified });
      const row = { key, name, size: whole.size, file: whole, options, fraction: 0, state: "kept", is_kept: true };
      if (!found) uploads.value = [...uploads.value, row];
      await send(row);
      if (uploads.value.find((it) => it.key === key)?.state === "kept") return;
    }
  });
}

/** The files of a drop, folders walked. The entries are asked for at once: later the browser forgets them. */
async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((it) => it.isDirectory)) return [...transfer.files];
  const found = [];
  for (const entry of entries) await walk(entry, found, true);
  return found;
}

async function walk(entry, found, is_named) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    // Of a folder only the recordings are meant; a file that was named gets an answer.
    if (is_named || (isSound(file) && !file.name.startsWith("."))) found.push(file);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const it of some) await walk(it, found, false);
  }
}

/** The whole window takes files. */
export function DropZone() {
  const [is_over, setOver] = useState(false);
  useEffect(() => {
    let depth = 0;
    const carries = (event) => event.dataTransfer?.types.includes("Files");
    const on = {
      dragenter: (event) => { if (carries(event)) { depth += 1; setOver(true); event.preventDefault(); } },
      dragover: (event) => { if (carries(event)) { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; } },
      dragleave: (event) => { if (carries(event) && (depth -= 1) <= 0) { depth = 0; setOver(false); } },
      drop: async (event) => {
        if (!carries(event)) return;
        event.preventDefault();
        depth = 0;
        setOver(false);
        addFiles(await filesOf(event.dataTransfer));
      },
      paste: (event) => {
        const files = event.clipboardData?.files;
        if (files?.length) { event.preventDefault(); addFiles(files); }
      },
      online: resend,
      beforeunload: (event) => { if (uploads.value.some((it) => ["waiting", "sending"].includes(it.state) && !it.is_kept)) event.preventDefault(); },
    };
    for (const [name, listener] of Object.entries(on)) addEventListener(name, listener);
    const timer = setInterval(resend, LOOK_MS);
    resend();
    return () => {
      clearInterval(timer);
      for (const [name, listener] of Object.entries(on)) removeEventListener(name, listener);
    };
  }, []);
  return is_over && html`<div class="drop-zone" aria-hidden="true"><p><${Icon} name="upload" size=${40} />${words.here}</p></div>`;
}

/** A button that picks files; what stands inside is its name. */
export function UploadButton({ class: name = "button", children }) {
  const input = useRef(null);
  return html`
    <button type="button" class=${name} onClick=${() => input.current.click()}><${Icon} name="upload" size=${18} />${children || words.pick}</button>
    <input ref=${input} type="file" hidden multiple accept="audio/*,video/*,.m4a,.opus,.ogg,.flac,.wav,.mp3,.webm,.aac,.amr,.caf"
      onChange=${(event) => { addFiles(event.target.files); event.target.value = ""; }} />`;
}

export function Tray() {
  const [is_open, setOpen] = useState(true);
  const rows = uploads.value;
  if (!rows.length) return null;
  const going = rows.filter(isOnItsWay);
  return html`
    <section class="tray card" aria-label=${words.tray}>
      <div class="tray-head">
        <button class="tray-title" aria-expanded=${is_open ? "true" : "false"} onClick=${() => setOpen(!is_open)}>
          <${Icon} name=${going.length ? "upload" : "check"} size=${18} /><span role="status">${words.sum(rows, going)}</span>
        </button>
        ${!going.length && html`<button class="icon-button" aria-label=${strings.close} onClick=${clear}>✕</button>`}
      </div>
      ${is_open && html`<ul>${rows.map((it) => html`<${Row} key=${it.key} ...${it} id=${it.key} />`)}</ul>`}
    </section>`;
}

const Row = ({ id, name, size, state, fraction, text, job, is_final, needs_model }) => html`
  <li class=${"tray-row " + state}>
    <span class="tray-name" title=${name}>${name}</span>
    <span class=${cls("small tray-state", state === "failed" && "bad-text")}>${
      state === "sending" ? words.sending(fraction, bytes(size)) : state === "failed" ? text : words.state[state]}</span>
    <span class="tray-act">
      ${job && html`<a class="button quiet" href=${"/entry/" + job} aria-label=${`${words.open}: ${name}`}>${words.open}</a>`}
      ${needs_model && state === "failed" && html`<a class="button quiet" href="/setup">${words.getModel}</a>`}
      ${state === "failed" && !is_final && html`<button class="button quiet" aria-label=${`${strings.retry}: ${name}`} onClick=${() => retry(id)}>${strings.retry}</button>`}
      ${isOnItsWay({ state }) && html`<button class="icon-button" aria-label=${`${strings.cancel}: ${name}`} onClick=${() => cancel(id)}>✕</button>`}
    </span>
    ${state === "sending" && html`<div class="bar" role="progressbar" aria-label=${name} aria-valuenow=${Math.round(100 * fraction)}><span style=${{ width: `${100 * fraction}%` }}></span></div>`}
  </li>`;
