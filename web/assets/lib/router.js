// Which screen the address asks for. Links are plain links; only left clicks on our own are taken over.
import { signal } from "./ui.js";

export const address = signal(new URL(location.href));

export function go(path, { replace = false } = {}) {
  const next = new URL(path, location.href);
  if (next.href === location.href) return;
  history[replace ? "replaceState" : "pushState"](null, "", next);
  address.value = next;
}

addEventListener("popstate", () => { address.value = new URL(location.href); });

addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest?.("a[href]");
  if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  const is_ours = ["/", "/record", "/find", "/trash", "/setup", "/engine", "/shortcuts"].includes(link.pathname) || link.pathname.startsWith("/entry/");
  if (!is_ours) return;
  event.preventDefault();
  go(link.href);
});
