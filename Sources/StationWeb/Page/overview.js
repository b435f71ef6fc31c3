// Layer: StationWeb/Page. Uses: dom, format, api, chart, chartview, events. Used by: app, device.
// All devices in one table (cards on a phone), problems first, with totals above and recent events beside.
// Rows are made once and changed in place; the browser skips those out of sight (content-visibility).

import { arrange, h, keyed, meter, s, set, text, told } from "./dom.js";
import { NONE, SPANS, ago, byName, bytes, digits, duration, percent, quantity, rate, shortTime } from "./format.js";
import { get, now, reason, station } from "./api.js";
import { LiveChart } from "./chart.js";
import { chartLink } from "./chartview.js";
import { recentEvents } from "./events.js";

/** Columns: key, head, its unit, what it sorts by (the value of its name without `of`), a hint. */
const COLUMNS = [
  { key: "health", name: "", hint: "Problems first", of: (device) => problem(device) },
  { key: "name", name: "Device", of: (device) => device.name },
  { key: "cpu", name: "CPU" },
  { key: "memory", name: "Memory" },
  { key: "storage", name: "Storage", hint: "The fullest" },
  { key: "in", name: "In", unit: "bit/s" },
  { key: "out", name: "Out", unit: "bit/s" },
  { key: "traffic", name: "Last hour", hint: "In above, out below; each device to its own scale",
    of: (device) => (device.in ?? 0) + (device.out ?? 0) },
  { key: "interfaces", name: "Ports", hint: "Interfaces that are up, of all", of: (device) => device.interfaces?.down },
  { key: "errors", name: "Errors", unit: "/s", hint: "Errors and discards" },
  { key: "roundTrip", name: "Round trip" },
  { key: "lastSeen", name: "Seen" },
];
const columnOf = (key) => COLUMNS.find((column) => column.key === key) ?? COLUMNS[0];
const valueOf = (column, device) => (column.of ? column.of(device) : device[column.key]) ?? null;

/** How much a device needs a look: 0 down, 1 doesn't answer as it should, 2 something is full, 3 new, 4 good. */
export function problem(device) {
  if (device.state === "down") return 0;
  if (device.state === "new") return device.message ? 1 : 3;
  if (device.verdict && device.verdict !== "complete") return 1;
  return device.storage >= 95 || device.memory >= 97 || device.cpu >= 97 || device.errors >= 10 ? 2 : 4;
}

/** What `problem` means: the mark before a name, and a word. */
const HEALTH = [["down", "down"], ["partial", "partial"], ["busy", "needs a look"], ["new", "new"], ["up", "up"]];

/** The mark of a device's health: shape and colour, with a word for screen readers. */
export function healthMark() {
  const [mark, word] = [h("span.mark"), h("span.spoken")];
  const node = h("span", mark, word);
  node.show = (device) => {
    const [state, words] = HEALTH[problem(device)];
    set(mark, "data-state", state);
    set(node, "title", words);
    text(word, words);
  };
  return node;
}

/** In above, out below zero, both to the greatest of the hour. */
function sparkline() {
  const ways = { in: s("path.spark-in"), out: s("path.spark-out") };
  const node = s("svg.spark", { viewBox: "0 0 120 32", preserveAspectRatio: "none", "aria-hidden": "true" },
    ways.in, ways.out, s("line.zero", { x1: 0, x2: 120, y1: 16, y2: 16 }));
  node.show = (history, length) => {
    const most = Math.max(1, ...(history?.in ?? []), ...(history?.out ?? []));
    for (const way in ways) {
      const values = history?.[way] ?? [];
      const scale = (way === "in" ? -15 : 15) / most;
      let d = "";
      let isOpen = false;
      values.forEach((value, index) => {
        if (value === null) d += isOpen ? "V16Z" : "";
        else {
          // Each minute is as wide as any; shorter histories than the longest one end at the right, where now is.
          const x = 120 - ((values.length - 1 - index) * 120) / length;
          const [start, end, y] = [x - 120 / length, x, 16 + value * scale].map((place) => place.toFixed(1));
          d += isOpen ? `L${end} ${y}` : `M${start} 16V${y}H${end}`;
        }
        isOpen = value !== null;
      });
      set(ways[way], "d", isOpen ? `${d}V16Z` : d);
    }
  };
  return node;
}

