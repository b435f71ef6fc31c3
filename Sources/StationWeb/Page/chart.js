// Layer: StationWeb/Page. Uses: dom, format, api, zoom. Used by: chartview, device.
// Draws an answer of /api/v1/chart as SVG: least to greatest value as a band, mean as a line, incoming above zero and
// outgoing below it, states marked. Knows nothing of the address or of loading, but for LiveChart at the end.

import { h, s, set, text } from "./dom.js";
import { STATES, beginning, exact, period, quantity, rounded, timeTicks, valueStep } from "./format.js";
import { getInTurn, now, reason } from "./api.js";
import { makeZoomable } from "./zoom.js";

const COLOURS = ["in", "out", "c3", "c4", "c5", "c6", "soft", "bad"];
const isNumber = (value) => typeof value === "number";
let charts = 0;

/**
 * One chart. `options`: size ("large", "small" or "mini", which has no axes), label (for screen readers), group (a
 * set of charts that share a crosshair), onzoom(from, to, how) (makes it one that can be dragged, turned and pinched),
 * overlay (outgoing above zero too), onshow(answer) (of a LiveChart, after each answer).
 */
export class Chart {
  constructor(options) {
    this.options = options;
    this.id = `chart-${charts += 1}`;
    this.hidden = new Set();
    this.isMini = options.size === "mini";
    this.svg = s("svg", { "aria-hidden": "true" });
    this.tip = h("div.tip", { hidden: true });
    this.wait = h("p.wait.muted", "loading");
    this.node = h(`div.chart.${options.size}`, {
      role: options.onzoom ? "application" : "img", "aria-label": options.label, tabindex: options.onzoom ? "0" : null,
    }, this.svg, this.tip, this.wait);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.node);
    this.node.addEventListener("pointermove", (event) => this.hover(event));
    this.node.addEventListener("pointerleave", () => this.pointAll(null));
    options.group?.add(this);
    if (options.onzoom) makeZoomable(this);
  }

  close() {
    this.observer.disconnect();
    this.options.group?.delete(this);
  }

  /** Shows an answer over a span of time, which may be wider than it. */
  show(data, from, to) {
    this.data = { ...data, lines: (data.lines ?? []).map((line) => ({ ...line })) };
    this.half = (data.step ?? 0) / 2;
    this.dress();
    this.wait.hidden = true;
    this.setSpan(from, to);
  }

  /** Says why there is nothing to show. */
  fail(message) {
    text(this.wait, message);
    this.wait.hidden = false;
  }

  /** Moves to another span of time with the data that are there. */
  setSpan(from, to) {
    this.from = from;
    this.to = to;
    this.draw();
  }

  /** Decides direction and colour of each line by its name: in above, out below; other names go above. */
  dress() {
    const { lines } = this.data;
    const way = (line) => (/^out\b/i.test(line.name) ? -1 : /^in\b/i.test(line.name) ? 1 : 0);
    this.isMirrored = [1, -1].every((sign) => lines.some((line) => way(line) === sign));
    const counts = { "1": 0, "-1": 0, "0": 0 };
    for (const line of lines) {
      line.way = this.isMirrored ? way(line) : 0;
      const colours = { "1": ["in", "c5", "c6"], "-1": ["out", "c4", "c3"], "0": COLOURS }[line.way];
      line.colour = `var(--${colours[counts[line.way] % colours.length]})`;
      counts[line.way] += 1;
    }
  }

  /** The lines that aren't switched off, each with the sign that it is drawn with. */
  shown() {
    return this.data.lines.filter((line) => !this.hidden.has(line.name))
      .map((line) => ({ ...line, sign: line.way < 0 && !this.options.overlay ? -1 : 1 }));
  }

  draw() {
    const [width, height] = [this.node.clientWidth, this.node.clientHeight];
    if (!this.data || width < 20 || height < 10) return;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const lines = this.shown();
    const { up, down, step } = this.reach(lines, Math.max(1, Math.min(10, Math.floor(height / rem / 3.2))));
    const ticks = [];
    for (let at = 0; at <= up * 1.0001; at += step) ticks.push(at);
    for (let at = step; at <= down * 1.0001; at += step) ticks.push(-at);
    const labels = ticks.map((at) => rounded(quantity(Math.abs(at), this.data.unit)));
    const isLarge = this.options.size === "large";
    const box = this.isMini ? { left: 0, right: width, top: 1, bottom: height - 1 } : {
      left: (Math.max(...labels.map((label) => label.length)) * 0.44 + 0.7) * rem,
      right: width - rem * (isLarge ? 1.3 : 0.5), top: rem * 0.6, bottom: height - rem * 1.55,
    };
    box.x = (time) => box.left + ((time - this.from) / (this.to - this.from)) * (box.right - box.left);
    box.time = (x) => this.from + ((x - box.left) / (box.right - box.left)) * (this.to - this.from);
    box.y = (value) => box.top + ((up - value) / (up + down)) * (box.bottom - box.top);
    this.box = box;

    const tall = { y: box.top, height: box.bottom - box.top };
    const clip = { "clip-path": `url(#${this.id}-clip)` };
    this.crossing = s("line.crosshair", { y1: box.top, y2: box.bottom, visibility: "hidden" });
    this.dots = s("g");
    this.selection = s("rect.selection", { ...tall, width: 0 });
    set(this.svg, "viewBox", `0 0 ${width} ${height}`);
    this.svg.replaceChildren(
      s("defs", s("clipPath", { id: `${this.id}-clip` },
        s("rect", { x: box.left, y: 0, width: Math.max(0, box.right - box.left), height })),
      this.hatch("gap", 45), this.hatch("unknown", -45)),
      this.isMini ? s("g") : this.axes(ticks, labels, rem, width),
      s("g.states", clip, this.states(lines, tall)),
      s("g", clip, lines.map((line) => this.lineOf(line, lines.length))),
      s("line.zero", { x1: box.left, x2: box.right, y1: box.y(0), y2: box.y(0) }),
      this.selection, this.crossing, this.dots);
    if (this.pointed) this.cross(this.pointed.time, this.pointed.isMine);
  }

  /** How far the values reach up and down, in whole steps of the axis. */
  reach(lines, rows) {
    let [up, down] = [0, 0];
    for (const line of lines) {
      for (const [end, , mean, greatest] of line.points) {
        if (!isNumber(mean) || end - this.half < this.from || end - this.half > this.to) continue;
        // A mini chart has no band: a peak would only flatten its line.
        const value = this.isMini ? mean : greatest;
        if (line.sign > 0) up = Math.max(up, value);
        else down = Math.max(down, value);
      }
    }
    const { unit } = this.data;
    const isPercent = unit === "percent" || unit === "%";
    if (up === 0 && down === 0) up = isPercent ? 100 : 1;
    const most = up;
    const step = valueStep(up + down, rows, unit);
    if (!this.isMini) [up, down] = [up, down].map((value) => Math.ceil((value * 1.02) / step) * step);
    // All there is needs no room above it, and 101 % is a matter of timing.
    if (isPercent && up > 100 && most <= 102) up = 100;
    if (lines.some((line) => line.sign > 0)) up ||= step;
    if (lines.some((line) => line.sign < 0)) down ||= step;
    return { up, down, step };
  }

  axes(ticks, labels, rem, width) {
    const { box } = this;
    const group = s("g.axes");
    ticks.forEach((at, index) => {
      const y = box.y(at);
      group.append(s("line.grid", { x1: box.left, x2: box.right, y1: y, y2: y }),
        s("text", { x: box.left - rem * 0.4, y: y + rem * 0.26, "text-anchor": "end" }, labels[index]));
    });
    const room = Math.max(2, Math.floor((box.right - box.left) / (rem * 4)));
    let last = -Infinity;
    for (const { time, label, isMajor } of timeTicks(this.from, this.to, room)) {
      const x = box.x(time);
      const name = isMajor ? ".major" : "";
      group.append(s(`line.grid${name}`, { x1: x, x2: x, y1: box.top, y2: box.bottom + rem * 0.25 }));
      // Half of a label must fit on either side, and it must not touch the one before.
      if (x < box.left + rem || x > width - rem * 1.3 || x - last < rem * 3) continue;
      last = x;
      group.append(s(`text${name}`, { x, y: box.bottom + rem * 1.15, "text-anchor": "middle" }, label));
    }
    return group;
  }

  hatch(kind, angle) {
    return s("pattern", { id: `${this.id}-${kind}`, width: 6, height: 6, patternUnits: "userSpaceOnUse",
      patternTransform: `rotate(${angle})` }, s(`line.hatch.${kind}`, { x1: 0, y1: 0, x2: 0, y2: 6 }));
  }

  /** Marks of what is wrong: hatched spans for gaps and the unknown, lines for resets, small triangles for wraps. */
  states(lines, tall) {
    const { box, half } = this;
    const found = new Map();
    for (const line of lines) {
      for (const [end, , , , state] of line.points) {
        if (!(state in STATES) || end < this.from || end - 2 * half > this.to) continue;
        // Of what is to come nothing is missing.
        if (state === "gap" && end - 2 * half > now()) continue;
        const states = found.get(end) ?? {};
        states[state] = (states[state] ?? 0) + 1;
        found.set(end, states);
      }
    }
    this.present = new Set();
    const marks = [];
    const spans = [];
    let wrap = -Infinity;
    const ends = [...found.keys()].sort((a, b) => a - b);
    for (const [index, end] of ends.entries()) {
      const states = found.get(end);
      for (const name in states) this.present.add(name);
      // It is a gap where all lines have one; where only some have, those just break.
      const kind = states.gap === lines.length ? "gap" : states.unknown ? "unknown" : null;
      const before = spans.at(-1);
      if (before && before.kind === kind && end - 2 * half - before.to <= half) before.to = end;
      else if (kind) spans.push({ kind, from: end - 2 * half, to: end });
      const x = box.x(end - half);
      const mark = (kind, d) => marks.push(s(`path.state.${kind}`, { "data-state": kind, d }));
      // A reset is a moment: one line, at the end of the samples' distance that it lies in.
      if (states.reset && !found.get(ends[index + 1])?.reset) mark("reset", `M${x} ${box.top}V${box.bottom}`);
      if (states.wrapped && !this.isMini && x - wrap > 12) {
        mark("wrapped", `M${x - 3.5} ${box.top}h7l-3.5 5z`);
        wrap = x;
      }
    }
    const rects = spans.map(({ kind, from, to }) => s(`rect.state.${kind}`, { ...tall, "data-state": kind,
      x: box.x(from), width: Math.max(1, box.x(to) - box.x(from)), fill: `url(#${this.id}-${kind})` }));
    return [...rects, ...marks];
  }

  /** Area, band and line of one line of the answer. The line breaks where there is no number. */
  lineOf(line, count) {
    const { box, half } = this;
    const runs = [];
    let run = null;
    for (const [end, least, mean, greatest, state] of line.points) {
      if (isNumber(mean)) {
        if (!run) runs.push((run = []));
        run.push([box.x(end - half), ...[mean, least, greatest].map((value) => box.y(line.sign * value))]);
      } else if (state !== "ok") run = null;
      // A bucket without a sample but without a fault is bridged: the step is finer than the interval.
    }
    const at = (point, column) => `${point[0].toFixed(1)} ${point[column].toFixed(1)}`;
    const path = (points, column) => points.map((point) => at(point, column)).join("L");
    const zero = box.y(0).toFixed(1);
    const [mean, area, band] = [[], [], []];
    for (const points of runs) {
      mean.push(`M${path(points, 1)}${points.length === 1 ? "h.01" : ""}`);
      area.push(`M${points[0][0].toFixed(1)} ${zero}L${path(points, 1)}V${zero}Z`);
      if (points.some((point) => Math.abs(point[2] - point[3]) > 0.5)) {
        band.push(`M${path(points, 3)}L${path([...points].reverse(), 2)}Z`);
      }
    }
    // Areas and bands of many lines would only cover each other.
    const isPlain = count > 2 || (this.isMirrored && this.options.overlay);
    return [
      isPlain ? null : s("path.area", { d: area.join(""), fill: line.colour }),
      count > 2 || this.isMini ? null : s("path.band", { d: band.join(""), fill: line.colour }),
      s("path.mean", { d: mean.join(""), stroke: line.colour, "data-line": line.name }),
    ];
  }

  /** The bucket of a line that covers a time, or the nearest one if that is close. */
  bucket(line, time) {
    let [low, high] = [0, line.points.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (line.points[middle][0] < time) low = middle + 1;
      else high = middle;
    }
    const distance = (point) => (point ? Math.abs(point[0] - this.half - time) : Infinity);
    const [a, b] = [line.points[low], line.points[low - 1]];
    const best = distance(a) <= distance(b) ? a : b;
    return distance(best) <= Math.max(this.half * 2.1, (this.to - this.from) / 100) ? best : null;
  }

  hover(event) {
    if (!this.box || this.dragStart !== undefined) return;
    const x = event.clientX - this.node.getBoundingClientRect().left;
    this.pointAll(x < this.box.left || x > this.box.right ? null : this.box.time(x));
  }

  /** Shows the crosshair at a time here with values, and in the other charts of the group without. */
  pointAll(time) {
    this.cross(time, true);
    for (const other of this.options.group ?? []) if (other !== this) other.cross(time, false);
  }

  /** Puts the crosshair at a time; `isMine` shows the values beside it too. Null takes it away. */
  cross(time, isMine) {
    this.pointed = time === null ? null : { time, isMine };
    if (!this.box) return;
    const isOutside = time === null || time < this.from || time > this.to;
    set(this.crossing, "visibility", isOutside ? "hidden" : "visible");
    this.dots.replaceChildren();
    this.tip.hidden = isOutside || !isMine;
    if (isOutside) return;
    const found = this.shown().map((line) => ({ line, point: this.bucket(line, time) }));
    const end = found.find(({ point }) => point)?.point[0];
    const at = end === undefined ? time : end - this.half;
    const x = this.box.x(at);
    set(this.crossing, "x1", x.toFixed(1));
    set(this.crossing, "x2", x.toFixed(1));
    for (const { line, point } of found) {
      if (!isNumber(point?.[2])) continue;
      this.dots.append(s("circle", { r: 3, cx: x, cy: this.box.y(line.sign * point[2]), fill: line.colour }));
    }
    if (!isMine) return;
    this.tip.replaceChildren(h("p", { title: exact(at) }, period(at - this.half, at + this.half)),
      h("table", found.map(({ line, point }) => this.tipRow(line, point ?? []))));
    const [width, room] = [this.tip.offsetWidth, this.node.clientWidth];
    const left = x + 14 + width > room ? Math.max(0, Math.min(x - 14 - width, room - width)) : x + 14;
    this.tip.style.left = `${left.toFixed(0)}px`;
  }

  tipRow(line, [, least, mean, greatest, state]) {
    const [low, middle, high] = [least, mean, greatest].map((value) => quantity(value, this.data.unit));
    const isGood = isNumber(mean);
    return h("tr", h("th", swatch(line), h("bdi", line.name)), h("td", isGood ? middle : ""),
      h("td.range", isGood && least !== greatest ? `${low} – ${high}` : ""),
      h("td.word", state in STATES ? state : ""));
  }

  /** Moves the crosshair by whole buckets from the keyboard. Answers what it shows, as words. */
  nudge(buckets) {
    if (!this.box) return "";
    const step = this.data.step || (this.to - this.from) / 100;
    const start = this.pointed?.time ?? this.to;
    this.cross(Math.min(this.to, Math.max(this.from, start + buckets * step)), true);
    return [...this.tip.querySelectorAll("p, tr")].map((row) => row.textContent).join(", ");
  }
}

