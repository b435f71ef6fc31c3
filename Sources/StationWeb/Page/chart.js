// Layer: StationWeb/Page. Uses: dom, format, api. Used by: chartview, device.
// Draws an answer of /api/v1/chart as SVG: least to greatest value as a band, mean as a line, incoming above zero and
// outgoing below it, states marked. Knows nothing of the address or of loading, but for LiveChart at the end.

import { h, s, set, text } from "./dom.js";
import { STATES, exact, period, quantity, rounded, timeTicks, valueStep } from "./format.js";
import { getInTurn, now, reason } from "./api.js";

let charts = 0;

/** Charts of one page that share a crosshair: what one points at, the others show too. */
export class Group {
  members = new Set();
  /** Shows the crosshair at a time in all of them, or none for null. Only `source` shows values. */
  point(time, source) {
    for (const member of this.members) if (member !== source) member.cross(time, false);
  }
}

/**
 * One chart. `options`: size ("large", "small" or "mini", which has no axes), label (for screen readers),
 * group, onzoom(from, to) (makes it one that can be dragged, turned and pinched), overlay (outgoing above zero too).
 */
export class Chart {
  constructor(options) {
    this.options = options;
    this.id = `chart-${charts += 1}`;
    this.hidden = new Set();
    this.svg = s("svg", { "aria-hidden": "true" });
    this.tip = h("div", { class: "tip", hidden: true });
    this.wait = h("p", { class: "wait" }, "loading");
    this.node = h("div", {
      class: `chart ${options.size}`, role: options.onzoom ? "application" : "img", "aria-label": options.label,
      tabindex: options.onzoom ? "0" : null, "data-chart": options.label,
    }, this.svg, this.tip, this.wait);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.node);
    this.node.addEventListener("pointermove", (event) => this.hover(event));
    this.node.addEventListener("pointerleave", () => this.leave());
    options.group?.members.add(this);
    if (options.onzoom) this.makeZoomable();
  }

  close() {
    this.observer.disconnect();
    this.options.group?.members.delete(this);
  }

  /** Shows an answer over a span of time, which may be wider than it. */
  show(data, from, to) {
    this.data = { ...data, lines: (data.lines ?? []).map((line, index) => ({ ...line, index })) };
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

  /** Decides direction and colour of each line by its name: in above, out below, anything else above. */
  dress() {
    const lines = this.data.lines;
    const towards = (line) => (/^out\b/i.test(line.name) ? -1 : /^in\b/i.test(line.name) ? 1 : 0);
    const isMirrored = lines.some((line) => towards(line) > 0) && lines.some((line) => towards(line) < 0);
    const counts = { "1": 0, "-1": 0, "0": 0 };
    for (const line of lines) {
      const way = isMirrored ? towards(line) : 0;
      line.way = way;
      line.colour = way === 0
        ? (lines.length === 1 ? "var(--in)" : `var(--line-${(counts[0] % 8) + 1})`)
        : `var(--${way > 0 ? "in" : "out"}${counts[way] ? `-${Math.min(counts[way] + 1, 3)}` : ""})`;
      counts[way] += 1;
    }
    this.isMirrored = isMirrored;
  }

  /** The lines that aren't switched off, each with the sign that it is drawn with. */
  shown() {
    const isOver = this.options.overlay;
    return this.data.lines.filter((line) => !this.hidden.has(line.name))
      .map((line) => ({ ...line, sign: line.way < 0 && !isOver ? -1 : 1 }));
  }

  draw() {
    const width = this.node.clientWidth;
    const height = this.node.clientHeight;
    if (!this.data || width < 20 || height < 10) return;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const isMini = this.options.size === "mini";
    const lines = this.shown();
    const half = (this.data.step ?? 0) / 2;
    const inside = (point) => point[0] - half >= this.from && point[0] - half <= this.to;

    // How far the values reach up and down.
    let up = 0;
    let down = 0;
    for (const line of lines) {
      for (const point of line.points) {
        if (point[3] === null || point[3] === undefined || !inside(point)) continue;
        // A band that towers over its means would flatten the line; a mini chart has no band.
        const value = isMini ? point[2] : point[3];
        if (line.sign > 0) up = Math.max(up, value);
        else down = Math.max(down, value);
      }
    }
    const isPercent = this.data.unit === "percent" || this.data.unit === "%";
    if (up === 0 && down === 0) up = isPercent ? 100 : 1;
    const most = Math.max(up, down);
    const unit = this.data.unit;
    const rows = Math.max(1, Math.min(10, Math.floor(height / rem / 3.2)));
    const step = valueStep(most * (up > 0 && down > 0 ? 1 + Math.min(up, down) / most : 1), rows, unit);
    if (!isMini) [up, down] = [up, down].map((value) => Math.ceil((value * 1.02) / step) * step);
    if (isPercent && up > 100 && up <= 125) up = 100;
    const hasBelow = lines.some((line) => line.sign < 0);
    if (hasBelow && down === 0) down = step;
    if (lines.some((line) => line.sign > 0) && up === 0) up = step;

    const ticks = [];
    for (let at = 0; at <= up * 1.0001; at += step) ticks.push(at);
    for (let at = step; at <= down * 1.0001; at += step) ticks.push(-at);
    const labels = ticks.map((at) => rounded(quantity(Math.abs(at), unit)));
    const left = isMini ? 0 : (Math.max(...labels.map((label) => label.length)) * 0.44 + 0.7) * rem;
    const box = {
      left, right: width - (isMini ? 0 : rem * (this.options.size === "large" ? 1.3 : 0.5)), top: isMini ? 1 : rem * 0.6,
      bottom: height - (isMini ? 1 : rem * 1.55),
    };
    box.x = (time) => box.left + ((time - this.from) / (this.to - this.from)) * (box.right - box.left);
    box.time = (x) => this.from + ((x - box.left) / (box.right - box.left)) * (this.to - this.from);
    box.y = (value) => box.top + ((up - value) / (up + down)) * (box.bottom - box.top);
    this.box = box;

    const parts = [];
    if (!isMini) parts.push(this.axes(ticks, labels, rem, width));
    parts.push(this.states(lines, half, isMini));
    const plot = s("g", { "clip-path": `url(#${this.id}-clip)` });
    for (const line of lines) plot.append(...this.lineOf(line, half, lines.length, isMini));
    parts.push(plot, s("line", { class: "zero", x1: box.left, x2: box.right, y1: box.y(0), y2: box.y(0) }));
    this.crossing = s("line", { class: "crosshair", y1: box.top, y2: box.bottom, visibility: "hidden" });
    this.dots = s("g", {});
    this.selection = s("rect", { class: "selection", y: box.top, height: box.bottom - box.top, width: 0 });
    set(this.svg, "viewBox", `0 0 ${width} ${height}`);
    const clip = s("clipPath", { id: `${this.id}-clip` }, s("rect", {
      x: box.left, y: 0, width: Math.max(0, box.right - box.left), height,
    }));
    this.svg.replaceChildren(
      s("defs", {}, clip, hatch(`${this.id}-gap`, "gap"), hatch(`${this.id}-unknown`, "unknown")),
      ...parts, this.selection, this.crossing, this.dots);
    if (this.pointed) this.cross(this.pointed.time, this.pointed.isMine);
  }

  axes(ticks, labels, rem, width) {
    const { box } = this;
    const group = s("g", { class: "axes" });
    ticks.forEach((at, index) => {
      const y = box.y(at);
      group.append(
        s("line", { class: "grid", x1: box.left, x2: box.right, y1: y, y2: y }),
        s("text", { x: box.left - rem * 0.4, y: y + rem * 0.26, "text-anchor": "end" }, labels[index]));
    });
    const room = Math.max(2, Math.floor((box.right - box.left) / (rem * 4)));
    let last = -Infinity;
    for (const tick of timeTicks(this.from, this.to, room)) {
      const x = box.x(tick.time);
      group.append(s("line", {
        class: tick.isMajor ? "grid major" : "grid", x1: x, x2: x, y1: box.top, y2: box.bottom + rem * 0.25,
      }));
      // Half of a label must fit on either side, and it must not touch the one before.
      if (x < box.left + rem || x > width - rem * 1.3 || x - last < rem * 3) continue;
      last = x;
      group.append(s("text", {
        class: tick.isMajor ? "major" : null, x, y: box.bottom + rem * 1.15, "text-anchor": "middle",
      }, tick.label));
    }
    return group;
  }

  /** Marks of what is wrong with the numbers: hatched spans for gaps and the unknown, lines for resets, ticks for wraps. */
  states(lines, half, isMini) {
    const { box } = this;
    const group = s("g", { class: "states", "clip-path": `url(#${this.id}-clip)` });
    const found = new Map();
    for (const line of lines) {
      for (const point of line.points) {
        const [end, , , , state] = point;
        if (state === "ok" || end < this.from || end - 2 * half > this.to) continue;
        const entry = found.get(end) ?? { gap: 0, unknown: 0, reset: 0, wrapped: 0 };
        if (state in entry) entry[state] += 1;
        found.set(end, entry);
      }
    }
    this.present = new Set();
    let open = null;
    const close = () => {
      if (open) {
        const x = box.x(open.from);
        group.append(s("rect", {
          class: `state ${open.kind}`, "data-state": open.kind, x, width: Math.max(1, box.x(open.to) - x),
          y: box.top, height: box.bottom - box.top, fill: `url(#${this.id}-${open.kind})`,
        }));
      }
      open = null;
    };
    for (const end of [...found.keys()].sort((a, b) => a - b)) {
      const entry = found.get(end);
      const kind = entry.gap === lines.length ? "gap" : entry.unknown > 0 ? "unknown" : null;
      for (const name in entry) if (entry[name] > 0) this.present.add(name);
      if (open && (open.kind !== kind || end - 2 * half - open.to > half)) close();
      if (kind && !open) open = { kind, from: end - 2 * half, to: end };
      else if (kind) open.to = end;
      const x = box.x(end - half);
      if (entry.reset > 0) {
        group.append(s("line", { class: "state reset", "data-state": "reset", x1: x, x2: x, y1: box.top, y2: box.bottom }));
      }
      if (entry.wrapped > 0 && !isMini) {
        group.append(s("path", { class: "state wrapped", "data-state": "wrapped",
          d: `M${x - 3.5} ${box.top}h7l-3.500 5z` }));
      }
    }
    close();
    return group;
  }

  /** Band, area and line of one line of the answer. The line breaks where there is no number. */
  lineOf(line, half, count, isMini) {
    const { box } = this;
    const runs = [];
    let run = null;
    for (const point of line.points) {
      const [end, least, mean, greatest, state] = point;
      if (typeof mean !== "number") {
        // A bucket without a sample but without a fault either is bridged: the step is finer than the interval.
        if (state !== "ok") run = null;
        continue;
      }
      if (!run) runs.push((run = []));
      run.push([box.x(end - half), box.y(line.sign * mean), box.y(line.sign * least), box.y(line.sign * greatest)]);
    }
    const at = (x, y) => `${x.toFixed(1)} ${y.toFixed(1)}`;
    let path = "";
    let area = "";
    let band = "";
    const zero = box.y(0);
    for (const points of runs) {
      path += `M${points.map((point) => at(point[0], point[1])).join("L")}`;
      if (points.length === 1) path += "h0.01";
      area += `M${at(points[0][0], zero)}L${points.map((p) => at(p[0], p[1])).join("L")}L${at(points.at(-1)[0], zero)}Z`;
      if (points.some((point) => Math.abs(point[2] - point[3]) > 0.5)) {
        const back = [...points].reverse();
        band += `M${points.map((p) => at(p[0], p[3])).join("L")}L${back.map((p) => at(p[0], p[2])).join("L")}Z`;
      }
    }
    const parts = [];
    const isFilled = count <= 2 && !(this.options.overlay && this.isMirrored && line.index > 0);
    if (isFilled) parts.push(s("path", { class: "area", d: area, fill: line.colour }));
    if (band && !isMini && count <= 2) parts.push(s("path", { class: "band", d: band, fill: line.colour }));
    parts.push(s("path", { class: "mean", d: path, stroke: line.colour, "data-line": line.name }));
    return parts;
  }

  /** The bucket of a line that covers a time, or the nearest within one step of it. */
  bucket(line, time) {
    const half = (this.data.step ?? 0) / 2;
    let low = 0;
    let high = line.points.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (line.points[middle][0] < time) low = middle + 1;
      else high = middle;
    }
    const distance = (point) => (point ? Math.abs(point[0] - half - time) : Infinity);
    const candidates = [line.points[low], line.points[low - 1]];
    const best = distance(candidates[0]) <= distance(candidates[1]) ? candidates[0] : candidates[1];
    return distance(best) <= Math.max(half * 2.1, (this.to - this.from) / 100) ? best : null;
  }

  hover(event) {
    if (!this.box || this.dragStart !== undefined) return;
    const x = event.clientX - this.node.getBoundingClientRect().left;
    if (x < this.box.left || x > this.box.right) return this.leave();
    const time = this.box.time(x);
    this.cross(time, true);
    this.options.group?.point(time, this);
  }

  leave() {
    this.cross(null, false);
    this.options.group?.point(null, this);
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
    const half = (this.data.step ?? 0) / 2;
    const lines = this.shown().map((line) => ({ line, point: this.bucket(line, time) }));
    const first = lines.find(({ point }) => point)?.point;
    const at = first ? first[0] - half : time;
    const x = this.box.x(at);
    set(this.crossing, "x1", x.toFixed(1));
    set(this.crossing, "x2", x.toFixed(1));
    for (const { line, point } of lines) {
      if (typeof point?.[2] !== "number") continue;
      this.dots.append(s("circle", { r: 3, cx: x, cy: this.box.y(line.sign * point[2]), fill: line.colour }));
    }
    if (!isMine) return;
    this.tip.replaceChildren(
      h("p", { title: exact(at) }, first ? period(first[0] - 2 * half, first[0]) : period(at, at)),
      h("table", {}, ...lines.map(({ line, point }) => this.tipRow(line, point))));
    const width = this.tip.offsetWidth;
    const room = this.node.clientWidth;
    const place = x + 14 + width > room ? Math.max(0, Math.min(x - 14 - width, room - width)) : x + 14;
    this.tip.style.left = `${place.toFixed(0)}px`;
  }

  tipRow(line, point) {
    const unit = this.data.unit;
    const swatch = h("i", { class: "swatch" });
    swatch.style.background = line.colour;
    const state = point?.[4];
    const word = state && state !== "ok" ? state : null;
    const hasRange = typeof point?.[2] === "number" && point[1] !== point[3];
    return h("tr", {}, h("th", {}, swatch, h("bdi", {}, line.name)),
      h("td", {}, typeof point?.[2] === "number" ? quantity(point[2], unit) : word ? "" : "–"),
      h("td", { class: "range" }, hasRange ? `${quantity(point[1], unit)} – ${quantity(point[3], unit)}` : ""),
      h("td", { class: "word", title: word ? STATES[word] ?? null : null }, word));
  }

  /** Moves the crosshair by whole buckets from the keyboard. Answers what it shows, as words. */
  nudge(buckets) {
    if (!this.box || !this.data) return "";
    const step = this.data.step || (this.to - this.from) / 100;
    const start = this.pointed?.time ?? this.to + (buckets < 0 ? 0 : -step);
    this.cross(Math.min(this.to, Math.max(this.from, start + buckets * step)), true);
    return [...this.tip.querySelectorAll("p, tr")].map((row) => row.textContent).join(", ");
  }

  // Zooming: drag with the mouse marks a span, the wheel and two fingers scale about their place, one finger moves.
  makeZoomable() {
    const fingers = new Map();
    let pinch = null;
    const place = (event) => event.clientX - this.node.getBoundingClientRect().left;
    const clamp = (x) => Math.min(this.box.right, Math.max(this.box.left, x));
    const stop = () => {
      this.dragStart = undefined;
      if (this.selection) set(this.selection, "width", 0);
    };
    this.cancelDrag = () => {
      const wasDragging = this.dragStart !== undefined;
      stop();
      return wasDragging;
    };

    this.node.addEventListener("pointerdown", (event) => {
      if (!this.box || event.button !== 0 || place(event) < this.box.left) return;
      this.node.setPointerCapture(event.pointerId);
      if (event.pointerType === "mouse") {
        this.dragStart = place(event);
        this.tip.hidden = true;
        return;
      }
      fingers.set(event.pointerId, place(event));
      pinch = { from: this.from, to: this.to, at: new Map(fingers) };
    });
    this.node.addEventListener("pointermove", (event) => {
      if (this.dragStart !== undefined) {
        const [a, b] = [clamp(this.dragStart), clamp(place(event))].sort((p, q) => p - q);
        set(this.selection, "x", a);
        set(this.selection, "width", b - a);
        return;
      }
      if (!pinch || !fingers.has(event.pointerId)) return;
      fingers.set(event.pointerId, place(event));
      const span = pinch.to - pinch.from;
      const width = this.box.right - this.box.left;
      const [was, is] = [[...pinch.at.values()], [...fingers.values()]];
      const middle = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
      const spread = (list) => Math.max(20, Math.abs(list[0] - (list[1] ?? list[0] + 20)));
      const scale = is.length > 1 && was.length > 1 ? spread(was) / spread(is) : 1;
      const anchor = pinch.from + ((middle(was) - this.box.left) / width) * span;
      const from = anchor - ((middle(is) - this.box.left) / width) * span * scale;
      if (scale !== 1 || Math.abs(middle(is) - middle(was)) > 6) this.options.onzoom(from, from + span * scale, "touch");
    });
    const release = (event) => {
      if (this.dragStart !== undefined && event.type === "pointerup") {
        const [a, b] = [clamp(this.dragStart), clamp(place(event))].sort((p, q) => p - q);
        if (b - a > 5) this.options.onzoom(this.box.time(a), this.box.time(b), "drag");
      }
      stop();
      fingers.delete(event.pointerId);
      pinch = fingers.size > 0 ? { from: this.from, to: this.to, at: new Map(fingers) } : null;
    };
    this.node.addEventListener("pointerup", release);
    this.node.addEventListener("pointercancel", release);
    this.node.addEventListener("dblclick", () => {
      const span = this.to - this.from;
      this.options.onzoom(this.from - span / 2, this.to + span / 2, "button");
    });
    this.node.addEventListener("wheel", (event) => {
      if (!this.box || event.ctrlKey && event.deltaY === 0) return;
      event.preventDefault();
      const span = this.to - this.from;
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const shift = (event.deltaX / (this.box.right - this.box.left)) * span;
        this.options.onzoom(this.from + shift, this.to + shift, "wheel");
        return;
      }
      const scale = Math.exp(Math.max(-1, Math.min(1, event.deltaY / 300)));
      const anchor = this.box.time(clamp(place(event)));
      this.options.onzoom(anchor - (anchor - this.from) * scale, anchor + (this.to - anchor) * scale, "wheel");
    }, { passive: false });
  }
}

function hatch(id, kind) {
  const isGap = kind === "gap";
  return s("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse",
    patternTransform: `rotate(${isGap ? 45 : -45})` }, s("line", { class: `hatch ${kind}`, x1: 0, y1: 0, x2: 0, y2: 6 }));
}

/** A chart that loads itself when it comes into sight and again when it is told that there is something new. */
export class LiveChart {
  /** `selection`: what /chart is asked for; `options` as for Chart. */
  constructor(selection, options, span) {
    this.selection = selection;
    this.span = span;
    this.chart = new Chart(options);
    this.node = this.chart.node;
    this.isWanted = true;
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
    const request = (this.request = new AbortController());
    const to = now();
    const from = to - this.span;
    const points = Math.max(30, Math.min(400, Math.round(this.node.clientWidth / 2.5)));
    try {
      const data = await getInTurn("chart", { ...this.selection, from: from.toFixed(3), to: to.toFixed(3), points },
        request.signal);
      this.chart.show(data, from, to);
    } catch (error) {
      const message = reason(error);
      if (message) this.isWanted = true;
      if (message && !this.chart.data) this.chart.fail(message);
    }
    if (this.request === request) this.request = null;
    if (this.isWanted && this.isVisible && request.signal.aborted) this.load();
  }
}
