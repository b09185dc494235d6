// The engine screen: the live tree, and what is ordered from it, with the keyboard and at any width.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Server, browser, page, until } from "./kit.mjs";

let server, chrome;

before(async () => {
  server = await Server.start();
  chrome = await browser();
});
after(async () => {
  await chrome?.close();
  await server?.kill();
});

const actor = (path) => server.get("/v1/admin/actors?path=" + path).then((told) => told.root);

test("an actor is restarted from the page, after a question, with the keyboard alone", async () => {
  const tab = await page(await chrome.newContext(), server.url + "/engine");
  const button = tab.getByRole("button", { name: "Restart janitor" });
  await button.waitFor();
  await button.focus();
  await tab.keyboard.press("Enter");
  await tab.getByRole("dialog", { name: "Restart janitor?" }).waitFor();
  await tab.keyboard.press("Escape");
  await until(async () => (await tab.getByRole("dialog").count()) === 0, 5_000, "the dialog to close");
  assert.equal((await actor("root/janitor")).restarts, 0);
  await button.focus();
  await tab.keyboard.press("Enter");
  await tab.getByRole("dialog").getByRole("button", { name: "Restart" }).press("Enter");
  await tab.getByText("restarted once").waitFor();
  assert.equal((await actor("root/janitor")).restarts, 1);
  assert.deepEqual(tab.faults, []);
  await tab.close();
});

test("nothing runs off the screen at any width", async () => {
  for (const width of [390, 768, 1024, 1600]) {
    const tab = await page(await chrome.newContext({ viewport: { width, height: 900 } }), server.url + "/engine");
    await tab.getByRole("button", { name: "Restart whisper" }).waitFor();
    const over = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `${over} px too wide at ${width}`);
    await tab.close();
  }
});

test("the server is drained from the page, and says so to everybody who looks", async () => {
  const context = await chrome.newContext();
  const [tab, other] = [await page(context, server.url + "/engine"), await page(context, server.url + "/engine")];
  await other.getByRole("button", { name: "Drain the server" }).waitFor();
  await tab.getByRole("button", { name: "Drain the server" }).click();
  await tab.getByRole("dialog").getByRole("button", { name: "Drain the server" }).click();
  for (const each of [tab, other]) await each.getByText("Takes no new work").waitFor();
  assert.equal((await fetch(server.url + "/health/ready")).status, 503);
  assert.deepEqual([...tab.faults, ...other.faults], []);
});
