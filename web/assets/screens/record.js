// Speak: one big button, and the certainty that what was said is kept.
import { html, cls, useEffect, useRef, useState } from "../lib/ui.js";
import { clock, spokenLength, wallTime } from "../lib/format.js";
import { Icon } from "../lib/icons.js";
import { useKeys } from "../lib/keys.js";
import { strings } from "../lib/strings.js";
import { connected, onEvent } from "../lib/events.js";
import { keep, pending, soundOf, throwAway } from "../lib/outbox.js";
import { unkept } from "../lib/outbox-store.js";
import { UploadButton } from "../lib/drop.js";
import { ask } from "../lib/drop-ask.js";
import { Meter, isSilent } from "../record/meter.js";
import { stopAndGo, useElapsed } from "../record/pill.js";
import {
  chooseMicrophone, chosenMicrophone, discard, fault, isRecording, listMicrophones, microphones, obstacle, pause, recording, resume, start,
} from "../record/recorder.js";

const words = strings.record;

export function Record() {
  const { state, key } = recording.value;
  const ms = useElapsed();
  const controls = useRef(null);
  useEffect(() => { fault.value = obstacle(); listMicrophones(); }, []);
  // Whether the server is there is known by its stream of events alone.
  useEffect(() => onEvent(() => {}), []);
  // The button that had the focus may have become another one.
  useEffect(() => { if (document.activeElement === document.body) controls.current.querySelector(".primary").focus(); }, [state]);
  const act = { idle: start, recording: pause, paused: resume }[state];
  useKeys({ " ": () => act?.(), "Enter": () => isRecording() && stopAndGo() });
  return html`
    <section class="recording-screen">
      <h1>${words.heading[state]}</h1>
      <p class="sr-state visually-hidden" role="status">${words.told[state]}</p>
      ${fault.value && html`<${Fault} name=${fault.value} />`}
      <div class="recorder card">
        <p class=${cls("timer tabular", state)} role="timer" aria-live="off" aria-label=${spokenLength(ms)}>${clock(ms)}</p>
        <${Meter} />
        <p class=${cls("whisper small", isSilent.value && "warn")} role="status">${hint(state)}</p>
        <div class="controls" ref=${controls}>
          ${isRecording() ? html`
            <button key="discard" class="round" aria-label=${words.discard} title=${words.discard} onClick=${reallyDiscard}><${Icon} name="trash" size=${22} /></button>
            <button key="stop" class="round primary stop" aria-label=${words.stopLong} onClick=${stopAndGo}><${Icon} name="stop" size=${34} /></button>
            <button key="pause" class="round" aria-label=${state === "paused" ? words.resume : words.pause} title=${state === "paused" ? words.resume : words.pause}
              onClick=${act}><${Icon} name=${state === "paused" ? "mic" : "pause"} size=${22} /></button>`
          : html`
            <button key="start" class="round primary" aria-label=${words.start} disabled=${!act || Boolean(obstacle())} onClick=${start}>
              <${Icon} name="mic" size=${38} /></button>`}
        </div>
        <p class="under small muted">${isRecording() ? words.underLive : html`${words.under}<span class="has-keys">${words.underKeys}</span>`}</p>
      </div>
      <div class="row beside">
        <${Microphones} />
        <${UploadButton} class="button plain">${words.orUpload}<//>
      </div>
      <${Waiting} live=${key} />
    </section>`;
}

function hint(state) {
  if (unkept.value && state !== "idle") return words.unkept[unkept.value];
  if (state === "recording" && isSilent.value) return words.silent;
  if (state === "idle") return "\u00a0";
  if (state === "saving" || state === "asking") return words.told[state];
  return connected.value ? words.safe : words.safeHere;
}

async function reallyDiscard() {
  const was_running = recording.value.state === "recording";
  if (was_running) pause();
  const yes = await ask({ title: words.discardAsk, text: words.discardText, yes: words.discard, no: words.keepOn, danger: true });
  if (yes) await discard();
  else if (was_running) resume();
}

const Fault = ({ name }) => html`
  <div class="fault card" role="alert">
    <h2>${words.faults[name][0]}</h2>
    ${words.faults[name].slice(1).map((line) => html`<p key=${line}>${code(line)}</p>`)}
    ${name !== "insecure" && name !== "unsupported" && html`<button class="button plain" onClick=${start}>${strings.retry}</button>`}
  </div>`;

/** What stands in backticks is something to type. */
const code = (text) => text.split("`").map((part, i) => (i % 2 ? html`<code key=${i}>${part}</code>` : part));

function Microphones() {
  if (microphones.value.length < 2 || isRecording()) return null;
  return html`
    <label class="row small"><span class="muted">${words.microphone}</span>
      <select class="field" value=${chosenMicrophone.value} onChange=${(event) => chooseMicrophone(event.target.value)}>
        <option value="">${words.anyMicrophone}</option>
        ${microphones.value.filter((it) => it.deviceId !== "default").map((it, i) => html`
          <option key=${it.deviceId} value=${it.deviceId}>${it.label || `${words.microphone} ${i + 1}`}</option>`)}
      </select>
    </label>`;
}

/** What is still here, and why. */
function Waiting({ live }) {
  const kept = pending.value.filter((it) => it.key !== live && it.ended);
  if (!kept.length) return null;
  return html`
    <section class="waiting" aria-label=${words.waiting}>
      <h2>${words.waiting}</h2>
      <ul>${kept.map((it) => html`<${Kept} key=${it.key} recording=${it} />`)}</ul>
    </section>`;
}

function Kept({ recording: it }) {
  const [sound, setSound] = useState(null);
  useEffect(() => {
    if (!it.problem) return undefined;
    let url;
    soundOf(it).then((blob) => { if (blob) setSound(url = URL.createObjectURL(blob)); });
    return () => url && URL.revokeObjectURL(url);
  }, [it.problem]);
  const share = it.bytes ? it.sent / it.bytes : 0;
  return html`
    <li class="card kept">
      <p><strong>${words.of(clock(it.spoken_ms), wallTime(it.recorded_at))}</strong>
        <span class=${cls("small", it.problem ? "bad-text" : "muted")}>${it.problem || it.trouble || (connected.value ? words.sending : words.willSend)}</span></p>
      ${!it.problem && html`<div class="bar" aria-hidden="true"><span style=${{ width: `${100 * share}%` }}></span></div>`}
      ${it.needs_model && !it.problem && html`<p><a href="/setup">${strings.drop.getModel}</a></p>`}
      ${it.problem && html`<div class="row">
        <button class="button" onClick=${() => keep(it.key)}>${strings.retry}</button>
        ${sound && html`<a class="button plain" href=${sound} download=${`recording.${it.media_type.split("/")[1].split(";")[0]}`}>${words.download}</a>`}
        <button class="button plain" onClick=${() => throwAway(it.key)}>${words.discard}</button>
      </div>`}
    </li>`;
}
