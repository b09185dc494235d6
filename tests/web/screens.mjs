// Pictures of every screen at three widths, light and dark.
// usage: screens.mjs DIR
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Server, browser, clip, ensureModel, microphone, page } from "./kit.mjs";

const to = process.argv[2];
mkdirSync(to, { recursive: true });
ensureModel();
const server = await Server.start();
const sample = await (await fetch(server.url + "/v1/demo", { method: "POST" })).json();
for (const name of ["austen-0870", "austen-0890", "lj050-0131", "jfk"]) await server.done(clip(`${name}.wav`), { tags: ["reading"] });
await server.finished(sample.id);
const empty = await Server.start({ env: { DIARIST__STORAGE__MODELS_DIR: join(server.data, "no-models") } });
const chrome = await browser({ mic: microphone("jfk.wav") });

const screens = {
  diary: "/", entry: `/entry/${sample.id}`, find: "/find?q=grandfather", record: "/record", setup: "/setup",
  trash: "/trash", shortcuts: "/shortcuts",
};
for (const colorScheme of ["light", "dark"]) {
  for (const width of [390, 1024, 1600]) {
    const viewport = { width, height: width === 390 ? 844 : 900 };
    const context = await chrome.newContext({ colorScheme, viewport, permissions: ["microphone"] });
    const shoot = async (name, url, act) => {
      const tab = await page(context, url);
      await tab.getByRole("heading", { level: 1 }).first().waitFor();
      if (act) await act(tab);
      await tab.waitForTimeout(700);
      await tab.screenshot({ path: join(to, `${name}-${width}-${colorScheme}.png`) });
      await tab.close();
    };
    for (const [name, path] of Object.entries(screens)) await shoot(name, server.url + path);
    // The engine while it is at work.
    const jobs = [];
    for (let n = 0; n < 12; n++) jobs.push(await server.hand_in(clip("austen-0870.wav"), { force: true, language: "en" }));
    await shoot("engine", server.url + "/engine");
    for (const job of jobs) {
      await server.finished(job);
      await fetch(`${server.url}/v1/jobs/${job}`, { method: "DELETE" });
    }
    await shoot("recording", server.url + "/record", async (tab) => {
      await tab.getByRole("button", { name: /^(start )?record/i }).click();
      await tab.waitForTimeout(2500);
    });
    await shoot("first-run", empty.url + "/");
    await context.close();
  }
}
await chrome.close();
await server.kill();
await empty.kill();
