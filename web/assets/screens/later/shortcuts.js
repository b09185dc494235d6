// All keys of the page in one table.
import { html } from "../../lib/ui.js";
import { strings } from "../../lib/strings.js";

const words = strings.shortcuts;

export const Shortcuts = () => html`
  <div class="shortcuts">
    <h1>${words.title}</h1>
    <p class="muted">${words.lead}</p>
    <div class="shortcuts-grid">
      ${words.groups.map(([name, keys]) => html`
        <section class="card" key=${name}>
          <h2>${name}</h2>
          <dl>${keys.map(([key, what]) => html`
            <div key=${key}><dt>${key.split(" ").map((it) => html`<kbd key=${it}>${it}</kbd> `)}</dt><dd>${what}</dd></div>`)}</dl>
        </section>`)}
    </div>
  </div>`;
