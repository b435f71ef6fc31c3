// Layer: StationWeb/Page. Uses: dom, format, api, chart, chartview, events, overview. Used by: app.
// The view of one device: what it is and how it is, its charts, interfaces, processors, storage, events and series.

import { h, keyed, meter, rowsOf, segmented, set, text, told } from "./dom.js";
import { NONE, SPANS, ago, byName, bytes, digits, duration, exact, moment, percent, quantity, rate, readSpan, rounded,
  shortTime, writeSpan } from "./format.js";
import { get, now, reason } from "./api.js";
import { LiveChart } from "./chart.js";
import { chartLink } from "./chartview.js";
import { eventList } from "./events.js";
import { healthMark } from "./overview.js";

const VERDICTS = {
  complete: "complete: all that was asked for came",
  partial: "partial: some objects didn't come; the rest is recorded",
  none: "none: nothing came",
};
const TYPES = { 1: "other", 6: "ethernet", 23: "ppp", 24: "loopback", 53: "virtual", 71: "wireless", 131: "tunnel",
  135: "vlan", 136: "vlan", 161: "link aggregate", 209: "bridge" };
const PORT_COLUMNS = { mark: "State", name: "Interface", speed: "Speed", in: "In bit/s", out: "Out bit/s", use: "Use",
  errors: "Errors/s", chart: "Traffic", open: "Details" };

