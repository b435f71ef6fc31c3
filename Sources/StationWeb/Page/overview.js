// Layer: StationWeb/Page. Uses: dom, format, api, events. Used by: app.js.
// All devices in one table (cards on a phone), problems first, with totals above and recent events beside.
// Rows are made once and changed in place; the browser skips those out of sight (content-visibility).

import { arrange, h, meter, s, set, text, told } from "./dom.js";
import { NONE, ago, byName, bytes, digits, duration, percent, quantity, rate, shortTime } from "./format.js";
import { get, now, reason, station } from "./api.js";
import { recentEvents } from "./events.js";

/** Columns: key, head, unit or note, what to sort by. Those marked high start with the greatest. */
const COLUMNS = [
  { key: "health", name: "", hint: "Problems first", of: (d) => problem(d) },
  { key: "name", name: "Device", of: (d) => d.name },
  { key: "cpu", name: "CPU", isHigh: true, of: (d) => d.cpu },
  { key: "memory", name: "Memory", isHigh: true, of: (d) => d.memory },
  { key: "storage", name: "Storage", hint: "The fullest", isHigh: true, of: (d) => d.storage },
  { key: "in", name: "In", unit: "bit/s", isHigh: true, of: (d) => d.in },
  { key: "out", name: "Out", unit: "bit/s", isHigh: true, of: (d) => d.out },
  { key: "traffic", name: "Last hour", hint: "In above, out below; each to its own scale", isHigh: true,
    of: (d) => (d.in ?? 0) + (d.out ?? 0) },
  { key: "interfaces", name: "Ports", hint: "Interfaces up of all", isHigh: true, of: (d) => d.interfaces?.down },
  { key: "errors", name: "Errors", unit: "/s", hint: "Errors and discards", isHigh: true, of: (d) => d.errors },
  { key: "roundTrip", name: "Round trip", isHigh: true, of: (d) => d.roundTrip },
  { key: "lastSeen", name: "Seen", isHigh: true, of: (d) => d.lastSeen },
];

/** How much a device needs a look: 0 down, 1 not answering as it should, 2 something is full, 3 new, 4 good. */
export function problem(device) {
  if (device.state === "down") return 0;
  if (device.state === "new") return device.message ? 1 : 3;
  if (device.verdict && device.verdict !== "complete") return 1;
  if (device.storage >= 95 || device.memory >= 97 || device.cpu >= 97 || device.errors >= 10) return 2;
  return 4;
}

/** What `problem` means, as the mark before a name shows it. */
const HEALTH = [["down", "down"], ["partial", "partial"], ["busy", "needs a look"], ["new", "new"], ["up", "up"]];

/** The mark of a device's health: shape and colour, with a word for screen readers. */
export function healthMark() {
  const node = h("span", { class: "mark" });
  const word = h("span", { class: "spoken" });
  const whole = h("span", { class: "health" }, node, word);
  whole.show = (device) => {
    const [state, words] = HEALTH[problem(device)];
    set(node, "data-state", state);
    set(whole, "title", words);
    text(word, words);
  };
  return whole;
}

/** In above, out below zero, both to the greatest of the hour. */
export function sparkline() {
  const [up, down] = ["in", "out"].map((name) => s("path", { class: `spark-${name}` }));
  const node = s("svg", { class: "spark", viewBox: "0 0 120 32", preserveAspectRatio: "none", "aria-hidden": "true" },
    up, down, s("line", { class: "zero", x1: 0, x2: 120, y1: 16, y2: 16 }));
  node.show = (history) => {
    const most = Math.max(1, ...(history?.in ?? []), ...(history?.out ?? []));
    const path = (values, sign) => {
      if (!values?.length) return "";
      // Shorter histories end at the right, where now is.
      const x = (index) => 120 - ((values.length - 1 - index) / 59) * 120;
      let d = "";
      let isOpen = false;
      values.forEach((value, index) => {
        if (value === null) {
          if (isOpen) d += `V16Z`;
          isOpen = false;
          return;
        }
        const at = `${x(index).toFixed(1)} ${(16 - sign * (value / most) * 15).toFixed(1)}`;
        d += isOpen ? `L${at}` : `M${x(index).toFixed(1)} 16L${at}`;
        isOpen = true;
      });
      return isOpen ? `${d}V16Z` : d;
    };
    set(up, "d", path(history?.in, 1));
    set(down, "d", path(history?.out, -1));
  };
  return node;
}

