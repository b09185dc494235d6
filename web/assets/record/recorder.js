// The one recording of this page: it goes on while its speaker walks through other screens.
import { signal } from "../lib/ui.js";
import { localRfc3339 } from "../lib/api.js";
import { store } from "../lib/outbox-store.js";
import { care, nudge, refresh, throwAway } from "../lib/outbox.js";
import { chosenOptions } from "./choice.js";

/** state: idle | asking | recording | paused | saving. `fault` is why there is no recording. */
export const recording = signal({ state: "idle", key: null });
export const fault = signal(null);
export const microphones = signal([]);
/** What the meter listens to; null while nobody records. */
export const analyser = signal(null);

const SLICE_MS = 1_000;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/ogg;codecs=opus", "audio/webm"];

let live = null;

/** How long has been recorded, without the pauses. */
export function elapsed() {
  if (!live) return 0;
  return live.spoken_ms + (live.since === null ? 0 : performance.now() - live.since);
}

export const isRecording = () => ["recording", "paused"].includes(recording.value.state);

/** Why this page cannot record at all: "insecure", "unsupported", or nothing. */
export function obstacle() {
  if (!globalThis.isSecureContext) return "insecure";
  if (!navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) return "unsupported";
  return null;
}

export async function listMicrophones() {
  const found = await navigator.mediaDevices?.enumerateDevices?.().catch(() => []) || [];
  microphones.value = found.filter((it) => it.kind === "audioinput" && it.deviceId);
}

export const chosenMicrophone = signal(localStorage.getItem("diarist.microphone") || "");
export function chooseMicrophone(id) {
  chosenMicrophone.value = id;
  localStorage.setItem("diarist.microphone", id);
}

// Whisper is used to noise; what browsers do against it takes the ends of words away. Quiet voices are lifted.
const constraints = (device) => ({
  audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true, ...(device && { deviceId: { exact: device } }) },
});

async function openMicrophone() {
  try {
    return await navigator.mediaDevices.getUserMedia(constraints(chosenMicrophone.value));
  } catch (error) {
    // The chosen one was pulled out: any other is better than silence.
    if (!chosenMicrophone.value || !["OverconstrainedError", "NotFoundError"].includes(error.name)) throw error;
    chooseMicrophone("");
    return navigator.mediaDevices.getUserMedia(constraints(""));
  }
}

const FAULTS = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing", OverconstrainedError: "missing", NotReadableError: "busy", AbortError: "busy" };

export async function start() {
  if (recording.value.state !== "idle") return;
  fault.value = obstacle();
  if (fault.value) return;
  recording.value = { state: "asking", key: null };
  try {
    const stream = await openMicrophone();
    await begin(stream);
  } catch (error) {
    live?.stream.getTracks().forEach((track) => track.stop());
    live = null;
    analyser.value = null;
    recording.value = { state: "idle", key: null };
    fault.value = FAULTS[error.name] || "unsupported";
  }
}

async function begin(stream) {
  const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 64_000 });
  const key = crypto.randomUUID();
  const row = {
    key, media_type: (recorder.mimeType || mimeType || "audio/webm").split(";")[0], recorded_at: localRfc3339(new Date()), options: chosenOptions(),
    remote: null, sent: 0, bytes: 0, spoken_ms: 0, ended: false, created: Date.now(),
  };
  live = { key, row, stream, recorder, spoken_ms: 0, since: performance.now(), writing: Promise.resolve() };
  recorder.ondataavailable = (event) => { if (event.data.size) keepPiece(live, event.data); };
  recorder.onerror = () => stop();
  // A microphone that is pulled out ends the recording; what was spoken stays.
  stream.getAudioTracks()[0].onended = () => stop();
  await new Promise((ready, failed) => { care(key, () => store.putRecording(row).then(ready, failed)); });
  recorder.start(SLICE_MS);
  live.since = performance.now();
  listen(stream);
  recording.value = { state: "recording", key };
  stayAwake();
  navigator.storage?.persist?.().catch(() => {});
  listMicrophones();
}

function listen(stream) {
  live.context = new AudioContext();
  const node = live.context.createAnalyser();
  node.fftSize = 1024;
  live.context.createMediaStreamSource(stream).connect(node);
  live.context.resume?.();
  analyser.value = node;
}

/** Pieces are written in the order in which they were spoken; each is on the disk before the next. */
function keepPiece(of, blob) {
  const spoken_ms = Math.round(elapsed());
  of.writing = of.writing.then(async () => {
    const data = await blob.arrayBuffer();
    const start = of.row.bytes;
    of.row.bytes += data.byteLength;
    of.row.spoken_ms = spoken_ms;
    await store.putPiece(of.row, { key: of.key, start, data });
    nudge(of.key);
  });
}

export function pause() {
  if (recording.value.state !== "recording") return;
  live.recorder.requestData();
  live.recorder.pause();
  live.spoken_ms = elapsed();
  live.since = null;
  recording.value = { ...recording.value, state: "paused" };
}

export function resume() {
  if (recording.value.state !== "paused") return;
  live.recorder.resume();
  live.since = performance.now();
  recording.value = { ...recording.value, state: "recording" };
}

/** Ends the sound and lets go of the microphone; resolves when all of it is written down here. */
async function finish() {
  const ended = live;
  ended.spoken_ms = elapsed();
  ended.since = null;
  recording.value = { ...recording.value, state: "saving" };
  if (ended.recorder.state !== "inactive") {
    await new Promise((resolve) => { ended.recorder.onstop = resolve; ended.recorder.stop(); });
  }
  ended.stream.getTracks().forEach((track) => { track.onended = null; track.stop(); });
  ended.context?.close().catch(() => {});
  ended.lock?.release().catch(() => {});
  analyser.value = null;
  await ended.writing;
  live = null;
  return ended.key;
}

/** Keeps what was spoken. Resolves with its key when it is safe in this browser; the outbox brings it to the server. */
export async function stop() {
  if (!isRecording()) return null;
  const key = await finish();
  await store.change(key, (it) => { it.ended = true; });
  nudge(key, true);
  await refresh();
  recording.value = { state: "idle", key: null };
  return key;
}

export async function discard() {
  if (!isRecording()) return;
  const key = await finish();
  await throwAway(key);
  recording.value = { state: "idle", key: null };
}

/** A phone whose screen goes dark may take the microphone away. */
async function stayAwake() {
  if (!live || document.hidden) return;
  live.lock = await navigator.wakeLock?.request("screen").catch(() => null);
}
document.addEventListener("visibilitychange", stayAwake);

navigator.mediaDevices?.addEventListener?.("devicechange", listMicrophones);

addEventListener("beforeunload", (event) => {
  // Whatever is written down here outlives the page; only the second that is being spoken does not.
  if (recording.value.state === "recording" || recording.value.state === "saving" || store.holdsInMemory()) event.preventDefault();
});
