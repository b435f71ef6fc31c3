// Layer: StationWeb/Page. Uses: dom, format, api, chart. Used by: app.js.
// The view of one chart: its span of time stands in the address, so that a copied link shows the same thing.

import { h, keyed, segmented, set, text } from "./dom.js";
import { SPANS, STATES, duration, period, quantity, readSpan, writeSpan } from "./format.js";
import { address, get, now, reason } from "./api.js";
import { Chart } from "./chart.js";

const SHORTEST = 20;
const LONGEST = 2 * 366 * 86400;
const KINDS = { traffic: "Traffic", packets: "Packets", errors: "Errors" };

/** The address of a chart. `selection`: what /chart takes; `device`: where the view's way back leads. */
export function chartLink(selection, device, span) {
  const query = new URLSearchParams(selection);
  if (device !== undefined && !query.has("device")) query.set("of", device);
  query.set("last", writeSpan(span ?? SPANS["1h"]));
  return `#/chart?${query}`;
}

/** Makes the view. `app` offers go(hash, {isReplacing}), and say(text) for screen readers. */
export function chartView(app, parameters) {
  const selection = {};
  for (const name of ["series", "device", "chart", "object"]) {
    if (parameters.get(name)) selection[name] = parameters.get(name);
  }
  const device = parameters.get("device") ?? parameters.get("of");
  let last = null;
  let from = 0;
  let to = 0;
  let isOverlay = false;
  let request = null;
  let loaded = { at: 0, data: null };
  let timer = null;

  const chart = new Chart({ size: "large", label: "Chart", onzoom: zoom });
  const crumb = h("a", { href: device ? `#/device/${device}` : "#/", id: "chart-back" }, device ? "Device" : "Devices");
  const title = h("h1", { id: "chart-title" }, "Chart");
  const button = (id, label, key, action, words = label) => h("button", {
    type: "button", id, title: key ? `${words} (${key})` : words, "aria-label": words, "aria-keyshortcuts": key, onclick: action,
  }, label);
  const spans = segmented("Span of time", Object.keys(SPANS).map((name) => [name, name]), null, (name) => {
    last = SPANS[name];
    moved(false);
  });
  spans.id = "chart-spans";
  const live = button("chart-live", "Live", "Home", goLive, "Back to now");
  const overlay = button("chart-overlay", "Overlay", "o", toggleOverlay, "Both directions above zero");
  const copy = button("chart-copy", "Copy link", null, copyLink);
  const csv = h("a", { id: "chart-csv", class: "button", download: "" }, "CSV");
  const span = h("p", { id: "chart-span", class: "muted" });
  const kinds = h("nav", { class: "tabs", "aria-label": "Charts of this interface", hidden: !(selection.chart in KINDS) });
  const rows = h("tbody");
  const notes = h("ul", { class: "notes", id: "chart-notes" });
  const node = h("section", { class: "view chart-view", "data-view": "chart" },
    h("div", { class: "heading" }, h("p", { class: "crumbs" }, h("a", { href: "#/" }, "Devices"), " / ", crumb, " / "), title),
    kinds,
    h("div", { class: "toolbar", role: "toolbar", "aria-label": "Chart" }, spans,
      h("div", { class: "segmented", role: "group", "aria-label": "Move and zoom" },
        button("chart-earlier", "◂", "ArrowLeft", () => pan(-0.5), "Earlier"),
        button("chart-later", "▸", "ArrowRight", () => pan(0.5), "Later"),
        button("chart-in", "+", "+", () => scale(0.5), "Zoom in"),
        button("chart-out", "−", "-", () => scale(2), "Zoom out")),
      live, overlay, h("span", { class: "push" }), copy, csv),
    h("div", { class: "panel" }, chart.node), span,
    h("div", { class: "scroll" }, h("table", { class: "figures", id: "chart-figures" },
      h("thead", {}, h("tr", {}, ...["Line", "Last", "Least", "Mean", "Greatest", "95th"].map((name, index) =>
        h("th", { scope: "col", class: index ? "number" : null,
          title: index === 5 ? "95th percentile of the buckets' means over the span shown" : null }, name)))), rows)),
    notes);
  node.dataset.device = device ?? "";

  if (device) {
    get(`devices/${encodeURIComponent(device)}`).then((info) => {
      text(crumb, info.name);
      const thing = (info.interfaceList ?? []).find((item) => String(item.object) === selection.object);
      if (thing?.alias) title.append(h("small", {}, h("bdi", {}, thing.alias)));
    }, () => {});
  }

  function bounds() {
    if (last !== null) {
      to = now();
      from = to - last;
    }
    return [from, to];
  }

  /** The address of what is shown. */
  function hash() {
    const query = new URLSearchParams(selection);
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
    if (next.has("from") && start > 0 && end > start) [from, to] = [start, end];
    else last = Math.min(LONGEST, readSpan(next.get("last")) ?? SPANS["1h"]);
    isOverlay = next.get("lines") === "overlay";
    chart.options.overlay = isOverlay;
  }

  function describe() {
    const [start, end] = bounds();
    spans.choose(last === null ? null : writeSpan(last));
    set(live, "aria-pressed", last !== null ? "true" : "false");
    set(overlay, "aria-pressed", isOverlay ? "true" : "false");
    const step = loaded.data?.step;
    text(span, `${period(start, end)} · ${duration(end - start)}${step ? ` · a point each ${duration(step)}` : ""}`);
    const points = 2000;
    set(csv, "href", address("chart.csv", { ...selection, from: start.toFixed(3), to: end.toFixed(3), points }));
    for (const link of kinds.children) {
      const query = new URLSearchParams(hash().split("?")[1]);
      query.set("chart", link.dataset.kind);
      set(link, "href", `#/chart?${query}`);
    }
  }

  /** The span changed: draws what there is at once, then asks for the rest. */
  function moved(isReplacing = true, delay = 0) {
    app.go(hash(), { isReplacing, isShown: true });
    const [start, end] = bounds();
    if (loaded.data) chart.setSpan(start, end);
    describe();
    clearTimeout(timer);
    timer = setTimeout(load, delay);
  }

  function zoom(start, end, how) {
    const length = Math.min(LONGEST, Math.max(SHORTEST, end - start));
    const middle = (start + end) / 2;
    const limit = now() + length * 0.02;
    to = Math.min(middle + length / 2, limit);
    from = to - length;
    last = null;
    moved(how === "wheel" || how === "touch", how === "wheel" || how === "touch" ? 180 : 0);
  }

  function pan(share) {
    const [start, end] = bounds();
    const shift = (end - start) * share;
    if (shift > 0 && last !== null) return;
    if (end + shift >= now()) {
      last = end - start;
      moved();
    } else zoom(start + shift, end + shift, "wheel");
  }

  function scale(factor) {
    const [start, end] = bounds();
    if (last !== null) {
      last = Math.min(LONGEST, Math.max(SHORTEST, Math.round(last * factor)));
      moved();
    } else {
      const middle = (start + end) / 2;
      zoom(middle - ((end - start) / 2) * factor, middle + ((end - start) / 2) * factor, "wheel");
    }
  }

  function goLive() {
    const [start, end] = bounds();
    last = Math.max(60, Math.round(end - start));
    moved(false);
  }

  function toggleOverlay() {
    isOverlay = !isOverlay;
    chart.options.overlay = isOverlay;
    moved();
  }

  async function copyLink() {
    const link = location.href;
    try {
      await navigator.clipboard.writeText(link);
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
    const points = Math.max(60, Math.min(1200, Math.round((chart.node.clientWidth || 800) / 2)));
    set(chart.node, "aria-busy", "true");
    try {
      const data = await get("chart", { ...selection, from: start.toFixed(3), to: end.toFixed(3), points }, mine.signal);
      loaded = { at: now(), data };
      title.firstChild.data = data.title ?? "Chart";
      app.title(data.title ?? "Chart");
      set(chart.node, "aria-label", `${data.title}. Arrows move, plus and minus zoom, Home goes to now, shift with arrows reads values.`);
      chart.show(data, ...bounds());
      overlay.hidden = !chart.isMirrored;
      describe();
      figures();
    } catch (error) {
      const message = reason(error);
      if (!message) return;
      if (!loaded.data) chart.fail(message);
      loaded.at = 0;
    }
    set(chart.node, "aria-busy", null);
  }

  /** The table below: each line's numbers over the span shown. Its first column switches lines off and on. */
  function figures() {
    const unit = loaded.data.unit;
    keyed(rows, chart.data.lines, (line) => line.name, (made) => {
      const swatch = h("i", { class: "swatch" });
      const toggle = h("button", { type: "button", class: "plain", "aria-pressed": "true", title: "Show or hide", onclick: () => {
        if (!chart.hidden.delete(made.name)) chart.hidden.add(made.name);
        set(toggle, "aria-pressed", chart.hidden.has(made.name) ? "false" : "true");
        chart.draw();
        describeStates();
      } }, swatch, h("bdi", {}, made.name));
      const cells = [0, 1, 2, 3, 4].map(() => h("td", { class: "number" }));
      return { node: h("tr", { "data-line": made.name }, h("th", { scope: "row" }, toggle), ...cells), update(line) {
        swatch.style.background = line.colour;
        const good = line.points.filter((point) => typeof point[2] === "number" && point[0] >= from && point[0] <= to + 1);
        const means = good.map((point) => point[2]).sort((a, b) => a - b);
        const sum = means.reduce((total, mean) => total + mean, 0);
        const least = good.reduce((value, point) => Math.min(value, point[1]), Infinity);
        const most = good.reduce((value, point) => Math.max(value, point[3]), -Infinity);
        const values = means.length === 0 ? [] : [good.at(-1)[2], least, sum / means.length, most,
          means[Math.min(means.length - 1, Math.ceil(means.length * 0.95) - 1)]];
        cells.forEach((cell, index) => text(cell, quantity(values[index], unit)));
      } };
    });
    describeStates();
  }

  function describeStates() {
    keyed(notes, [...(chart.present ?? [])], (state) => state, (state) => ({
      node: h("li", { "data-state": state }, h("i", { class: `sample ${state}`, "aria-hidden": "true" }), STATES[state] ?? state),
    }));
  }

  for (const name in KINDS) {
    if (selection.object && selection.chart in KINDS) {
      kinds.append(h("a", { "data-kind": name, "aria-current": name === selection.chart ? "page" : null }, KINDS[name]));
    }
  }
  kinds.hidden = kinds.childElementCount === 0;
  read(parameters);
  describe();
  load();

  return {
    node, name: "Chart", back: () => crumb.getAttribute("href"),
    /** The address changed by the browser's back and forward; answers whether this view can show it. */
    accept(next) {
      const same = ["series", "device", "chart", "object"].every((name) => (next.get(name) ?? "") === (selection[name] ?? ""));
      if (!same) return false;
      read(next);
      if (loaded.data) chart.setSpan(...bounds());
      describe();
      load();
      return true;
    },
    update(change) {
      // A long span has long buckets: no need to ask every two seconds for what can't have changed.
      const pause = Math.min(60, Math.max(1, (loaded.data?.step ?? 1) / 4));
      if (loaded.at === 0 || (last !== null && change.sequence && now() - loaded.at >= pause)) load();
    },
    key(event) {
      const isArrow = event.key === "ArrowLeft" || event.key === "ArrowRight";
      const way = event.key === "ArrowLeft" ? -1 : 1;
      if (isArrow && event.shiftKey) app.say(chart.nudge(way));
      else if (isArrow) pan(way * 0.25);
      else if (event.key === "+" || event.key === "=") scale(0.5);
      else if (event.key === "-" || event.key === "_") scale(2);
      else if (event.key === "Home") goLive();
      else if (event.key === "o") toggleOverlay();
      else if (event.key === "Escape" && chart.cancelDrag()) return true;
      else return false;
      return true;
    },
    close() {
      clearTimeout(timer);
      request?.abort();
      chart.close();
    },
  };
}