function deviceRow(first) {
  const mark = healthMark();
  const name = h("bdi", {});
  const link = h("a", { class: "row-link", href: `#/device/${Number(first.id)}` }, name);
  const note = h("span", { class: "note" });
  const cells = {};
  const cell = (key, label, ...children) =>
    (cells[key] = h("td", { role: "cell", class: `c-${key}`, "data-label": label }, ...children));
  const meters = { cpu: meter("cpu"), memory: meter("memory", [90, 97]), storage: meter("storage", [85, 95]) };
  const spark = sparkline();
  const down = h("small");
  const ports = h("span");
  const node = h("tr", { role: "row", class: "device", "data-device": first.id },
    cell("health", "", mark), cell("name", "", link, note),
    cell("cpu", "CPU", meters.cpu), cell("memory", "Memory", meters.memory), cell("storage", "Storage", meters.storage),
    cell("in", "In"), cell("out", "Out"), cell("traffic", "", spark),
    cell("interfaces", "Ports", ports, down), cell("errors", "Errors/s"), cell("roundTrip", "Round trip"),
    cell("lastSeen", "Seen"));
  let shown = null;
  return {
    node, link, isVisible: true,
    update(device) {
      this.device = device;
      this.words = `${device.name} ${device.address} ${device.description ?? ""} ${device.location ?? ""} `
        + `${device.contact ?? ""} ${device.state} ${device.message ?? ""}`.toLowerCase();
      this.words = this.words.toLowerCase();
      const signature = JSON.stringify(device);
      if (signature === shown) return;
      shown = signature;
      set(node, "data-state", device.state);
      set(node, "data-name", device.name);
      mark.show(device);
      told(name, device.name);
      const trouble = device.state === "down" || (device.verdict && device.verdict !== "complete") ? device.message : null;
      told(note, trouble || device.location || device.address);
      set(note, "class", trouble ? "note trouble" : "note");
      for (const key in meters) meters[key].show(device[key], percent(device[key]));
      text(cells.in, rate(device.in));
      text(cells.out, rate(device.out));
      spark.show(device.history);
      const counts = device.interfaces;
      text(ports, counts ? `${counts.up}/${counts.total}` : NONE);
      text(down, counts?.down > 0 ? `${counts.down} down` : "");
      text(cells.errors, typeof device.errors === "number" ? digits(device.errors) : NONE);
      set(cells.errors, "data-level", device.errors >= 10 ? "bad" : device.errors > 0.005 ? "warn" : null);
      text(cells.roundTrip, shortTime(device.roundTrip));
      this.tick();
    },
    tick() {
      const device = this.device;
      text(cells.lastSeen, typeof device.lastSeen === "number" ? ago(now() - device.lastSeen) : "never");
      set(cells.lastSeen, "title", device.upTime ? `up for ${duration(device.upTime)}` : null);
    },
  };
}