/** Makes the view of one device. */
export function deviceView(app, parameters, id) {
  const number = Number(id);
  let span = readSpan(parameters.get("range")) ?? SPANS["1h"];
  let device = null;
  let filter = "";
  let isLoading = false;
  let isOver = false;
  let refreshed = now();
  const group = new Set();
  const live = new Set();

  const mark = healthMark();
  const title = h("bdi#device-name");
  const trouble = h("p#device-message.trouble-box", { hidden: true });
  const facts = h("dl#device-facts.facts");
  const spans = segmented("Span of the charts", Object.keys(SPANS), writeSpan(span), (name) => {
    span = SPANS[name];
    spans.choose(name);
    app.go(span === SPANS["1h"] ? `#/device/${number}` : `#/device/${number}?range=${name}`,
      { isReplacing: true, isShown: true });
    for (const chart of live) chart.refresh(span);
    // Links to large charts follow the span chosen here.
    for (const link of node.querySelectorAll("[data-link]")) set(link, "href", hrefOf(JSON.parse(link.dataset.link)));
  });
  spans.id = "device-spans";
  const charts = h("div#device-charts.charts");
  const ports = h("tbody#interfaces", { role: "rowgroup" });
  const portCount = h("span.muted");
  const storageNote = h("span.muted");
  const processors = h("ul#processors.gauges.processors");
  const storage = h("ul#storage.gauges");
  const events = eventList({ isOfOneDevice: true, label: "Events of this device" });
  const noEvents = h("p.muted");
  const raw = h("tbody");
  const recorded = h("details#series", { ontoggle: () => recorded.open && loadSeries() },
    h("summary", h("h2", "Recorded series")),
    h("div.scroll", h("table.figures", h("thead", h("tr", ["Object", "Metric", "Type", "Newest value", "Time", "OID"]
      .map((name) => h("th", { scope: "col" }, name)))), raw)));
  const part = (name, head, ...children) => h("section.part", { "aria-label": name },
    h("div.part-head", h("h2", name), head), children);
  const parts = {
    charts: part("Charts", spans, charts),
    ports: part("Interfaces", portCount, h("table.rows.ports", { role: "table", "aria-label": "Interfaces" },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, Object.keys(PORT_COLUMNS).map((key) =>
        h(`th.p-${key}`, { role: "columnheader", scope: "col" }, key === "mark" || key === "open"
          ? h("span.spoken", PORT_COLUMNS[key]) : PORT_COLUMNS[key])))), ports)),
    processors: part("Processors", null, processors),
    storage: part("Memory and storage", storageNote, storage),
  };
  const content = h("div", { hidden: true }, h("div.panel.about", facts), parts.charts, parts.ports,
    h("div.halves", parts.processors, parts.storage),
    part("Last events", h("a", { href: `#/events?device=${number}` }, "all of this device"), events.node, noEvents),
    h("section.part", { "aria-label": "Recorded series" }, recorded));
  const notice = h("p.muted", { role: "status" }, "loading");
  const node = h("section.view.device-view", { "data-view": "device", "data-device": number },
    h("div.heading", h("p.crumbs", h("a", { href: "#/" }, "Devices")), h("h1", mark, title)),
    trouble, notice, content);
  const clock = setInterval(() => device && !document.hidden && describeAge(), 1000);

  const hrefOf = (selection) => chartLink(selection, number, span);
  const linkTo = (selection, words) =>
    h("a", { href: hrefOf(selection), "data-link": JSON.stringify(selection) }, words);

  /** A chart of this view, and what ends it. */
  function makeChart(selection, size, label, onshow) {
    const chart = new LiveChart(selection, { size, label, group, onshow }, span);
    live.add(chart);
    return { node: chart.node, close() {
      live.delete(chart);
      chart.close();
    } };
  }

  /** A small chart under its title, which leads to the large one. */
  function chartBlock(selection, name) {
    const value = h("b");
    // The newest value of a single line; others have it in the table.
    const { node: chart, close } = makeChart(selection, "small", name, ({ lines, unit }) => lines?.length === 1
      && text(value, quantity(lines[0].points?.findLast((point) => typeof point[2] === "number")?.[2], unit)
        .replace(NONE, "")));
    return { node: h("figure.panel", h("figcaption", linkTo(selection, name), value), chart), value, close };
  }

  function show(next) {
    // Nothing new comes from a device that is down, but time goes on in its charts.
    const isNew = device && (device.lastSeen !== next.lastSeen || (next.state === "down" && now() - refreshed > 10));
    device = next;
    text(notice, "");
    notice.hidden = true;
    content.hidden = false;
    mark.show(device);
    told(title, device.name);
    app.title(device.name);
    const message = device.message ?? "";
    text(trouble, device.state === "down" ? `Down since ${moment(device.since)}: ${message}`
      : device.state === "new" ? message || "New: not asked yet." : device.verdict === "complete" ? "" : message);
    trouble.hidden = !trouble.textContent;
    set(trouble, "data-level", device.state === "down" ? "bad" : "warn");
    describe();
    keyed(charts, device.charts ?? [], (chart) => chart.id, (chart) => {
      const block = chartBlock({ device: number, chart: chart.id }, chart.title);
      return { ...block, update: () => newest(chart.id) && text(block.value, newest(chart.id)) };
    });
    const interfaces = [...device.interfaceList ?? []].sort((a, b) => byName(a.index, b.index));
    keyed(ports, interfaces, (item) => item.object, portRow);
    filterPorts();
    keyed(processors, device.processors ?? [], (item) => item.object ?? item.series, (item) =>
      gauge(item.object, { series: item.series }, (next) => [next.name || "processor", "", next.load]));
    // Disks before what else agents count as storage, of which some is always full: buffers, caches.
    const isDisk = (item) => /disk|flash/i.test(item.kind ?? "");
    const areas = [...device.storageList ?? []].sort((a, b) => isDisk(b) - isDisk(a));
    keyed(storage, [...memoryOf(device.memoryUse), ...areas], (item) => item.object, (item) =>
      gauge(item.object, item.selection ?? { object: item.object, chart: "use" }, (next) =>
        [next.name, `${bytes(next.used)} of ${bytes(next.total)}`, next.percent],
      item.selection || isDisk(item) ? [85, 95] : [Infinity, Infinity]));
    for (const [key, list] of Object.entries({ charts, ports, processors, storage })) {
      parts[key].hidden = list.childElementCount === 0;
    }
    // What was true when it last answered isn't shown as if it were now; space changes slowly.
    if (isDown()) parts.processors.hidden = true;
    text(storageNote, isDown() ? "when it last answered" : "");
    // A device that never answered has nothing to draw.
    if (typeof device.lastSeen !== "number") parts.charts.hidden = true;
    events.replace((device.events ?? []).slice(0, 12));
    text(noEvents, device.events?.length ? "" : "Nothing happened yet.");
    if (!isNew) return;
    refreshed = now();
    for (const chart of live) chart.refresh();
    if (recorded.open) loadSeries();
  }

  const isDown = () => device?.state === "down";
  const newest = (name) => ({ cpu: percent(device.cpu), memory: percent(device.memory),
    load: digits(device.load ?? NaN) })[name] ?? "";

  function describe() {
    const version = { 1: "v1", 2: "v2c", "2c": "v2c", 3: "v3" }[device.version] ?? device.version;
    const items = Object.entries({
      Address: device.address, Description: device.description, Location: device.location, Contact: device.contact,
      "Agent up for": isDown() ? null : duration(device.upTime), SNMP: `${version}, every ${duration(device.interval)}`,
      "Last walk": VERDICTS[device.verdict] ?? device.verdict, Seen: " ",
      "Round trip": isDown() ? null : shortTime(device.roundTrip), "Object ID": device.objectID,
    });
    keyed(facts, items.filter(([, words]) => words && words !== NONE), ([name]) => name, ([name]) => {
      const value = h("bdi");
      return { node: h("div", { "data-fact": name }, h("dt", name), h("dd", value)),
        update: ([, words]) => name === "Seen" || told(value, words) };
    });
    describeAge();
  }

  function describeAge() {
    const value = facts.querySelector("[data-fact=Seen] bdi");
    text(value, typeof device.lastSeen === "number" ? ago(now() - device.lastSeen) : "never");
    set(value, "title", device.lastSeen ? exact(device.lastSeen) : null);
  }

  /** The state of an interface as a mark and as words. */
  function portState(item) {
    if (isDown()) return ["off", "not known while the device is down"];
    if (item.admin && item.admin !== "up") return ["off", "switched off"];
    return item.oper === "up" ? ["up", "up"] : ["down", item.oper ?? "unknown"];
  }

  function portRow(first) {
    const [state, word, name, alias] = [h("span.mark"), h("span.spoken"), h("bdi"), h("bdi.note")];
    const use = meter("use", [80, 95]);
    const chart = makeChart({ object: first.object, chart: "traffic" }, "mini", `Traffic of ${first.name}`);
    const open = h("button.icon.open", { type: "button", "aria-expanded": "false", onclick: toggle });
    const drawer = h("td.p-drawer", { role: "cell", hidden: true });
    const inside = { mark: [state, word], name: [linkTo({ object: first.object, chart: "traffic" }, name), alias],
      use, chart: chart.node, open };
    const cells = Object.fromEntries(Object.entries(PORT_COLUMNS).map(([key, label]) =>
      [key, h(`td.p-${key}`, { role: "cell", "data-label": label.replace(" bit/s", "") }, inside[key])]));
    const node = h("tr.port", { role: "row", "data-object": first.object }, Object.values(cells), drawer);
    let inner = null;
    let item = first;

    function toggle() {
      const isOpen = drawer.hidden;
      drawer.hidden = !isOpen;
      set(open, "aria-expanded", String(isOpen));
      if (inner) return;
      inner = { facts: h("dl.facts"), charts: ["Traffic", "Packets", "Errors"].map((name) =>
        chartBlock({ object: first.object, chart: name.toLowerCase() }, name)) };
      drawer.append(inner.facts, h("div.charts", inner.charts.map((block) => block.node)));
      describePort();
    }

    function describePort() {
      const items = { Index: item.index, Type: TYPES[item.type] ?? item.type, MTU: item.mtu, Address: item.address,
        Switched: item.admin, State: item.oper };
      inner.facts.replaceChildren(...Object.entries(items).filter(([, value]) => value)
        .map(([label, value]) => h("div", h("dt", label), h("dd", h("bdi", String(value))))));
    }

    return {
      node,
      update(next) {
        const isChanged = JSON.stringify(next) !== JSON.stringify(item);
        item = next;
        const [kind, words] = portState(item);
        set(state, "data-state", kind);
        set(state, "title", words);
        text(word, words);
        set(node, "data-oper", kind);
        told(name, item.name || `interface ${item.index}`);
        told(alias, item.alias);
        set(open, "aria-label", `Details of ${item.name}`);
        text(cells.speed, item.speed ? rounded(quantity(item.speed, "bit/s")) : NONE);
        for (const way of ["in", "out"]) {
          const flaw = item[`${way}State`] ?? "ok";
          const isGood = flaw === "ok" || flaw === "wrapped";
          text(cells[way], isDown() ? NONE : isGood ? rate(item[way]) : flaw);
          set(cells[way], "data-level", isGood || isDown() ? null : "warn");
        }
        const [used, errors] = isDown() ? [null, null] : [item.utilisation, item.errors];
        use.show(used, percent(used));
        text(cells.errors, digits(errors ?? NaN));
        set(cells.errors, "data-level", errors >= 1 ? "bad" : errors > 0.005 ? "warn" : null);
        if (inner && isChanged) describePort();
        this.words = `${item.name} ${item.alias ?? ""} ${item.index} ${words}`.toLowerCase();
      },
      close() {
        for (const each of [chart, ...inner?.charts ?? []]) each.close();
      },
    };
  }

  function filterPorts() {
    const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = [...rowsOf(ports).values()];
    for (const row of rows) row.node.hidden = !words.every((word) => row.words.includes(word));
    const counts = device?.interfaces;
    text(portCount, words.length > 0 ? `${rows.filter((row) => !row.node.hidden).length} of ${rows.length}`
      : !counts ? "" : `${isDown() ? "" : `${counts.up} up, ${counts.down} down, `}${counts.total} in all`);
  }

  /** A line with a bar. `read` makes of an item its name, its size in words and its percentage. */
  function gauge(object, selection, read, limits) {
    const [name, size, use] = [h("bdi"), h("span.muted"), meter("use", limits)];
    return { node: h("li", { "data-object": object }, linkTo(selection, name), size, use), update(item) {
      const [words, note, value] = read(item);
      told(name, words);
      text(size, note);
      use.show(value, percent(value));
    } };
  }

  function memoryOf(use) {
    const selection = { device: number, chart: "memory" };
    const row = (object, name, total, used) =>
      ({ object, name, total, used, percent: (100 * used) / total, selection });
    return [row("memory", "Memory", use?.total, use?.used), row("swap", "Swap", use?.swapTotal, use?.swapUsed)]
      .filter((item) => item.total > 0);
  }

  async function loadSeries() {
    try {
      const { series } = await get(`devices/${number}/series`);
      keyed(raw, series, (item) => item.id, (item) => {
        const [value, time] = [h("td.number"), h("td")];
        return { node: h("tr", { "data-series": item.id }, h("td", h("bdi", item.objectName ?? "")),
          h("td", linkTo({ series: item.id }, h("bdi", item.metric))), h("td", item.type), value, time,
          h("td.mono", item.oid)), update({ last }) {
          text(value, last ? String(last.value) : NONE);
          text(time, last ? moment(last.time) : NONE);
        } };
      });
    } catch (error) {
      reason(error);
    }
  }

  async function load() {
    if (isLoading) return;
    isLoading = true;
    try {
      const answer = await get(`devices/${number}`);
      if (!isOver) show(answer);
    } catch (error) {
      const message = reason(error);
      notice.hidden = Boolean(device) && error.status !== 404;
      text(notice, notice.hidden ? "" : message);
    } finally {
      isLoading = false;
    }
  }

  load();

  return {
    node, name: "Device", back: app.home, accept: () => false,
    search: { label: "Filter interfaces", get value() { return filter; }, set(words) {
      filter = words;
      filterPorts();
    } },
    update(change) {
      if (change.sequence || !device) load();
    },
    key({ key }) {
      const order = app.order();
      const next = order[order.indexOf(String(number)) + { j: 1, k: -1 }[key]];
      if (next) app.go(`#/device/${next}`);
      return Boolean(next);
    },
    close() {
      isOver = true;
      clearInterval(clock);
      for (const chart of live) chart.close();
    },
  };
}
