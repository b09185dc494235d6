// A question that is answered before anything is lost: the browser's own dialog, which keeps and returns the focus.
import { html, render } from "./ui.js";
import { strings } from "./strings.js";

/** @returns {Promise<boolean>} */
export function ask({ title, text, yes, no = strings.cancel, danger = false }) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "ask-title");
  document.body.append(dialog);
  render(html`
    <form method="dialog" class="stack">
      <h2 id="ask-title">${title}</h2>
      ${text && html`<p class="muted">${text}</p>`}
      <div class="row ask-answers">
        <button type="button" class="button plain" autofocus onClick=${() => dialog.close("no")}>${no}</button>
        <button type="button" class=${"button" + (danger ? " danger" : "")} onClick=${() => dialog.close("yes")}>${yes}</button>
      </div>
    </form>`, dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
  });
}
