// Layer: StationWeb/Page. Uses: dom, format, api, chart. Used by: app, device.
// The view of one chart: its span of time stands in the address, so that a copied link shows the same thing.

import { h, keyed, segmented, set, text } from "./dom.js";
import { SPANS, STATES, beginning, duration, period, quantity, readSpan, rounded, shortTime,
  writeSpan } from "./format.js";
import { address, get, now, reason } from "./api.js";
import { Chart, swatch } from "./chart.js";

const SHORTEST = 20;
const LONGEST = 2 * 366 * 86400;
const SELECTION = ["series", "device", "object", "chart"];
const KINDS = { traffic: "Traffic", packets: "Packets", errors: "Errors" };
const COLUMNS = ["Line", "Last", "Least", "Mean", "Greatest", "95th"];

/** The address of a chart. `selection`: what /chart takes; `device`: where the view's way back leads. */
export function chartLink(selection, device, span) {
  const query = new URLSearchParams(selection);
  if (!query.has("device")) query.set("of", device);
  query.set("last", writeSpan(span));
  return `#/chart?${query}`;
}

/** Makes the view. */
export function chartView(app, parameters) {
  const selection = Object.fromEntries(SELECTION.filter((name) => parameters.get(name))
    .map((name) => [name, parameters.get(name)]));
  const device = parameters.get("device") ?? parameters.get("of");
  // Either the last so many seconds, or (null) from and to.
  let last = null;
  let [from, to] = [0, 0];
  let isOverlay = false;
  let data = null;
  let loadedAt = 0;
  let request = null;
  let timer = null;

  const chart = new Chart({ size: "large", label: "Chart", onzoom: zoom });
  const crumb = h("a#chart-back", { href: device ? `#/device/${Number(device)}` : "#/" }, "Device");
  const [name, alias] = [h("bdi", "Chart"), h("bdi")];
  const button = (id, label, words, keys, onclick) => h(`button#chart-${id}`,
    { type: "button", title: words, "aria-label": words, "aria-keyshortcuts": keys, onclick }, label);
  const spans = segmented("Span of time", Object.keys(SPANS), null, (name) => {
    last = SPANS[name];
    moved(false);
  });
  spans.id = "chart-spans";
  const live = button("live", "Live", "Back to now", "Home", goLive);
  const overlay = button("overlay", "Overlay", "Both directions above zero", "o", toggleOverlay);
  const copy = button("copy", "Copy link", "Copy link", null, copyLink);
  const csv = h("a#chart-csv.button", { download: "" }, "CSV");
  const caption = h("p#chart-span.muted");
  const kinds = h("nav.tabs", { "aria-label": "Charts of this interface", hidden: true });
  const rows = h("tbody");
  const notes = h("ul#chart-notes.notes");
  const node = h("section.view.chart-view", { "data-view": "chart" },
    h("div.heading", h("p.crumbs", h("a", { href: "#/" }, "Devices"), device ? [" / ", crumb] : null),
      h("h1#chart-title", name, h("small", alias))),
    kinds,
    h("div.toolbar", { role: "toolbar", "aria-label": "Chart" }, spans,
      h("div.segmented", { role: "group", "aria-label": "Move and zoom" },
        button("earlier", "◂", "Earlier", "ArrowLeft", () => pan(-0.5)),
        button("later", "▸", "Later", "ArrowRight", () => pan(0.5)),
        button("in", "+", "Zoom in", "+", () => scale(0.5)), button("out", "−", "Zoom out", "-", () => scale(2))),
      live, overlay, h("span.push"), copy, csv),
    h("div.panel", chart.node), caption,
    h("div.scroll", h("table#chart-figures.figures", h("thead", h("tr", COLUMNS.map((name, index) => h("th", {
      scope: "col", class: index ? "number" : null, title: index === 5 ? "percentile of the means shown" : null,
    }, name)))), rows)), notes);

  if (device) {
    get(`devices/${encodeURIComponent(device)}`).then((info) => {
      text(crumb, info.name);
      text(alias, info.interfaceList?.find((item) => String(item.object) === selection.object)?.alias);
    }).catch(reason);
  }
  if (selection.object && selection.chart in KINDS) {
    kinds.hidden = false;
    kinds.append(...Object.keys(KINDS).map((kind) =>
      h("a", { "data-kind": kind, "aria-current": kind === selection.chart ? "page" : null }, KINDS[kind])));
  }

  function bounds() {
    if (last !== null) {
      to = now();
      from = beginning(to - last, to, data?.begins);
    }
    return [from, to];
  }

  /** The address of what is shown, or of another chart over the same span. */
  function hash(other = {}) {
    const query = new URLSearchParams({ ...selection, ...other });
    if (parameters.get("of")) query.set("of", parameters.get("of"));
    if (last !== null) query.set("last", writeSpan(last));
    else {
      query.set("from", Math.floor(from));
      query.set("to", Math.ceil(to));
    }
    if (isOverlay) query.set("lines", "overlay");
    return `#/chart?${query}`;
  }

  function read(next) {
    const [start, end] = [Number(next.get("from")), Number(next.get("to"))];
    last = null;
    if (start > 0 && end > start) [from, to] = [start, end];
    else last = Math.min(LONGEST, readSpan(next.get("last")) ?? SPANS["1h"]);
    chart.options.overlay = isOverlay = next.get("lines") === "overlay";
  }

  function describe() {
    const [start, end] = bounds();
    spans.choose(last === null ? null : writeSpan(last));
    set(live, "aria-pressed", String(last !== null));
    set(overlay, "aria-pressed", String(isOverlay));
    const step = !data?.step ? "" : ` · a point each ${data.step < 60 ? rounded(shortTime(data.step))
      : duration(data.step)}`;
    text(caption, `${period(start, end)} · ${duration(end - start)}${step}`);
    set(csv, "href", address("chart.csv", { ...selection, from: start.toFixed(3), to: end.toFixed(3), points: 2000 }));
    for (const link of kinds.children) set(link, "href", hash({ chart: link.dataset.kind }));
  }

  /** The span changed: draws what there is at once, then asks for the rest. */
  function moved(isReplacing = true, delay = 0) {
    app.go(hash(), { isReplacing, isShown: true });
    if (data) chart.setSpan(...bounds());
    describe();
    clearTimeout(timer);
    timer = setTimeout(load, delay);
  }

  function zoom(start, end, how) {
    const length = Math.min(LONGEST, Math.max(SHORTEST, end - start));
    to = Math.min((start + end + length) / 2, now() + length * 0.02);
    from = to - length;
    last = null;
    const isGoingOn = how === "wheel" || how === "touch";
    moved(isGoingOn, isGoingOn ? 180 : 0);
  }

  function pan(share) {
    const [start, end] = bounds();
    const shift = (end - start) * share;
    if (end + shift < now()) return zoom(start + shift, end + shift, "wheel");
    last ??= end - start;
    moved();
  }

  function scale(factor) {
    const [start, end] = bounds();
    if (last === null) {
      const [middle, half] = [(start + end) / 2, ((end - start) / 2) * factor];
      return zoom(middle - half, middle + half, "wheel");
    }
    // While there is less than the span, zooming in begins with what is shown.
    const length = factor < 1 ? Math.min(last, end - start) : last;
    last = Math.min(LONGEST, Math.max(SHORTEST, Math.round(length * factor)));
    moved();
  }

  function goLive() {
    const [start, end] = bounds();
    last = Math.max(60, Math.round(end - start));
    moved(false);
  }

  function toggleOverlay() {
    chart.options.overlay = isOverlay = !isOverlay;
    moved();
  }

  async function copyLink() {
    try {
      await navigator.clipboard.writeText(location.href);
      text(copy, "Copied");
    } catch {
      // No permission, or no secure context: the address bar holds the link in any case.
      text(copy, "Copy it from the address bar");
    }
    app.say(copy.textContent);
    setTimeout(() => text(copy, "Copy link"), 2000);
  }

  async function load() {
    request?.abort();
    const mine = (request = new AbortController());
    const [start, end] = bounds();
    let isCoarse = false;
    const points = Math.max(60, Math.min(1200, Math.round((chart.node.clientWidth || innerWidth) / 2)));
    const query = { ...selection, from: start.toFixed(3), to: end.toFixed(3), points };
    try {
      data = await get("chart", query, mine.signal);
      loadedAt = now();
      text(name, data.title ?? "Chart");
      app.title(data.title ?? "Chart");
      set(chart.node, "aria-label", `${data.title}: arrows move, plus and minus zoom, shift and arrows read values`);
      chart.show(data, ...bounds());
      overlay.hidden = !chart.isMirrored;
      describe();
      figures();
      isCoarse = last !== null && from - start > data.step;
    } catch (error) {
      const message = reason(error);
      if (message) loadedAt = 0;
      if (message && !data) chart.fail(message);
    }
    if (request === mine) request = null;
    // There is less than was asked for: once more, in finer steps.
    if (isCoarse && !mine.signal.aborted) load();
  }

  /** The table below: each line's numbers over the span shown. Its first column switches lines off and on. */
  function figures() {
    keyed(rows, chart.data.lines, (line) => line.name, (line) => {
      const toggle = h("button.plain", { type: "button", "aria-pressed": "true", title: "Show or hide", onclick() {
        if (!chart.hidden.delete(line.name)) chart.hidden.add(line.name);
        set(toggle, "aria-pressed", String(!chart.hidden.has(line.name)));
        chart.draw();
        explain();
      } }, swatch(line), h("bdi", line.name));
      const cells = COLUMNS.slice(1).map(() => h("td.number"));
      return { node: h("tr", h("th", { scope: "row" }, toggle), cells), update({ points }) {
        const good = points.filter(([end, , mean]) => typeof mean === "number" && end >= from && end <= to + 1);
        const means = good.map((point) => point[2]).sort((a, b) => a - b);
        const values = means.length === 0 ? [] : [
          good.at(-1)[2], good.reduce((least, point) => Math.min(least, point[1]), Infinity),
          means.reduce((sum, mean) => sum + mean, 0) / means.length,
          good.reduce((most, point) => Math.max(most, point[3]), -Infinity), means[Math.ceil(means.length * 0.95) - 1]];
        cells.forEach((cell, index) => text(cell, quantity(values[index], data.unit)));
      } };
    });
    explain();
  }

  /** What the marks in the chart mean, of those that it shows. */
  function explain() {
    keyed(notes, chart.present ?? [], (state) => state, (state) => ({
      node: h("li", { "data-state": state }, h(`i.sample.${state}`), STATES[state]),
    }));
  }

  read(parameters);
  describe();
  load();

  return {
    node, name: "Chart", back: () => crumb.getAttribute("href"),
    /** The address changed by the browser's back and forward; answers whether this view can show it. */
    accept(next) {
      if (SELECTION.some((key) => (next.get(key) ?? "") !== (selection[key] ?? ""))) return false;
      read(next);
      if (data) chart.setSpan(...bounds());
      describe();
      load();
      return true;
    },
    update(change) {
      // A long span has long buckets: no need to ask every two seconds for what can't have changed.
      const pause = Math.min(60, Math.max(1, (data?.step ?? 1) / 4));
      if (request) return;
      if (loadedAt === 0 || (last !== null && change.sequence && now() - loadedAt >= pause)) load();
    },
    key({ key, shiftKey }) {
      const way = { ArrowLeft: -1, ArrowRight: 1 }[key];
      if (way && shiftKey) app.say(chart.nudge(way));
      else if (way) pan(way * 0.25);
      else if (key === "+" || key === "=") scale(0.5);
      else if (key === "-" || key === "_") scale(2);
      else if (key === "Home") goLive();
      else if (key === "o") toggleOverlay();
      else return key === "Escape" && chart.cancelDrag();
      return true;
    },
    close() {
      clearTimeout(timer);
      request?.abort();
      chart.close();
    },
  };
}
