// Layer: StationWeb/Page. Uses: nothing. Used by: every view and the charts.
// Numbers, units and times as words: SI prefixes for rates, binary ones for sizes, local time, three digits at most.

/** Stands for a value that isn't known. */
export const NONE = "–";
const THIN = "\u202f";

/** Three significant digits, no exponent, no trailing point. */
export function digits(value) {
  if (!Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 0.0095) return value.toFixed(2);
  return value.toPrecision(1);
}

/** A value scaled: [digits, prefix]. `base` is 1000 or 1024. */
export function scaled(value, base = 1000) {
  const prefixes = base === 1024 ? ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] : ["", "k", "M", "G", "T", "P", "E"];
  let power = 0;
  let rest = value;
  while (Math.abs(rest) >= base * 0.9995 && power < prefixes.length - 1) {
    rest /= base;
    power += 1;
  }
  return [digits(rest), prefixes[power]];
}

/** A value with its unit, as the API names units. */
export function quantity(value, unit) {
  if (typeof value !== "number") return NONE;
  switch (unit) {
    case "percent": case "%": return percent(value);
    case "s": case "seconds": return shortTime(value);
    case "octets": case "bytes": case "B": return bytes(value);
    case "": case "1": case null: case undefined: return scaled(value).join("");
  }
  const [number, prefix] = scaled(value);
  // A prefix belongs to a unit that has a symbol: kbit/s, but 1.2 k packets/s.
  const isSymbol = /^(bit|B|Hz|V|W|A)\b/.test(unit);
  return `${number}${THIN}${prefix}${prefix && !isSymbol ? THIN : ""}${unit.replace(/^1\//, "/")}`;
}

/** Without zeros behind the point, for what is round: 10.0 Gbit/s is 10 Gbit/s. */
export const rounded = (words) => words.replace(/(\.\d*?)0+(?!\d)/, "$1").replace(/\.(?!\d)/, "");

/** A rate without its unit, for a column whose head names it. */
export function rate(value) {
  if (typeof value !== "number") return NONE;
  const [number, prefix] = scaled(value);
  return prefix ? `${number}${THIN}${prefix}` : number;
}

/** A size in bytes with binary prefixes. */
export function bytes(value) {
  if (typeof value !== "number") return NONE;
  const [number, prefix] = scaled(value, 1024);
  return `${number}${THIN}${prefix}B`;
}

/** A percentage; one decimal below ten. */
export function percent(value) {
  if (typeof value !== "number") return NONE;
  return `${value > 0 && value < 9.95 ? value.toFixed(1) : value.toFixed(0)}${THIN}%`;
}

/** A short time: 1.20 ms, 3.00 s. */
export function shortTime(seconds) {
  if (typeof seconds !== "number") return NONE;
  if (seconds === 0) return `0${THIN}s`;
  const size = Math.abs(seconds);
  if (size < 0.001) return `${digits(seconds * 1e6)}${THIN}µs`;
  if (size < 1) return `${digits(seconds * 1e3)}${THIN}ms`;
  return `${digits(seconds)}${THIN}s`;
}

