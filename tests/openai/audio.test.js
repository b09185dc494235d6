// The audio calls of the official npm SDK against the server of OPENAI_BASE_URL; see README.md.
import assert from "node:assert/strict";
import { createReadStream, readFileSync } from "node:fs";
import { test } from "node:test";
import OpenAI, { toFile } from "openai";

const MODEL = process.env.MODEL ?? "whisper-1";
const JFK = new URL("jfk.wav", process.env.CLIPS ? `file://${process.env.CLIPS}/` : new URL("../data/speech/", import.meta.url));
const client = new OpenAI({ apiKey: process.env.OPENAI_API_KEY ?? "anything", maxRetries: 0 });

const transcribe = (fields = {}, options = {}) =>
  client.audio.transcriptions.create(
    { file: createReadStream(JFK), model: MODEL, language: "en", ...fields }, options);

const refused = (kind, param, call) =>
  assert.rejects(call, (error) => {
    assert.ok(error instanceof kind, `${error}`);
    assert.equal(error.param, param);
    assert.ok(error.code && error.type && error.requestID, `${error}`);
    return true;
  });

test("every format is what the types say", async () => {
  const json = await transcribe();
  assert.match(json.text, /your country/);
  assert.equal(json.usage.type, "duration");
  const text = await transcribe({ response_format: "text" });
  assert.equal(typeof text, "string");
  assert.equal(text.trim(), json.text);
  assert.match(await transcribe({ response_format: "srt" }), /^1\n00:00:0\d,\d{3} --> /);
  assert.match(await transcribe({ response_format: "vtt" }), /^WEBVTT\n\n/);
  const verbose = await transcribe({ response_format: "verbose_json" });
  assert.equal(verbose.language, "english");
  assert.equal(verbose.segments.map((segment) => segment.text).join("").trim(), verbose.text);
  assert.equal(verbose.words, undefined);
});

test("only words gives words and no segments", async () => {
  const answer = await transcribe({ response_format: "verbose_json", timestamp_granularities: ["word"] });
  assert.equal(answer.segments, undefined);
  assert.ok(answer.words.length > 15);
  for (const [at, word] of answer.words.entries()) {
    assert.ok(word.start <= word.end && (at === 0 || answer.words[at - 1].end <= word.start));
  }
});

test("deltas join to the final text, with their logprobs", async () => {
  let joined = "", tokens = "", done;
  for await (const event of await transcribe({ stream: true, include: ["logprobs"] })) {
    if (event.type === "transcript.text.delta") {
      joined += event.delta;
      tokens += event.logprobs.map((one) => one.token).join("");
    } else {
      assert.equal(event.type, "transcript.text.done");
      done = event;
    }
  }
  assert.equal(joined, done.text);
  assert.equal(tokens, done.text);
  assert.equal(done.text, (await transcribe()).text);
  assert.equal(done.usage.type, "tokens");
});

test("fields come as this SDK writes them", async () => {
  const answer = await transcribe({
    chunking_strategy: { type: "server_vad", threshold: 0.5 }, temperature: 0, prompt: "And so my fellow Americans",
    keywords: ["Americans"],
  });
  assert.match(answer.text, /^And so,? my fellow Americans/i);
});

test("refusals are the errors of this SDK", async () => {
  await refused(OpenAI.BadRequestError, "response_format", transcribe({ response_format: "yaml" }));
  await refused(OpenAI.BadRequestError, "timestamp_granularities", transcribe({ timestamp_granularities: ["word"] }));
  await refused(OpenAI.NotFoundError, "model", transcribe({ model: "no-such-model" }));
  await refused(OpenAI.BadRequestError, "file",
    transcribe({ file: await toFile(Buffer.from("no sound at all ".repeat(99)), "x.mp3") }));
  await assert.rejects(client.models.retrieve("no-such-model"), OpenAI.NotFoundError);
});

test("the list of models has the name that works", async () => {
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  assert.ok(names.includes(MODEL), `${names}`);
  assert.equal((await client.models.retrieve(MODEL)).object, "model");
});

test("an aborted call cancels its work", async (t) => {
  const root = client.baseURL.replace(/\/v1\/?$/, "");
  const jobs = async () => (await (await fetch(`${root}/v1/jobs?limit=5`)).json()).items;
  if (!(await fetch(`${root}/v1/jobs`)).ok) return t.skip("this server has no /v1/jobs to look at");
  const whole = readFileSync(JFK);
  const begin = whole.indexOf("data") + 8;
  const sound = Buffer.concat(Array(40).fill(whole.subarray(begin)));
  const header = Buffer.from(whole.subarray(0, begin));
  header.writeUInt32LE(begin - 8 + sound.length, 4);
  header.writeUInt32LE(sound.length, begin - 4);
  const file = await toFile(Buffer.concat([header, sound]), "abort-js.wav");
  const away = new AbortController();
  const call = transcribe({ file, temperature: 0.1 }, { signal: away.signal });
  const mine = async () => (await jobs()).find((job) => job.file_name === "abort-js.wav");
  const until = async (good, seconds) => {
    for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
      if (good(await mine())) return;
      await new Promise((later) => setTimeout(later, 20));
    }
    assert.fail(JSON.stringify(await mine()));
  };
  const aborted = assert.rejects(call, OpenAI.APIUserAbortError);
  await until((job) => job !== undefined, 60);
  away.abort();
  await aborted;
  await until((job) => job.status === "cancelled", 1.5);
});
