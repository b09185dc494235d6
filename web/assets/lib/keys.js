// Keyboard shortcuts: a screen says what its keys do while it is shown; nobody is caught while typing.
import { useEffect } from "./ui.js";

const stack = [];

/** @param {Record<string, (event: KeyboardEvent) => void>} keys such as { " ": play, "ArrowLeft": back, "Shift+?": help } */
export function useKeys(keys) {
  useEffect(() => {
    const entry = { keys };
    stack.push(entry);
    return () => stack.splice(stack.indexOf(entry), 1);
  });
}

export const isTyping = (target) =>
  target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = isTyping(event.target);
  if (typing && event.key !== "Escape") return;
  // A focused button or link keeps the keys that press it.
  const presses = event.target.closest?.("button, a, summary, [role=button], [role=tab]");
  if (presses && (event.key === " " || event.key === "Enter")) return;
  const name = event.shiftKey && event.key.length > 1 ? "Shift+" + event.key : event.key;
  for (let i = stack.length - 1; i >= 0; i -= 1) {
    const act = stack[i].keys[name];
    if (act) {
      event.preventDefault();
      act(event);
      return;
    }
  }
});
