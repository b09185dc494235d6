// A recording outlives its tab, its browser and its server.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { Server, browser, ensureModel, microphone, page, scratch, until } from "./kit.mjs";

const SPOKEN_MS = 8_000;
let server;

before(async () => {
  ensureModel();
  server = await Server.start();
});
after(() => server?.kill());

/** Records for a while in a browser with its own profile; the ways it can end are up to the test. */
async function recording(profile) {
  const context = await browser({ mic: microphone("jfk.wav"), profile });
  const tab = await page(context, server.url + "/record");
  await tab.getByRole("button", { name: /^(start )?record/i }).click();
  await until(async () => await tab.evaluate(() => document.body.innerText.includes("0:01")), 20_000, "the timer");
  await tab.waitForTimeout(SPOKEN_MS);
  return { context, tab };
}

const crash = async (tab) => {
  const session = await tab.context().newCDPSession(tab);
  await session.send("Page.crash").catch(() => {});
};

async function whole(least_ms) {
  const kept = await until(async () => (await server.get("/v1/entries")).items[0], 60_000, "an entry");
  const job = await server.finished(kept.id);
  assert.equal(job.status, "done", JSON.stringify(job.error));
  assert.ok(job.audio.duration_ms >= least_ms, `${job.audio.duration_ms} ms of ${least_ms} are there`);
  return job;
}

test("a tab killed in the middle of a recording loses at most the last two seconds", async () => {
  const profile = join(scratch(), "profile");
  const { context, tab } = await recording(profile);
  crash(tab);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const again = await page(context, server.url + "/");
  await whole(SPOKEN_MS - 2_000);
  assert.deepEqual(again.faults, []);
  await context.close();
});

test("a server killed while somebody speaks gets everything when it is back", async () => {
  const before = (await server.get("/v1/entries")).total;
  const profile = join(scratch(), "profile");
  const { context, tab } = await recording(profile);
  await server.kill();
  await tab.waitForTimeout(3_000);
  await tab.getByRole("button", { name: /^(stop|finish)/i }).first().click();
  await tab.waitForTimeout(500);
  await server.restart();
  await until(async () => (await server.get("/v1/entries")).total === before + 1, 60_000, "the second entry");
  await whole(SPOKEN_MS + 1_000);
  await context.close();
});
