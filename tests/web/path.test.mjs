// The whole path of one person, with a voice at the microphone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Server, browser, ensureModel, microphone, page, repeated, until } from "./kit.mjs";

let server, chrome, tab;

before(async () => {
  ensureModel();
  server = await Server.start();
  chrome = await browser({ mic: microphone("jfk.wav") });
  // Wide enough that the note and the transcript stand side by side.
  const context = await chrome.newContext({ permissions: ["microphone"], viewport: { width: 1600, height: 900 } });
  tab = await page(context, server.url + "/record");
});

after(async () => {
  await chrome?.close();
  await server?.kill();
});

test("what is spoken becomes a transcript while one looks on, and then a note", async () => {
  await tab.getByRole("button", { name: /^(start )?record/i }).click();
  await until(async () => (await server.get("/v1/recordings")).items[0]?.offset > 0, 15_000, "the first piece");
  await tab.waitForTimeout(12_500);
  await tab.getByRole("button", { name: /^(stop|finish)/i }).first().click();
  await tab.waitForURL(/\/entry\//, { timeout: 20_000 });
  const words = tab.locator("[data-words], .transcript").first();
  await words.getByText(/fellow Americans/i).first().waitFor({ timeout: 60_000 });
  const id = new URL(tab.url()).pathname.split("/").pop();
  assert.equal((await server.finished(id)).status, "done");
  await tab.locator("article.note, .note").first().getByText(/country/i).first().waitFor({ timeout: 20_000 });
});

test("a click on a word plays from there within 0.3 s", async () => {
  const word = tab.locator(".transcript [data-start], .transcript [data-t]").filter({ hasText: /^\s*country/i }).first();
  await word.scrollIntoViewIfNeeded();
  const at = Number(await word.evaluate((it) => it.dataset.start ?? it.dataset.t)) / 1000;
  const took = await word.evaluate((it) => new Promise((resolve) => {
    const audio = document.querySelector("audio");
    const begun = performance.now();
    audio.addEventListener("playing", () => resolve(performance.now() - begun), { once: true });
    it.click();
  }));
  const now = await tab.evaluate(() => document.querySelector("audio").currentTime);
  assert.ok(Math.abs(now - at) < 0.5, `${now} s is not ${at} s`);
  assert.ok(took <= 300, `took ${took} ms`);
  await until(async () => await tab.evaluate(() => !document.querySelector("audio").paused), 2_000, "the sound");
});

test("the word that is being spoken is lit", async () => {
  await until(async () => await tab.locator(".transcript .lit, .transcript [aria-current=true]").count() > 0, 5_000, "a lit word");
});

test("the search finds the sentence and plays it", async () => {
  await tab.goto(server.url + "/find");
  await tab.getByRole("searchbox").fill("country");
  const hit = tab.locator("main mark").first();
  await hit.waitFor({ timeout: 10_000 });
  await hit.click();
  await tab.waitForURL(/\/entry\/.*t=\d+/, { timeout: 10_000 });
});

test("what is deleted is gone, and undone it is back", async () => {
  await tab.goto(server.url + "/");
  const row = tab.locator("[data-entry], .entry-row").first();
  await row.waitFor();
  await row.hover();
  await row.getByRole("button", { name: /delete|more|actions/i }).first().click();
  const item = tab.getByRole("menuitem", { name: /delete/i });
  if (await item.count()) await item.first().click();
  await until(async () => (await server.get("/v1/entries")).total === 0, 5_000, "the entry to go");
  await tab.getByRole("button", { name: /undo/i }).click();
  await until(async () => (await server.get("/v1/entries")).total === 1, 5_000, "the entry to be back");
});

test("words are there while they are heard, until their sentence is", async () => {
  const id = await server.hand_in(repeated("jfk.wav", 3));
  await tab.goto(`${server.url}/entry/${id}`);
  await tab.locator(".hearing").getByText(/[a-z]{3}/i).first().waitFor({ timeout: 60_000 });
  assert.equal((await server.finished(id)).status, "done");
  await tab.locator(".transcript .word").first().waitFor({ timeout: 20_000 });
  await tab.locator(".hearing").first().waitFor({ state: "detached", timeout: 5_000 });
});

test("no script has failed on the way", () => assert.deepEqual(tab.faults, []));