/** A long time in its two greatest units: 12 d 4 h. */
export function duration(seconds) {
  if (typeof seconds !== "number") return NONE;
  let rest = Math.max(0, Math.floor(seconds));
  const parts = [];
  for (const [size, name] of [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]]) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || (size === 1 && parts.length === 0)) parts.push(`${count}${THIN}${name}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** How long ago, in one unit. */
export function ago(seconds) {
  if (typeof seconds !== "number") return "never";
  const age = Math.max(0, seconds);
  if (age < 1.5) return "now";
  const [size, name] = age < 60 ? [1, "s"] : age < 3600 ? [60, "min"] : age < 172800 ? [3600, "h"] : [86400, "d"];
  return `${Math.floor(age / size)}${THIN}${name} ago`;
}

const formatter = (options) => new Intl.DateTimeFormat("en-GB", { hourCycle: "h23", ...options });
const CLOCK = formatter({ hour: "2-digit", minute: "2-digit" });
const SECONDS = formatter({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = formatter({ day: "numeric", month: "short" });
const MONTH = formatter({ month: "short", year: "numeric" });
const FULL_DAY = formatter({ weekday: "short", day: "numeric", month: "short", year: "numeric" });

const date = (time) => new Date(time * 1000);

/** The time of day with seconds. */
export const clock = (time) => SECONDS.format(date(time));
/** The day with its name and year. */
export const day = (time) => FULL_DAY.format(date(time));
/** Day and time; the year only when it isn't this one's. */
export const moment = (time) => `${DAY.format(date(time))} ${SECONDS.format(date(time))}`;
/** Day, time and zone in full, for tool tips. */
export const exact = (time) =>
  formatter({ dateStyle: "full", timeStyle: "long" }).format(date(time));

/** From and to as one phrase, the day once if it is the same. */
export function period(from, to) {
  const same = day(from) === day(to);
  return `${day(from)} ${clock(from)} – ${same ? "" : `${day(to)} `}${clock(to)}`;
}

/** The day for a list: today, yesterday, or its date. */
export function dayName(time, today) {
  const name = day(time);
  if (name === day(today)) return "Today";
  if (name === day(today - 86400)) return "Yesterday";
  return name;
}

/** Marks on a time axis, at round local times: [{time, label, isMajor}]. At most `count` of them. */
export function timeTicks(from, to, count) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200];
  const step = steps.find((size) => (to - from) / size <= count);
  const ticks = [];
  if (step) {
    // Walks from local midnight, so that a change of summer time doesn't shift the marks of a day.
    const start = date(from);
    start.setHours(0, 0, 0, 0);
    for (let guard = 0; guard < 500; guard += 1) {
      const midnight = start.getTime() / 1000;
      const following = new Date(start);
      following.setDate(following.getDate() + 1);
      const end = following.getTime() / 1000;
      const first = Math.max(0, Math.ceil((from - midnight) / step) * step);
      for (let time = midnight + first; time < end && time <= to; time += step) {
        const isMajor = time === midnight;
        const label = isMajor ? DAY.format(date(time)) : (step < 60 ? SECONDS : CLOCK).format(date(time));
        ticks.push({ time, label, isMajor });
      }
      if (end > to) break;
      start.setDate(start.getDate() + 1);
    }
    return ticks;
  }
  const days = [1, 2, 7, 14].find((size) => (to - from) / (size * 86400) <= count);
  const at = date(from);
  at.setHours(0, 0, 0, 0);
  if (days) {
    at.setDate(at.getDate() + 1);
    for (; at.getTime() / 1000 <= to; at.setDate(at.getDate() + days)) {
      ticks.push({ time: at.getTime() / 1000, label: DAY.format(at), isMajor: at.getDate() === 1 });
    }
    return ticks;
  }
  at.setDate(1);
  at.setMonth(at.getMonth() + 1);
  const months = Math.max(1, Math.ceil((to - from) / (30 * 86400) / count));
  for (; at.getTime() / 1000 <= to; at.setMonth(at.getMonth() + months)) {
    ticks.push({ time: at.getTime() / 1000, label: MONTH.format(at), isMajor: at.getMonth() === 0 });
  }
  return ticks;
}

/** The step of a value axis that gives about `count` marks up to `max`; sizes in bytes step in powers of two. */
export function valueStep(max, count, unit) {
  const isBinary = unit === "octets" || unit === "bytes" || unit === "B";
  const base = isBinary ? 1024 ** Math.max(0, Math.floor(Math.log(max) / Math.log(1024))) : 1;
  const raw = max / base / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 2.5, 5, 10].find((size) => size * power >= raw * 0.999) ?? 10;
  return factor * power * base;
}

const NATURAL = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
/** Compares names so that port 2 comes before port 10. */
export const byName = (a, b) => NATURAL.compare(a ?? "", b ?? "");

/** The spans that a view offers, in seconds. */
export const SPANS = { "15m": 900, "1h": 3600, "6h": 21600, "24h": 86400, "7d": 604800, "30d": 2592000 };

/**
 * Where a span up to `to` begins that is to reach back to `from`: with the first record if that is later, so that
 * what is young fills its chart; but twenty seconds are shown at least.
 */
export function beginning(from, to, begins) {
  return typeof begins === "number" ? Math.max(from, Math.min(begins, to - 20)) : from;
}

/** Reads a span such as 6h, 90m or 5400s; null when it is none. */
export function readSpan(words) {
  const match = /^(\d{1,8})([smhd])$/.exec(words ?? "");
  if (!match) return null;
  const seconds = Number(match[1]) * { s: 1, m: 60, h: 3600, d: 86400 }[match[2]];
  return seconds >= 10 ? seconds : null;
}

/** Writes a span so that `readSpan` reads it. */
export function writeSpan(seconds) {
  const named = Object.keys(SPANS).find((name) => SPANS[name] === Math.round(seconds));
  return named ?? `${Math.round(seconds)}s`;
}

/** What the states of a rate or bucket mean, for people. */
export const STATES = {
  __proto__: null,
  gap: "gap: no samples were taken here, so nothing is drawn",
  wrapped: "wrapped: the counter passed its greatest value; the rate counts that in and is right",
  reset: "reset: the device restarted or its counters began anew; there is no rate across this moment",
  unknown: "unknown: no answer, no value in it, or a counter that went backwards; nothing is made up",
};