function deviceRow(first) {
  const [mark, name, note, spark, ports, down] =
    [healthMark(), h("bdi"), h("span.note"), sparkline(), h("span"), h("small")];
  const link = h("a.row-link", { href: `#/device/${Number(first.id)}` }, name);
  const meters = { cpu: meter("cpu"), memory: meter("memory", [90, 97]), storage: meter("storage") };
  const inside = { health: mark, name: [link, note], traffic: spark, interfaces: [ports, down], ...meters };
  const cells = Object.fromEntries(COLUMNS.map(({ key, name: label }) =>
    [key, h(`td.c-${key}`, { role: "cell", "data-label": label }, inside[key])]));
  const node = h("tr.device", { role: "row", "data-device": first.id }, Object.values(cells));
  let shown = null;
  return {
    node, link, isVisible: true,
    update(device, length) {
      this.device = device;
      const signature = JSON.stringify([device, length]);
      if (signature === shown) return;
      shown = signature;
      this.words = ["name", "address", "description", "location", "contact", "state", "message"]
        .map((key) => device[key] ?? "").join(" ").toLowerCase();
      set(node, "data-state", device.state);
      set(node, "data-name", device.name);
      mark.show(device);
      told(name, device.name);
      const trouble = problem(device) < 2 ? device.message : null;
      told(note, trouble || device.location
        || (device.origin === "built-in" ? "watched by the station itself" : device.address));
      note.classList.toggle("trouble", Boolean(trouble));
      for (const key in meters) meters[key].show(device[key], percent(device[key]));
      text(cells.in, rate(device.in));
      text(cells.out, rate(device.out));
      spark.show(device.history, length);
      const counts = device.interfaces;
      text(ports, counts?.total ? `${counts.up}/${counts.total}` : NONE);
      text(down, counts?.down > 0 ? `${counts.down} down` : "");
      text(cells.errors, digits(device.errors ?? NaN));
      set(cells.errors, "data-level", device.errors >= 10 ? "bad" : device.errors > 0.005 ? "warn" : null);
      text(cells.roundTrip, shortTime(device.roundTrip));
      set(cells.lastSeen, "title", device.upTime ? `up for ${duration(device.upTime)}` : null);
      this.tick();
    },
    tick() {
      const { lastSeen } = this.device;
      text(cells.lastSeen, typeof lastSeen === "number" ? ago(now() - lastSeen) : "never");
    },
  };
}

/** The totals of all devices: {node, show(devices)}. */
function totalsLine(app) {
  const names = { devices: "Devices", in: "In", out: "Out", ports: "Ports up", errors: "Errors",
    events: "Events today", samples: "Samples", data: "Database" };
  const node = h("dl#totals.totals", Object.keys(names).map((key) =>
    h("div", { "data-total": key }, h("dt", names[key]), h("dd", h("b"), h("span")))));
  return { node, show(devices) {
    // Of nothing known the sum isn't known either.
    const sum = (of) => devices.reduce((all, device) => (of(device) ?? null) === null ? all : all + of(device), null);
    const count = (state) => devices.filter((device) => device.state === state).length;
    const info = station.info ?? {};
    const [down, fresh, portsDown] = [count("down"), count("new"), sum((device) => device.interfaces?.down)];
    const values = [
      [String(devices.length), down ? `${down} down` : fresh ? `${fresh} new` : "all up"],
      [quantity(sum((device) => device.in), "bit/s")],
      [quantity(sum((device) => device.out), "bit/s")],
      [String(sum(({ interfaces }) => (interfaces?.total ? interfaces.up : null)) ?? NONE),
        portsDown ? `${portsDown} down` : ""],
      [quantity(sum((device) => device.errors), "/s")],
      [String(info.eventsToday ?? NONE)],
      [quantity(info.samplesPerSecond, "/s"), `${info.series ?? NONE} series`],
      [bytes(info.dataBytes), info.started ? `running ${duration(now() - info.started)}` : ""],
    ];
    values.forEach(([value, note], index) => {
      const [number, small] = node.children[index].lastChild.children;
      text(number, value);
      text(small, note);
      set(small, "data-level", index === 0 && down ? "bad" : null);
    });
    app.alert(down);
  } };
}

