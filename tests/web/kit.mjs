// What the suites share: a server on a data folder of its own, and a Chromium whose microphone plays a recording.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"];

/** A folder that is gone when the process is. */
export function scratch() {
  const dir = mkdtempSync(join(tmpdir(), "diarist-web-"));
  process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export class Server {
  static async start({ data = join(scratch(), "data"), bind = "127.0.0.1:0", env = {} } = {}) {
    const server = new Server();
    Object.assign(server, { data, env });
    await server.#run(bind);
    process.on("exit", () => server.process.kill("SIGKILL"));
    return server;
  }

  async #run(bind) {
    const clean = { ...process.env, DIARIST__WHISPER__MODEL: "tiny.en", ...this.env };
    for (const key of ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MISTRAL_API_KEY", "DIARIST_URL"]) delete clean[key];
    this.process = spawn(process.env.DIARIST, ["--data-dir", this.data, "serve", "--bind", bind],
      { env: clean, stdio: ["ignore", "pipe", "inherit"] });
    const line = await new Promise((resolve, reject) => {
      let text = "";
      this.process.stdout.on("data", (bytes) => { text += bytes; if (text.includes("\n")) resolve(text); });
      this.process.on("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    });
    this.url = JSON.parse(line).url;
  }

  /** Ends it as a power cut would. */
  async kill() {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGKILL");
    await ended;
  }

  async restart() {
    await this.#run(new URL(this.url).host);
  }

  async get(path) {
    const answer = await fetch(this.url + path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Hands a recording in. */
  async hand_in(file, options = {}) {
    const form = new FormData();
    form.append("options", JSON.stringify({ word_timestamps: true, ...options }));
    form.append("file", new Blob([readFileSync(file)]), file.split("/").pop());
    const answer = await fetch(this.url + "/v1/jobs", { method: "POST", body: form });
    return (await answer.json()).id;
  }

  /** Hands a recording in and waits for its end. */
  async done(file, options = {}) {
    return this.finished(await this.hand_in(file, options));
  }

  async finished(id) {
    return until(async () => {
      const job = await this.get("/v1/jobs/" + id);
      return ["done", "failed", "cancelled"].includes(job.status) && job;
    }, 120_000, `job ${id} to end`);
  }
}

/** Asks until the answer is true; the process that is waited for cannot call back. */
export async function until(ask, ms = 30_000, what = "it") {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const clip = (name) => join(process.env.SPEECH, name);

/** A recording as a microphone gives it: once, then silence, so that it does not begin anew. */
export function microphone(name, silence_s = 60) {
  const wav = readFileSync(clip(name));
  return longer(wav, Buffer.alloc(wav.readUInt32LE(28) * silence_s), name);
}

/** A recording so many times over. */
export function repeated(name, times) {
  const wav = readFileSync(clip(name));
  const sound = wav.subarray(wav.indexOf("data") + 8);
  return longer(wav, Buffer.concat(Array(times - 1).fill(sound)), name);
}

function longer(wav, rest, name) {
  const whole = Buffer.concat([wav, rest]);
  whole.writeUInt32LE(whole.length - 8, 4);
  const at = whole.indexOf("data");
  whole.writeUInt32LE(whole.length - at - 8, at + 4);
  const path = join(scratch(), name);
  writeFileSync(path, whole);
  return path;
}

export async function browser({ mic, profile } = {}) {
  const args = [...BROWSER];
  if (mic) args.push("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-audio-capture=${mic}`);
  const options = { executablePath: process.env.CHROMIUM, args, headless: true };
  if (profile) return chromium.launchPersistentContext(profile, { ...options, permissions: ["microphone"] });
  return chromium.launch(options);
}

/** A page on which every error of a script fails the test. */
export async function page(context, url) {
  const tab = await context.newPage();
  tab.faults = [];
  tab.on("pageerror", (error) => tab.faults.push(String(error)));
  tab.on("console", (message) => {
    const harmless = /Failed to load resource|ERR_CONNECTION_REFUSED|net::ERR/.test(message.text());
    if (message.type() === "error" && !harmless) tab.faults.push(message.text());
  });
  await tab.goto(url);
  return tab;
}

/** The model is got once; nothing is skipped for want of it. */
export function ensureModel() {
  const got = spawnSync(process.env.DIARIST, ["models", "pull", "tiny.en"], { encoding: "utf8" });
  if (got.status !== 0) throw new Error(got.stderr);
}
