// Numbers and times as people read them, in the browser's own language of dates.
/** 75000 → "1:15"; 3675000 → "1:01:15". */
export function clock(ms) {
  const s = Math.max(0, Math.floor((ms || 0) / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

/** "1 min 15 s", for screen readers and sentences. */
export function spokenLength(ms) {
  const s = Math.round((ms || 0) / 1000);
  const parts = [[Math.floor(s / 3600), "h"], [Math.floor(s / 60) % 60, "min"], [s % 60, "s"]];
  return parts.filter(([n], i) => n || (i === 2 && s < 60)).map(([n, unit]) => `${n} ${unit}`).join(" ");
}

export function bytes(n) {
  const units = ["B", "kB", "MB", "GB"];
  let at = 0;
  while (n >= 1000 && at < units.length - 1) { n /= 1000; at += 1; }
  return `${n < 10 && at ? n.toFixed(1) : Math.round(n)} ${units[at]}`;
}

const dayOf = (day) => { const [y, m, d] = day.split("-").map(Number); return new Date(y, m - 1, d); };
const weekdayName = new Intl.DateTimeFormat("en", { weekday: "long" });
const monthName = new Intl.DateTimeFormat("en", { month: "long" });

/** "2026-05-03" → "Today", "Yesterday", "Sunday, 3 May". */
export function dayName(day) {
  const now = new Date();
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const that = dayOf(day);
  const apart = Math.round((today - that) / 86400000);
  if (apart === 0) return "Today";
  if (apart === 1) return "Yesterday";
  return fullDay(day, that.getFullYear() !== today.getFullYear());
}

/** "2026-05-03" → "Sunday, 3 May 2026". */
export function fullDay(day, has_year = true) {
  const that = dayOf(day);
  return `${weekdayName.format(that)}, ${that.getDate()} ${monthName.format(that)}${has_year ? ` ${that.getFullYear()}` : ""}`;
}

/** Where the day is said already, a title need not begin with it. */
export function titleUnder(day, title) {
  if (!day) return title;
  const begin = `${fullDay(day)}: `;
  if (!title.startsWith(begin)) return title;
  const rest = title.slice(begin.length);
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

/** The speaker's wall clock: "22:40" of "2026-05-03T22:40:00+02:00". */
export const wallTime = (recorded_at) => (recorded_at || "").slice(11, 16);

export const percent = (fraction) => `${Math.round(100 * (fraction || 0))} %`;

/** An estimate, in words that do not pretend to know the second. */
export function eta(ms) {
  if (ms == null) return "";
  if (ms < 5000) return "a few seconds left";
  if (ms < 90000) return `about ${Math.ceil(ms / 5000) * 5} s left`;
  if (ms < 5400000) return `about ${Math.round(ms / 60000)} min left`;
  return `about ${(ms / 3600000).toFixed(1)} h left`;
}
