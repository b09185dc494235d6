// What the frame shows of recordings on every screen: the running one, those that a lost tab has left, and what became of them.
import { html, useEffect, useState } from "../lib/ui.js";
import { address, go } from "../lib/router.js";
import { clock } from "../lib/format.js";
import { Icon } from "../lib/icons.js";
import { toast } from "../lib/toast.js";
import { strings } from "../lib/strings.js";
import { keep, onHandedOver, pending, rescued, throwAway } from "../lib/outbox.js";
import { elapsed, isRecording, pause, recording, resume, stop } from "./recorder.js";

const words = strings.record;

export function useElapsed(ms = 200) {
  const [, again] = useState(0);
  const { state } = recording.value;
  useEffect(() => {
    if (state !== "recording") return undefined;
    const timer = setInterval(() => again((n) => n + 1), ms);
    return () => clearInterval(timer);
  }, [state, ms]);
  return elapsed();
}

/** Recordings whose end somebody waits for on the screen: the screen goes there, nobody needs to be told. */
export const awaited = new Set();

/** Ends the recording and goes to its entry as soon as there is one. */
export async function stopAndGo() {
  const key = await stop();
  if (!key) return;
  awaited.add(key);
  if (address.value.pathname !== "/record") go("/record");
  // Where the server does not answer soon, it is kept here; the outbox tells when it is there.
  setTimeout(() => {
    if (!awaited.delete(key)) return;
    const kept = pending.value.find((it) => it.key === key && !it.problem);
    if (kept) toast({ text: kept.trouble ? words.keptFor(kept.trouble) : words.keptHere, ms: 8000 });
  }, 8000);
}

onHandedOver(({ recording: it, job, problem }) => {
  const is_awaited = awaited.delete(it.key);
  if (problem) {
    toast({ text: words.refused(problem.message), kind: "error", ms: 10000, action: words.look, onAction: () => go("/record") });
  } else if (is_awaited && address.value.pathname === "/record") {
    go("/entry/" + job.id);
  } else {
    toast({ text: words.saved(clock(it.spoken_ms)), action: words.open, onAction: () => go("/entry/" + job.id) });
  }
});

export function RecordingPill() {
  const ms = useElapsed(500);
  const { state } = recording.value;
  const is_elsewhere = address.value.pathname !== "/record";
  return html`
    ${rescued.value.map((it) => html`<${Rescue} key=${it.key} recording=${it} />`)}
    ${is_elsewhere && isRecording() && html`
      <div class="pill" role="group" aria-label=${words.running}>
        <a class="pill-time tabular" href="/record"><span class=${"dot " + state}></span>${clock(ms)}<span class="visually-hidden">${words.back}</span></a>
        <button class="icon-button" aria-label=${state === "paused" ? words.resume : words.pause} onClick=${state === "paused" ? resume : pause}>
          <${Icon} name=${state === "paused" ? "mic" : "pause"} />
        </button>
        <button class="button" onClick=${stopAndGo}><${Icon} name="stop" size=${16} />${words.stop}</button>
      </div>`}`;
}

const Rescue = ({ recording: it }) => html`
  <div class="rescue card" role="alert">
    <p><strong>${words.rescued(clock(it.spoken_ms))}</strong> <span class="muted">${words.rescuedWhat}</span></p>
    <div class="row">
      <button class="button" onClick=${() => keep(it.key)}>${words.keep}</button>
      <button class="button plain" onClick=${() => throwAway(it.key)}>${words.discard}</button>
    </div>
  </div>`;