/** Makes the view, which app.js keeps while others are shown. */
export function overview(app, parameters) {
  const rows = new Map();
  let search = parameters.get("search") ?? "";
  let sort = COLUMNS.find((column) => column.key === parameters.get("sort")) ?? COLUMNS[0];
  let isDown = parameters.get("order") === "down";
  let isHeld = false;
  let isAsking = false;
  let asked = { at: 0, cost: 0 };
  let error = null;

  const totals = h("dl", { class: "totals", id: "totals" });
  const body = h("tbody", { role: "rowgroup", id: "devices" });
  const heads = COLUMNS.map((column) => h("th", { role: "columnheader", scope: "col", class: `c-${column.key}` },
    h("button", { type: "button", "data-sort": column.key, title: column.hint ?? `Sort by ${column.name}`,
      "aria-label": column.name || "Problems first", onclick: () => choose(column) },
    column.name || h("span", { class: "mark", "data-state": "busy" }), column.unit ? h("small", {}, column.unit) : null)));
  const order = h("select", { id: "devices-order", "aria-label": "Sort by", onchange: () =>
    choose(COLUMNS.find((column) => column.key === order.value), true) },
  ...COLUMNS.map((column) => h("option", { value: column.key }, column.name || "Problems first")));
  const count = h("p", { id: "devices-count", role: "status", class: "muted" }, "loading");
  const table = h("table", { role: "table", class: "devices", "aria-label": "Devices" },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...heads)), body);
  const recent = recentEvents(20);
  const node = h("section", { class: "view overview", "data-view": "overview" }, h("h1", { class: "spoken" }, "Devices"), totals,
    h("div", { class: "columns" },
      h("div", { class: "list" }, h("div", { class: "list-head" }, count, order), table), recent.node));

  // Only rows near the window tell their age each second.
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) rows.get(entry.target.dataset.device).isVisible = entry.isIntersecting;
  }, { rootMargin: "300px" });
  // While the pointer is in the table its rows stay where they are, so that nobody clicks on the wrong one.
  table.addEventListener("pointerenter", (event) => (isHeld = event.pointerType === "mouse"));
  table.addEventListener("pointerleave", () => {
    isHeld = false;
    place();
  });
  const clock = setInterval(() => {
    if (!node.isConnected || document.hidden || station.isReachable === false) return;
    for (const row of rows.values()) if (row.isVisible && !row.node.hidden) row.tick();
  }, 1000);

  function choose(column, isFirst = false) {
    isDown = column === sort && !isFirst ? !isDown : Boolean(column.isHigh);
    sort = column;
    app.go(hash(), { isReplacing: true, isShown: true });
    place();
  }

  function hash() {
    const query = new URLSearchParams();
    if (search) query.set("search", search);
    if (sort !== COLUMNS[0]) query.set("sort", sort.key);
    if (isDown) query.set("order", "down");
    return `#/${query.size ? `?${query}` : ""}`;
  }

  function compare(a, b) {
    const [x, y] = [sort.of(a.device), sort.of(b.device)];
    // What isn't known goes last, in both directions.
    const isKnown = [x, y].map((value) => value !== null && value !== undefined);
    if (isKnown[0] !== isKnown[1]) return isKnown[0] ? -1 : 1;
    const way = isDown ? -1 : 1;
    if (sort.key === "name") return way * (a.rank - b.rank);
    if (isKnown[0] && x !== y) return way * (x - y);
    return a.rank - b.rank;
  }

  /** Sorts the rows that are there, then filters them. */
  function place() {
    arrange(body, [...rows.values()].sort(compare).map((row) => row.node));
    heads.forEach((head, index) => set(head, "aria-sort",
      COLUMNS[index] === sort ? (isDown ? "descending" : "ascending") : null));
    order.value = sort.key;
    sift();
  }

  /** Hides the rows that the search doesn't fit. */
  function sift() {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const list = [...rows.values()];
    let seen = 0;
    for (const row of list) {
      const isHidden = !words.every((word) => row.words.includes(word));
      if (row.node.hidden !== isHidden) row.node.hidden = isHidden;
      seen += isHidden ? 0 : 1;
    }
    if (error) text(count, error);
    else if (list.length === 0) text(count, "No devices yet. Add one: oriel station add NAME ADDRESS");
    else text(count, words.length > 0 ? `${seen} of ${list.length} devices` : `${list.length} device${list.length === 1 ? "" : "s"}`);
  }

  function show(devices) {
    const gone = new Set(rows.keys());
    for (const device of devices) {
      const key = String(device.id);
      gone.delete(key);
      if (!rows.has(key)) {
        const row = deviceRow(device);
        rows.set(key, row);
        watcher.observe(row.node);
      }
      rows.get(key).update(device);
    }
    const isChanged = gone.size > 0 || devices.length !== body.childElementCount;
    for (const key of gone) {
      watcher.unobserve(rows.get(key).node);
      rows.delete(key);
    }
    // Comparing names by language is slow: once, not in each sort.
    if (isChanged || [...rows.values()].some((row) => row.device.name !== row.ranked)) {
      [...rows.values()].sort((a, b) => byName(a.device.name, b.device.name) || a.device.id - b.device.id)
        .forEach((row, rank) => Object.assign(row, { rank, ranked: row.device.name }));
    }
    if (!isHeld || isChanged) place();
    else sift();
    total(devices);
  }

  function total(devices) {
    const sum = (of) => devices.reduce((all, device) => all + (of(device) ?? 0), 0);
    const counts = { down: 0, new: 0, up: 0 };
    for (const device of devices) counts[device.state] = (counts[device.state] ?? 0) + 1;
    const info = station.info ?? {};
    const portsDown = sum((device) => device.interfaces?.down);
    const items = [
      ["devices", "Devices", String(devices.length), counts.down ? `${counts.down} down` : counts.new ? `${counts.new} new` : "all up",
        counts.down ? "bad" : null],
      ["in", "In", quantity(sum((device) => device.in), "bit/s"), null],
      ["out", "Out", quantity(sum((device) => device.out), "bit/s"), null],
      ["ports", "Ports up", String(sum((device) => device.interfaces?.up)), portsDown ? `${portsDown} down` : null, null],
      ["errors", "Errors", `${digits(sum((device) => device.errors))}\u202f/s`, null],
      ["events", "Events today", String(info.eventsToday ?? NONE), null],
      ["samples", "Samples", `${digits(info.samplesPerSecond)}\u202f/s`, `${info.series ?? NONE} series`],
      ["data", "Database", bytes(info.dataBytes), info.started ? `running ${duration(now() - info.started)}` : null],
    ];
    if (totals.childElementCount !== items.length) {
      totals.replaceChildren(...items.map(([key, name]) =>
        h("div", { "data-total": key }, h("dt", {}, name), h("dd", {}, h("b", {}), h("span", {})))));
    }
    items.forEach(([, , value, note, level], index) => {
      const [number, small] = totals.children[index].lastChild.children;
      text(number, value);
      text(small, note);
      set(small, "data-level", level);
    });
    app.alert(counts.down ?? 0);
  }

  async function load() {
    if (isAsking) return;
    isAsking = true;
    const start = performance.now();
    try {
      const answer = await get("devices");
      error = null;
      show(answer.devices);
      node.dataset.loaded = "true";
    } catch (problem) {
      const message = reason(problem);
      if (rows.size === 0) {
        error = message;
        place();
      }
    }
    asked = { at: performance.now(), cost: performance.now() - start };
    isAsking = false;
  }

  load();
  recent.update();

  return {
    node, name: "", isKept: true, back: () => null,
    search: { label: "Search devices", get value() { return search; }, set(words) {
      search = words;
      app.go(hash(), { isReplacing: true, isShown: true });
      sift();
    } },
    accept(next) {
      search = next.get("search") ?? "";
      sort = COLUMNS.find((column) => column.key === next.get("sort")) ?? COLUMNS[0];
      isDown = next.get("order") === "down";
      place();
      return true;
    },
    /** The devices as they stand in the table, for going to the next one from a device's own view. */
    order: () => [...body.children].filter((row) => !row.hidden).map((row) => row.dataset.device),
    update(change) {
      // With very many devices an answer is large: asking takes a tenth of the time, but never rests over ten seconds.
      if (!change.sequence || performance.now() - asked.at < Math.min(10000, asked.cost * 10)) return;
      load();
      recent.update();
    },
    key(event) {
      const way = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
      if (way === undefined) return false;
      const links = [...body.children].filter((row) => !row.hidden).map((row) => rows.get(row.dataset.device).link);
      const at = links.indexOf(document.activeElement);
      const next = links[at < 0 ? (way > 0 ? 0 : links.length - 1) : Math.max(0, Math.min(links.length - 1, at + way))];
      next?.focus({ preventScroll: true });
      next?.closest("tr").scrollIntoView({ block: "nearest" });
      return true;
    },
    close() {
      clearInterval(clock);
      watcher.disconnect();
    },
  };
}
