// What the first load weighs, where it comes from, and what it may do.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Server, browser, page } from "./kit.mjs";

const LIMIT_BYTES = 150_000;
let server, chrome;

before(async () => {
  server = await Server.start();
  chrome = await browser();
});
after(async () => {
  await chrome?.close();
  await server?.kill();
});

test("the first load weighs at most 150 KB and comes from this server alone", async () => {
  const context = await chrome.newContext({ serviceWorkers: "block" });
  const tab = await context.newPage();
  const session = await context.newCDPSession(tab);
  await session.send("Network.enable");
  let bytes = 0;
  const hosts = new Set();
  session.on("Network.loadingFinished", (done) => { bytes += done.encodedDataLength; });
  session.on("Network.requestWillBeSent", ({ request }) => { if (request.url.startsWith("http")) hosts.add(new URL(request.url).host); });
  await tab.goto(server.url + "/", { waitUntil: "load" });
  await tab.getByRole("heading", { level: 1 }).first().waitFor();
  assert.deepEqual([...hosts], [new URL(server.url).host]);
  console.log(`first load: ${bytes} bytes`);
  assert.ok(bytes <= LIMIT_BYTES, `${bytes} bytes`);
});

test("the policy of the page lets no foreign script, style or frame in", async () => {
  const answer = await fetch(server.url + "/");
  const policy = answer.headers.get("content-security-policy");
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
    assert.ok(policy.includes(part), policy);
  }
  assert.ok(!policy.includes("unsafe"), policy);
  const tab = await page(await chrome.newContext(), server.url + "/");
  const ran = await tab.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.head.append(script);
    return Boolean(window.ran);
  });
  assert.equal(ran, false);
});

test("every screen is there by its address, and nonsense is told", async () => {
  for (const path of ["/", "/record", "/find", "/trash", "/setup", "/engine", "/shortcuts"]) {
    const tab = await page(await chrome.newContext(), server.url + path);
    await tab.getByRole("heading", { level: 1 }).first().waitFor();
    assert.deepEqual(tab.faults, [], path);
    await tab.close();
  }
  assert.equal((await fetch(server.url + "/assets/none.js")).status, 404);
});
