// For those who do not see the page or do not use a mouse: axe on every screen, and the path by keyboard alone.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { Server, browser, clip, ensureModel, microphone, page, until } from "./kit.mjs";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const SERIOUS = ["serious", "critical"];
let server, chrome, entry;

before(async () => {
  ensureModel();
  server = await Server.start();
  entry = (await server.done(clip("jfk.wav"), { tags: ["speech"] })).id;
  await server.done(clip("lj050-0131.wav"));
  chrome = await browser({ mic: microphone("austen-0930.wav") });
});
after(async () => {
  await chrome?.close();
  await server?.kill();
});

const screens = () => ["/", `/entry/${entry}`, "/find?q=country", "/record", "/setup", "/engine", "/trash", "/shortcuts", "/nowhere"];

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing serious on any screen, ${colorScheme}`, async () => {
    for (const viewport of [{ width: 390, height: 844 }, { width: 1600, height: 1000 }]) {
      const context = await chrome.newContext({ colorScheme, viewport, bypassCSP: true, reducedMotion: "reduce" });
      for (const path of screens()) {
        const tab = await page(context, server.url + path);
        await tab.getByRole("heading", { level: 1 }).first().waitFor();
        await tab.waitForTimeout(400);
        await tab.addScriptTag({ path: AXE });
        const found = await tab.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
        const told = found.violations.filter((it) => SERIOUS.includes(it.impact))
          .map((it) => `${it.id}: ${it.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
        assert.deepEqual(told, [], `${path} at ${viewport.width}`);
        await tab.close();
      }
      await context.close();
    }
  });
}

/** Presses Tab until what has the focus fits; a person who cannot get there is stuck. */
async function tabTo(tab, fits, what) {
  for (let i = 0; i < 120; i += 1) {
    await tab.keyboard.press("Tab");
    const found = await tab.evaluate((source) => {
      const it = document.activeElement;
      const shown = it && it !== document.body && it.getClientRects().length > 0;
      return shown && new RegExp(source, "i").test(it.getAttribute("aria-label") || it.innerText || it.placeholder || "");
    }, fits.source);
    if (found) return;
  }
  assert.fail(`Tab never came to ${what}`);
}

test("the whole path with the keyboard alone", async () => {
  const context = await chrome.newContext({ permissions: ["microphone"] });
  const tab = await page(context, server.url + "/");
  await tab.getByRole("heading", { level: 1 }).first().waitFor();
  await tab.keyboard.press("Tab");
  assert.match(await tab.evaluate(() => document.activeElement.innerText), /skip/i);

  await tab.keyboard.press("r");
  await tab.waitForURL(/\/record/);
  await tabTo(tab, /^(start )?record/, "the button that records");
  await tab.keyboard.press("Enter");
  await until(async () => (await server.get("/v1/recordings")).items[0]?.offset > 0, 15_000, "the first piece");
  await tab.waitForTimeout(4_500);
  await tabTo(tab, /^(stop|finish)/, "the button that stops");
  await tab.keyboard.press("Enter");
  await tab.waitForURL(/\/entry\//, { timeout: 20_000 });
  const id = new URL(tab.url()).pathname.split("/").pop();
  await server.finished(id);

  await tab.keyboard.press(" ");
  await until(async () => await tab.evaluate(() => document.querySelector("audio") && !document.querySelector("audio").paused), 5_000, "the sound");
  await tab.keyboard.press(" ");

  await tab.keyboard.press("/");
  await tab.waitForURL(/\/find/);
  await until(async () => await tab.evaluate(() => document.activeElement.type === "search"), 5_000, "the search to have the focus");
  await tab.keyboard.type("country");
  await tab.locator("main mark").first().waitFor({ timeout: 10_000 });
  await tab.keyboard.press("ArrowDown");
  await tab.keyboard.press("Enter");
  await tab.waitForURL(/\/entry\//, { timeout: 10_000 });

  await tab.goto(server.url + "/entry/" + id);
  await tab.getByRole("heading", { level: 1 }).first().waitFor();
  await tabTo(tab, /delete|more|actions/, "the menu of the entry");
  await tab.keyboard.press("Enter");
  if (!(await tab.getByRole("button", { name: /undo/i }).count())) {
    const item = tab.getByRole("menuitem", { name: /delete/i });
    await item.waitFor();
    for (let i = 0; i < 30 && !(await item.evaluate((it) => it === document.activeElement)); i += 1) await tab.keyboard.press("ArrowDown");
    await tab.keyboard.press("Enter");
  }
  await until(async () => (await server.get("/v1/jobs/" + id)).trashed_at, 5_000, "the entry to be in the trash");
  await tabTo(tab, /undo/, "undo");
  await tab.keyboard.press("Enter");
  await until(async () => !(await server.get("/v1/jobs/" + id)).trashed_at, 5_000, "the entry to be back");
  assert.deepEqual(tab.faults, []);
  await context.close();
});
