// How long the page takes, as a table: first load, layout shift, the list and the search over 10,000 entries.
// usage: measure.mjs DATA_DIR     a data folder that was filled with entries
import { Server, browser } from "./kit.mjs";

const RUNS = 7;
const data = process.argv[2];
const server = await Server.start(data ? { data } : {});
const chrome = await browser();
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const row = (what, list) => console.log(`| ${what} | ${median(list).toFixed(0)} | ${Math.min(...list).toFixed(0)} | ${Math.max(...list).toFixed(0)} |`);

const { total } = await server.get("/v1/entries?limit=1");
console.log(`${total} entries, ${RUNS} runs, each in a browser context of its own\n`);
console.log("| | median ms | min | max |\n|---|---|---|---|");

const loads = [], lists = [], shifts = [], finds = [], scrolls = [];
for (let i = 0; i < RUNS; i += 1) {
  const context = await chrome.newContext({ viewport: { width: 1280, height: 900 }, serviceWorkers: "block" });
  const tab = await context.newPage();
  await tab.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => { for (const it of list.getEntries()) if (!it.hadRecentInput) window.shift += it.value; })
      .observe({ type: "layout-shift", buffered: true });
    const seen = new MutationObserver(() => {
      const now = performance.now();
      if (!window.usable && document.querySelector("h1") && document.querySelector("nav a")) window.usable = now;
      if (!window.listed && document.querySelector("[data-entry]")) window.listed = now;
    });
    seen.observe(document, { childList: true, subtree: true });
  });
  await tab.goto(server.url + "/");
  await tab.waitForFunction(() => window.usable);
  loads.push(await tab.evaluate(() => window.usable));
  if (total > 0) {
    await tab.waitForFunction(() => window.listed);
    lists.push(await tab.evaluate(() => window.listed));
    await tab.waitForTimeout(700);
    scrolls.push(await tab.evaluate(async () => {
      const box = [...document.querySelectorAll("main, main *")].find((it) => it.scrollHeight > it.clientHeight + 2000 && getComputedStyle(it).overflowY !== "visible") || document.scrollingElement;
      let worst = 0, last = performance.now();
      for (let n = 0; n < 60; n += 1) {
        box.scrollTop += 700;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        if (n > 2) worst = Math.max(worst, now - last);
        last = now;
      }
      return worst;
    }));
    await tab.goto(server.url + "/find");
    const box = tab.getByRole("searchbox");
    await box.waitFor();
    finds.push(await tab.evaluate(async () => {
      const input = document.querySelector("input[type=search]");
      const begun = performance.now();
      input.value = "garden";
      input.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((resolve) => {
        const seen = new MutationObserver(() => { if (document.querySelector("main mark")) { seen.disconnect(); resolve(); } });
        seen.observe(document, { childList: true, subtree: true });
      });
      return performance.now() - begun;
    }));
  }
  shifts.push(1000 * await tab.evaluate(() => window.shift));
  await context.close();
}
row("first load until usable", loads);
if (total > 0) {
  row("list of entries is there", lists);
  row("search, from the key to the marked sentence", finds);
  row("longest frame while scrolling 42,000 px", scrolls);
}
row("layout shift, in thousandths", shifts);
await chrome.close();
await server.kill();