/** What a new station shows below its only device: charts of it, and how to go on. {node, show(devices)}. */
function beginnings() {
  const CHARTS = { cpu: ["Processors", percent], memory: ["Memory", percent], load: ["Load", digits] };
  const charts = h("div.charts");
  const port = h("code.mono");
  let latest = null;
  const traps = h("p", "Traps and informs are received at UDP port ", port, ".");
  const node = h("section#beginnings.part", { "aria-label": "First steps", hidden: true }, charts,
    h("div.first-steps.muted", h("p", "Watch more: ", h("code.mono", "oriel station add HOST -c COMMUNITY")), traps));
  return { node, show(devices) {
    node.hidden = devices.length > 1;
    text(port, String(station.info?.trapPort ?? ""));
    traps.hidden = !port.textContent;
    const [device] = devices.length === 1 ? devices : [];
    latest = device;
    keyed(charts, device ? Object.keys(CHARTS).filter((name) => typeof device[name] === "number") : [],
      (name) => `${device.id} ${name}`, (name) => {
        const [title, words] = CHARTS[name];
        const selection = { device: device.id, chart: name };
        const chart = new LiveChart(selection, { size: "small", label: title }, SPANS["1h"]);
        const value = h("b");
        let seen = device.lastSeen;
        return {
          node: h("figure.panel", h("figcaption",
            h("a", { href: chartLink(selection, device.id, SPANS["1h"]) }, title), value), chart.node),
          update() {
            text(value, words(latest[name]));
            if (seen !== latest.lastSeen) chart.refresh();
            seen = latest.lastSeen;
          },
          close: () => chart.close(),
        };
      });
  } };
}