/** A patch of a line's colour. */
export function swatch(line) {
  const node = h("i.swatch");
  node.style.background = line.colour;
  return node;
}

/** A chart that loads itself when it comes into sight and again when it is told that there is something new. */
export class LiveChart {
  /** `selection`: what /chart is asked for; `options` as for Chart; `span` in seconds, up to now. */
  constructor(selection, options, span) {
    Object.assign(this, { selection, span, isWanted: true });
    this.chart = new Chart(options);
    this.node = this.chart.node;
    this.watcher = new IntersectionObserver((entries) => {
      this.isVisible = entries.at(-1).isIntersecting;
      if (this.isVisible && this.isWanted) this.load();
    }, { rootMargin: "200px" });
    this.watcher.observe(this.node);
  }

  close() {
    this.watcher.disconnect();
    this.request?.abort();
    this.chart.close();
  }

  /** Something is new, or the span changed: loads now if it is in sight, else when it comes into it. */
  refresh(span = this.span) {
    if (span !== this.span) this.request?.abort();
    this.span = span;
    this.isWanted = true;
    if (this.isVisible) this.load();
  }

  async load() {
    if (this.request && !this.request.signal.aborted) return;
    this.isWanted = false;
    let isCoarse = false;
    const request = (this.request = new AbortController());
    const to = now();
    const from = beginning(to - this.span, to, this.begins);
    const points = Math.max(30, Math.min(400, Math.round(this.node.clientWidth / 2.5)));
    const query = { ...this.selection, from: from.toFixed(3), to: to.toFixed(3), points };
    try {
      const answer = await getInTurn("chart", query, request.signal);
      this.begins = answer.begins;
      const start = beginning(to - this.span, to, this.begins);
      this.chart.show(answer, start, to);
      this.chart.options.onshow?.(answer);
      // There is less than was asked for: once more, in finer steps.
      isCoarse = start - from > answer.step;
    } catch (error) {
      const message = reason(error);
      if (message) this.isWanted = true;
      if (message && !this.chart.data) this.chart.fail(message);
    }
    if (this.request === request) this.request = null;
    if (isCoarse && !request.signal.aborted) this.refresh();
  }
}
