// Screens that are seldom looked at: fetched when they are, or when the page has nothing else to do.
import { html, useEffect, useState } from "../lib/ui.js";
import { strings } from "../lib/strings.js";

const setup = () => import("./later/setup.js");
const loads = [setup, () => import("./later/engine.js"), () => import("./later/trash.js"), () => import("./later/shortcuts.js")];

/** A component that is fetched first; `otherwise` says what stands there until then, and where it cannot be had. */
function later(load, name, otherwise) {
  let known = null;
  return (props) => {
    const [Found, setFound] = useState(() => known);
    const [has_failed, setFailed] = useState(false);
    const fetchIt = () => {
      setFailed(false);
      load().then((module) => { known = module[name]; setFound(() => known); }, () => setFailed(true));
    };
    useEffect(() => { if (!Found) fetchIt(); }, []);
    return Found ? html`<${Found} ...${props} />` : otherwise(props, has_failed, fetchIt);
  };
}

const notYet = (_, has_failed, again) => (has_failed
  ? html`
    <section class="empty" role="alert">
      <h1>${strings.later.title}</h1><p>${strings.later.text}</p><button class="button" onClick=${again}>${strings.retry}</button>
    </section>`
  : null);

export const Setup = later(setup, "Setup", notYet);
export const Engine = later(loads[1], "Engine", notYet);
export const Trash = later(loads[2], "Trash", notYet);
export const Shortcuts = later(loads[3], "Shortcuts", notYet);
export const FirstRun = later(setup, "FirstRun", ({ children }, has_failed) => (has_failed ? children : null));

const IDLE_MS = 4_000;

/** What was fetched once is there when the server is not. */
export const fetchTheRest = () => setTimeout(() => loads.forEach((load) => load().catch(() => {})), IDLE_MS);