/** Makes the view, which app.js keeps while others are shown. */
export function overview(app, parameters) {
  const rows = new Map();
  let search = "";
  let sort = COLUMNS[0];
  let isDown = false;
  let isHeld = false;
  let isAsking = false;
  let asked = { at: 0, cost: 0 };
  let error = null;
  let latest = [];

  const totals = totalsLine(app);
  const body = h("tbody#devices", { role: "rowgroup" });
  const heads = COLUMNS.map((column) => h(`th.c-${column.key}`, { role: "columnheader", scope: "col" },
    h("button", { type: "button", "data-sort": column.key, title: column.hint ?? `Sort by ${column.name}`,
      "aria-label": column.name || column.hint, onclick: () => choose(column, column === sort && !isDown) },
    column.name ? h("span", column.name) : h("span.mark", { "data-state": "busy" }),
    column.unit ? h("small", column.unit) : null)));
  const hour = heads[COLUMNS.findIndex(({ key }) => key === "traffic")].querySelector("span");
  const order = h("select#devices-order", { "aria-label": "Sort by", onchange: () => choose(columnOf(order.value)) },
    COLUMNS.map((column) => h("option", { value: column.key }, column.name || column.hint)));
  const count = h("p#devices-count.muted", { role: "status" }, "loading");
  const table = h("table.rows.devices", { role: "table", "aria-label": "Devices" },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads)), body);
  const recent = recentEvents(20);
  const first = beginnings();
  const node = h("section.view.overview", { "data-view": "overview" }, h("h1.spoken", "Devices"), totals.node,
    h("div.columns", h("div", h("div.list-head", count, order), table, first.node), recent.node));

  // Only rows near the window tell their age each second.
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const row = rows.get(entry.target.dataset.device);
      if (row) row.isVisible = entry.isIntersecting;
    }
  }, { rootMargin: "300px" });
  setInterval(() => {
    if (!node.isConnected || document.hidden || !station.isReachable) return;
    for (const row of rows.values()) if (row.isVisible && !row.node.hidden) row.tick();
  }, 1000);
  // While the pointer is in the table its rows stay where they are, so that nobody clicks on the wrong one.
  table.addEventListener("pointerenter", (event) => (isHeld = event.pointerType === "mouse"));
  table.addEventListener("pointerleave", () => {
    isHeld = false;
    place();
  });

  /** Sorts by a column: first what needs a look, so the greatest of numbers; `isTurned` is the other way. */
  function choose(column, isTurned = false) {
    const isName = column.key === "name" || column.key === "health";
    isDown = isName ? isTurned : !(column === sort && isDown);
    sort = column;
    remember();
    place();
  }

  function remember() {
    const query = new URLSearchParams();
    if (search) query.set("search", search);
    if (sort !== COLUMNS[0]) query.set("sort", sort.key);
    if (isDown) query.set("order", "down");
    app.go(`#/${query.size ? `?${query}` : ""}`, { isReplacing: true, isShown: true });
  }

  function compare(a, b) {
    if (sort.key === "name") return (a.rank - b.rank) * (isDown ? -1 : 1);
    const [x, y] = [valueOf(sort, a.device), valueOf(sort, b.device)];
    // What isn't known goes last, in both directions.
    if (x === null || y === null) return (x === null) - (y === null) || a.rank - b.rank;
    return (x - y) * (isDown ? -1 : 1) || a.rank - b.rank;
  }

  /** Sorts the rows that are there, then filters them. */
  function place() {
    arrange(body, [...rows.values()].sort(compare).map((row) => row.node));
    heads.forEach((head, index) =>
      set(head, "aria-sort", COLUMNS[index] === sort ? (isDown ? "descending" : "ascending") : null));
    order.value = sort.key;
    sift();
  }

  /** Hides the rows that the search doesn't fit. */
  function sift() {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    let seen = 0;
    for (const row of rows.values()) {
      const isHidden = !words.every((word) => row.words.includes(word));
      if (row.node.hidden !== isHidden) row.node.hidden = isHidden;
      seen += isHidden ? 0 : 1;
    }
    const total = `${rows.size} device${rows.size === 1 ? "" : "s"}`;
    text(count, error ?? (rows.size === 0 ? "No devices yet."
      : words.length > 0 ? `${seen} of ${total}` : total));
  }

  function show(devices) {
    const gone = new Set(rows.keys());
    // As long as no device has an hour, the lines begin with the oldest minute; five of them are shown at least.
    const length = Math.max(5, ...devices.map((device) => device.history?.in?.length ?? 0));
    const span = length < 60 ? `Last ${length} min` : "Last hour";
    text(hour, span);
    set(hour.parentElement, "aria-label", span);
    let isChanged = false;
    for (const device of devices) {
      const key = String(device.id);
      if (!gone.delete(key)) {
        rows.set(key, deviceRow(device));
        watcher.observe(rows.get(key).node);
      }
      const row = rows.get(key);
      isChanged ||= row.device?.name !== device.name;
      row.update(device, length);
    }
    for (const key of gone) {
      watcher.unobserve(rows.get(key).node);
      rows.delete(key);
    }
    if (isChanged) {
      // Comparing names by language is slow: done here once, not in each sort.
      [...rows.values()].sort((a, b) => byName(a.device.name, b.device.name) || a.device.id - b.device.id)
        .forEach((row, rank) => (row.rank = rank));
    }
    if (isHeld && !isChanged && gone.size === 0) sift();
    else place();
    totals.show(latest);
    first.show(latest);
  }

  async function load() {
    if (isAsking) return;
    isAsking = true;
    const start = performance.now();
    try {
      latest = (await get("devices")).devices;
      error = null;
      show(latest);
      node.dataset.loaded = "true";
    } catch (problem) {
      error = rows.size === 0 ? reason(problem) : null;
      sift();
    }
    asked = { at: performance.now(), cost: performance.now() - start };
    isAsking = false;
  }

  function accept(next) {
    search = next.get("search") ?? "";
    sort = columnOf(next.get("sort"));
    isDown = next.get("order") === "down";
    place();
    return true;
  }

  const seen = () => [...body.children].filter((row) => !row.hidden).map((row) => row.dataset.device);
  accept(parameters);
  text(count, "loading");

  return {
    node, name: "", isKept: true, back: () => null, accept,
    search: { label: "Search devices", get value() { return search; }, set(words) {
      search = words;
      remember();
      sift();
    } },
    /** The numbers of the devices as they stand in the table, for going from one to the next. */
    order: seen,
    update(change) {
      totals.show(latest);
      if (node.dataset.loaded) first.show(latest);
      // With very many devices an answer is large: asking takes a tenth of the time, but rests ten seconds at most.
      if (!change.sequence || performance.now() - asked.at < Math.min(10000, asked.cost * 10)) return;
      load();
      recent.update();
    },
    key({ key }) {
      const way = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[key];
      if (!way) return false;
      const links = seen().map((number) => rows.get(number).link);
      const at = links.indexOf(document.activeElement);
      const next = links[at < 0 ? (way > 0 ? 0 : links.length - 1) : Math.max(0, Math.min(links.length - 1, at + way))];
      next?.focus({ preventScroll: true });
      next?.closest("tr").scrollIntoView({ block: "nearest" });
      return true;
    },
  };
}
