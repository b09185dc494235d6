// The level of the microphone, drawn as the last seconds of sound; still, where motion is not wanted.
import { html, signal, useEffect, useRef } from "../lib/ui.js";
import { analyser, recording } from "./recorder.js";

const STEP = 5;
const QUIET = 0.012;
const QUIET_MS = 5_000;

/** Whether the microphone has given nothing for a while. */
export const isSilent = signal(false);

function level(node, samples) {
  node.getFloatTimeDomainData(samples);
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  // Speech lies low on a straight scale.
  return Math.min(1, Math.sqrt(Math.sqrt(sum / samples.length) * 2.2));
}

export function Meter() {
  const canvas = useRef(null);
  const node = analyser.value;
  const is_live = recording.value.state === "recording";
  useEffect(() => {
    isSilent.value = false;
    if (!canvas.current) return undefined;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const history = canvas.current.history ||= [];
    if (!node || !is_live) {
      if (!node) history.length = 0;
      draw(canvas.current, history, calm);
      return undefined;
    }
    const samples = new Float32Array(node.fftSize);
    let heard = performance.now();
    const timer = setInterval(() => {
      const now = level(node, samples);
      if (now * now > QUIET) heard = performance.now();
      isSilent.value = performance.now() - heard > QUIET_MS;
      history.push(now);
      if (history.length > 600) history.shift();
      draw(canvas.current, history, calm);
    }, calm ? 250 : 50);
    return () => clearInterval(timer);
  }, [node, is_live]);
  return html`<canvas class="meter" ref=${canvas} aria-hidden="true"></canvas>`;
}

function draw(canvas, history, calm) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const scale = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * scale)) { canvas.width = width * scale; canvas.height = height * scale; }
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  const middle = height / 2;
  if (calm) {
    const now = history[history.length - 1] || 0;
    pen.fillStyle = style.getPropertyValue("--line");
    pen.fillRect(0, middle - 4, width, 8);
    pen.fillStyle = style.getPropertyValue("--accent");
    pen.fillRect(0, middle - 4, width * now, 8);
    return;
  }
  const bars = Math.floor(width / STEP);
  for (let i = 0; i < bars; i += 1) {
    const at = history.length - bars + i;
    const size = at >= 0 ? Math.max(3, history[at] * height) : 3;
    pen.fillStyle = style.getPropertyValue(at >= 0 ? "--accent" : "--line");
    pen.beginPath();
    pen.roundRect(i * STEP, middle - size / 2, 3, size, 1.5);
    pen.fill();
  }
}
