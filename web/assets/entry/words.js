// The words of a segment with their times: as Whisper heard them, or by their length where it says nothing.

/** @returns {{text: string, start: number, end: number}[]} which joined are the segment's text; what is no word has no time. */
export function wordsOf(segment) {
  return located(segment) || shared(segment);
}

/** Finds each word in the text, so that spaces and scripts without any stay as they are. */
function located({ text, words }) {
  if (!words?.length) return null;
  const found = [];
  let at = 0;
  for (const word of words) {
    const said = word.text.trim();
    if (!said) continue;
    const from = text.indexOf(said, at);
    if (from < 0) return null;
    if (from > at) found.push({ text: text.slice(at, from) });
    found.push({ text: said, start: word.start_ms, end: word.end_ms });
    at = from + said.length;
  }
  if (at < text.length) found.push({ text: text.slice(at) });
  return found;
}

/** Shares the segment's time out by the length of the words. */
function shared({ text, start_ms, end_ms }) {
  const parts = text.match(/\s+|[^\s]{1,24}/gu) || [];
  const all = parts.reduce((sum, part) => sum + (part.trim() ? part.length : 0), 0) || 1;
  let before = 0;
  return parts.map((part) => {
    if (!part.trim()) return { text: part };
    const start = start_ms + ((end_ms - start_ms) * before) / all;
    before += part.length;
    return { text: part, start: Math.round(start), end: Math.round(start_ms + ((end_ms - start_ms) * before) / all) };
  });
}

const PAUSE_MS = 2000;
const PARAGRAPH_CHARS = 320;

/** Whether a paragraph ends between two segments: at a pause, or at the end of a sentence once it is long. */
export function breaksBetween(before, after, length) {
  if (after.start_ms - before.end_ms >= PAUSE_MS) return true;
  return length > PARAGRAPH_CHARS && /[.?!…。？！]["”’)]?\s*$/.test(before.text);
}

/** The last of the sorted `starts` that is not after `at`; -1 before the first. */
export function lastBefore(starts, at) {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= at) low = middle + 1; else high = middle;
  }
  return low - 1;
}
