// The transcript in the document, written by hand rather than by the framework: 30,000 words, and a tick costs one class.
import { clock } from "../lib/format.js";
import { strings } from "../lib/strings.js";
import { breaksBetween, lastBefore, wordsOf } from "./words.js";

const words = strings.entry;
const AT_ONCE = 150;

const element = (name, className, text) => {
  const it = document.createElement(name);
  if (className) it.className = className;
  if (text) it.textContent = text;
  return it;
};

export class Body {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.clear();
  }

  clear() {
    this.root.replaceChildren();
    clearTimeout(this.later);
    Object.assign(this, { starts: [], spans: [], waiting: [], last: null, line: null, length: 0, lit: null, roving: null });
  }

  /** Segments and gaps in the order of time; what is beyond a screen or two follows in slices. */
  append(items, whenDone) {
    this.waiting.push(...items);
    clearTimeout(this.later);
    const slice = () => {
      const piece = document.createDocumentFragment();
      for (const it of this.waiting.splice(0, AT_ONCE)) it.reason ? this.#gap(it, piece) : this.#segment(it, piece);
      this.root.append(piece);
      if (this.waiting.length) this.later = setTimeout(slice, 0);
      else whenDone?.();
    };
    slice();
  }

  #gap({ start_ms, end_ms, reason }, into) {
    into.append(element("p", "gap small", words.gap(clock(start_ms), clock(end_ms), reason)));
    this.line = null;
  }

  #segment(segment, into) {
    if (!this.line || breaksBetween(this.last, segment, this.length)) {
      const paragraph = element("p", "paragraph");
      const time = element("button", "paragraph-time small tabular", clock(segment.start_ms));
      Object.assign(time, { type: "button", tabIndex: -1 });
      time.dataset.from = segment.start_ms;
      time.setAttribute("aria-label", words.playFrom(clock(segment.start_ms)));
      this.line = element("span", "paragraph-text");
      if (segment.language && segment.language !== "und") this.line.lang = segment.language;
      paragraph.append(time, this.line);
      into.append(paragraph);
      this.length = 0;
    } else {
      this.line.append(" ");
    }
    for (const word of wordsOf({ ...segment, text: segment.text.trim() })) {
      if (word.start === undefined) { this.line.append(word.text); continue; }
      const span = element("span", "word", word.text);
      span.dataset.start = word.start;
      this.line.append(span);
      this.starts.push(word.start);
      this.spans.push(span);
      if (!this.roving) this.rove(span);
    }
    this.last = segment;
    this.length += segment.text.length;
  }

  /** Lights the word that is spoken at `at`; says whether it is another one. */
  light(at) {
    const span = this.spans[lastBefore(this.starts, at)] || null;
    if (span === this.lit) return false;
    this.lit?.classList.remove("lit");
    span?.classList.add("lit");
    this.lit = span;
    return true;
  }

  /** One word of all can be reached with Tab; the arrow keys go on from it. */
  rove(span) {
    if (this.roving) { this.roving.removeAttribute("tabindex"); this.roving.removeAttribute("role"); }
    this.roving = span;
    span.tabIndex = 0;
    span.setAttribute("role", "button");
  }

  step(by) {
    const at = this.spans.indexOf(this.roving);
    this.focus(Math.min(this.spans.length - 1, Math.max(0, at + by)));
  }

  /** To the paragraph before or after. */
  jump(by) {
    const here = this.roving.closest(".paragraph");
    const all = [...this.root.querySelectorAll(".paragraph")];
    const to = all[all.indexOf(here) + by]?.querySelector(".word");
    if (to) this.focus(this.spans.indexOf(to));
  }

  focus(at) {
    this.rove(this.spans[at]);
    this.roving.focus();
  }
}
