// Layer: StationWeb/Page. Uses: dom, format, api, chart, chartview, events, overview. Used by: app.js.
// The view of one device: what it is and how it is, its charts, interfaces, processors, storage, events and raw series.

import { h, keyed, meter, rowsOf, segmented, set, text, told } from "./dom.js";
import { NONE, SPANS, ago, byName, bytes, digits, duration, exact, moment, percent, quantity, rate, readSpan, rounded,
  shortTime,
  writeSpan } from "./format.js";
import { get, now, reason } from "./api.js";
import { Group, LiveChart } from "./chart.js";
import { chartLink } from "./chartview.js";
import { eventList } from "./events.js";
import { healthMark } from "./overview.js";

const VERDICTS = {
  complete: "complete: all that was asked for came",
  partial: "partial: some objects didn't come; the rest is recorded",
  none: "none: nothing came",
};
const INTERFACE_TYPES = { 1: "other", 6: "ethernet", 23: "ppp", 24: "loopback", 53: "virtual", 71: "wireless", 131: "tunnel",
  135: "vlan", 136: "vlan", 161: "link aggregate", 209: "bridge" };

/** Makes the view of one device. */
export function deviceView(app, parameters, id) {
  const number = Number(id);
  let span = SPANS[parameters.get("range")] ?? readSpan(parameters.get("range")) ?? SPANS["1h"];
  let device = null;
  let filter = "";
  let seen = null;
  let request = null;
  let series = null;
  const group = new Group();
  const live = new Set();

  const mark = healthMark();
  const title = h("bdi", { id: "device-name" }, "");
  const trouble = h("p", { class: "trouble-box", id: "device-message", hidden: true });
  const facts = h("dl", { class: "facts", id: "device-facts" });
  const spans = segmented("Span of the charts", Object.keys(SPANS).map((name) => [name, name]), writeSpan(span), (name) => {
    span = SPANS[name];
    spans.choose(name);
    app.go(hash(), { isReplacing: true, isShown: true });
    for (const chart of live) chart.refresh(span);
    relink();
  });
  spans.id = "device-spans";
  const charts = h("div", { class: "charts", id: "device-charts" });
  const ports = h("tbody", { role: "rowgroup", id: "interfaces" });
  const portCount = h("span", { class: "muted" });
  const processors = h("ul", { class: "gauges processors", id: "processors" });
  const storage = h("ul", { class: "gauges", id: "storage" });
  const events = eventList({ isOfOneDevice: true, label: "Events of this device" });
  const noEvents = h("p", { class: "muted" });
  const raw = h("tbody");
  const recorded = h("details", { id: "series", ontoggle: () => recorded.open && loadSeries() },
    h("summary", {}, h("h2", {}, "Recorded series")),
    h("div", { class: "scroll" }, h("table", { class: "figures" }, h("thead", {}, h("tr", {},
      ...["Object", "Metric", "Type", "Newest value", "Time", "OID"].map((name) => h("th", { scope: "col" }, name)))), raw)));
  const section = (name, key, ...children) => h("section", { class: "part", "aria-label": name, "data-part": key }, ...children);
  const parts = {
    charts: section("Charts", "charts", h("div", { class: "part-head" }, h("h2", {}, "Charts"), spans), charts),
    interfaces: section("Interfaces", "interfaces", h("div", { class: "part-head" }, h("h2", {}, "Interfaces"), portCount),
      h("table", { role: "table", class: "ports", "aria-label": "Interfaces" },
        h("thead", { role: "rowgroup" }, h("tr", { role: "row" },
          ...[["mark", ""], ["name", "Interface"], ["speed", "Speed"], ["in", "In bit/s"], ["out", "Out bit/s"],
            ["use", "Use"], ["errors", "Errors/s"], ["chart", "Traffic"], ["open", ""]].map(([key, name]) =>
            h("th", { role: "columnheader", scope: "col", class: `p-${key}` },
              name || h("span", { class: "spoken" }, key === "open" ? "Details" : "State"))))), ports)),
    processors: section("Processors", "processors", h("h2", {}, "Processors"), processors),
    storage: section("Memory and storage", "storage", h("h2", {}, "Memory and storage"), storage),
    events: section("Events", "events", h("div", { class: "part-head" }, h("h2", {}, "Last events"),
      h("a", { href: `#/events?device=${number}` }, "all of this device")), events.node, noEvents),
    series: section("Recorded series", "series", recorded),
  };
  const content = h("div", { hidden: true }, h("div", { class: "panel about" }, facts), parts.charts, parts.interfaces,
    h("div", { class: "halves" }, parts.processors, parts.storage), parts.events, parts.series);
  const notice = h("p", { class: "muted", role: "status" }, "loading");
  const node = h("section", { class: "view device-view", "data-view": "device", "data-device": number },
    h("div", { class: "heading" }, h("p", { class: "crumbs" }, h("a", { href: "#/" }, "Devices"), " / "),
      h("h1", {}, mark, title)), trouble, notice, content);
  const clock = setInterval(() => device && !document.hidden && describeAge(), 1000);

  const hash = () => `#/device/${number}${span === SPANS["1h"] ? "" : `?range=${writeSpan(span)}`}`;

  /** A chart of this view; its head leads to the large one. */
  function makeChart(selection, options) {
    const chart = new LiveChart(selection, { group, ...options }, span);
    live.add(chart);
    return chart;
  }

  function drop(chart) {
    live.delete(chart);
    chart.close();
  }

  /** A small chart with its title, as a block of its own. */
  function chartBlock(selection, name, label) {
    const chart = makeChart(selection, { size: "small", label: label ?? name });
    const link = h("a", { href: chartLink(selection, number, span), "data-link": JSON.stringify(selection) }, name);
    const value = h("b", { class: "value" });
    return { node: h("figure", { class: "panel", "data-chart-of": selection.chart ?? "series" },
      h("figcaption", {}, link, value), chart.node), chart, value, close: () => drop(chart) };
  }

  /** Links to large charts follow the span chosen here. */
  function relink() {
    for (const link of node.querySelectorAll("[data-link]")) {
      set(link, "href", chartLink(JSON.parse(link.dataset.link), number, span));
    }
  }

  const linkTo = (selection, words) => h("a", { href: chartLink(selection, number, span), "data-link": JSON.stringify(selection) }, words);

  function show(next) {
    device = next;
    text(notice, "");
    notice.hidden = true;
    content.hidden = false;
    mark.show(device);
    told(title, device.name);
    app.title(device.name);
    const isTroubled = device.message && (device.state !== "up" || device.verdict !== "complete");
    trouble.hidden = !isTroubled && device.state === "up";
    text(trouble, device.state === "down" ? `Down since ${moment(device.since)}. ${device.message ?? ""}`
      : device.state === "new" ? device.message ?? "New: not asked yet." : device.message);
    set(trouble, "data-level", device.state === "down" ? "bad" : "warn");
    describe();
    const lists = { charts: device.charts ?? [], interfaces: device.interfaceList ?? [], processors: device.processors ?? [],
      storage: device.storageList ?? [] };
    keyed(charts, lists.charts, (chart) => chart.id, (chart) => {
      const block = chartBlock({ device: number, chart: chart.id }, chart.title);
      block.update = () => text(block.value, chartValue(chart.id));
      return block;
    });
    const sorted = [...lists.interfaces].sort((a, b) => byName(a.index, b.index));
    keyed(ports, sorted, (item) => item.object, portRow);
    filterPorts();
    keyed(processors, lists.processors, (item) => item.object ?? item.series, processorRow);
    keyed(storage, [...memoryRows(device.memoryUse), ...lists.storage], (item) => item.object, storageRow);
    parts.charts.hidden = lists.charts.length === 0;
    parts.interfaces.hidden = lists.interfaces.length === 0;
    parts.processors.hidden = lists.processors.length === 0;
    parts.storage.hidden = storage.childElementCount === 0;
    events.replace((device.events ?? []).slice(0, 12));
    text(noEvents, device.events?.length ? "" : "Nothing happened yet.");
    const isNew = seen !== null && seen !== device.lastSeen;
    seen = device.lastSeen;
    if (isNew) {
      for (const chart of live) chart.refresh();
      if (recorded.open) loadSeries();
    }
  }

  const chartValue = (name) => ({
    cpu: percent(device.cpu), memory: percent(device.memory), roundTrip: shortTime(device.roundTrip),
    load: typeof device.load === "number" ? digits(device.load) : NONE, storage: percent(device.storage),
  })[name] ?? "";

  function describe() {
    const version = { 1: "v1", 2: "v2c", "2c": "v2c", 3: "v3" }[device.version] ?? device.version;
    const items = [["Address", device.address], ["Description", device.description], ["Location", device.location],
      ["Contact", device.contact], ["Up for", duration(device.upTime)], ["SNMP", `${version}, every ${duration(device.interval)}`],
      ["Last walk", VERDICTS[device.verdict] ?? device.verdict], ["Seen", ""], ["Round trip", shortTime(device.roundTrip)],
      ["Object ID", device.objectID]];
    keyed(facts, items.filter(([name, value]) => value || name === "Seen"), ([name]) => name, ([name]) => {
      const value = h("bdi", {});
      return { node: h("div", { "data-fact": name }, h("dt", {}, name), h("dd", {}, value)),
        update: ([, words]) => name === "Seen" || told(value, words) };
    });
    describeAge();
  }

  function describeAge() {
    const value = facts.querySelector("[data-fact=Seen] bdi");
    if (!value) return;
    text(value, typeof device.lastSeen === "number" ? ago(now() - device.lastSeen) : "never");
    set(value, "title", device.lastSeen ? exact(device.lastSeen) : null);
  }

  /** The state of an interface in a word, and whether that is a fault. */
  function portState(item) {
    if (device.state === "down") return ["off", "not known while the device is down"];
    if (item.admin && item.admin !== "up") return ["off", "switched off"];
    if (item.oper === "up") return ["up", "up"];
    return ["down", item.oper ?? "unknown"];
  }

  function portRow(first) {
    const state = h("span", { class: "mark" });
    const word = h("span", { class: "spoken" });
    const name = h("bdi", {});
    const alias = h("bdi", { class: "note" });
    const cell = (key, label, ...children) => h("td", { role: "cell", class: `p-${key}`, "data-label": label }, ...children);
    const cells = { speed: cell("speed", "Speed"), in: cell("in", "In"), out: cell("out", "Out"), errors: cell("errors", "Errors/s") };
    const use = meter("use", [80, 95]);
    const selection = { object: first.object, chart: "traffic" };
    const chart = makeChart(selection, { size: "mini", label: `Traffic of ${first.name}` });
    const open = h("button", { type: "button", class: "icon open", "aria-expanded": "false", onclick: toggle });
    const drawer = h("td", { role: "cell", class: "p-drawer", hidden: true });
    const node = h("tr", { role: "row", class: "port", "data-object": first.object },
      cell("mark", "", state, word), cell("name", "", linkTo(selection, name), alias), cells.speed, cells.in, cells.out,
      cell("use", "Use", use), cells.errors, cell("chart", "", chart.node), cell("open", "", open), drawer);
    let inner = null;
    function toggle() {
      const isOpen = open.getAttribute("aria-expanded") === "true";
      set(open, "aria-expanded", isOpen ? "false" : "true");
      drawer.hidden = isOpen;
      node.classList.toggle("is-open", !isOpen);
      if (!inner) {
        inner = { facts: h("dl", { class: "facts" }), charts: ["traffic", "packets", "errors"].map((kind) =>
          chartBlock({ object: first.object, chart: kind }, kind[0].toUpperCase() + kind.slice(1), `${kind} of ${first.name}`)) };
        drawer.append(inner.facts, h("div", { class: "charts" }, ...inner.charts.map((block) => block.node)));
        describePort();
      }
    }
    let item = first;
    function describePort() {
      if (!inner) return;
      const items = [["Index", item.index], ["Type", INTERFACE_TYPES[item.type] ?? item.type], ["MTU", item.mtu],
        ["Address", item.address], ["Switched", item.admin], ["State", item.oper]];
      inner.facts.replaceChildren(...items.filter(([, value]) => value !== null && value !== undefined && value !== "")
        .map(([label, value]) => h("div", {}, h("dt", {}, label), h("dd", {}, h("bdi", {}, String(value))))));
      text(inner.charts[0].value, `${rate(item.in)} in, ${rate(item.out)} out`);
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
          const flaw = item[`${way}State`];
          const isGood = !flaw || flaw === "ok" || flaw === "wrapped";
          text(cells[way], isGood ? rate(item[way]) : flaw);
          set(cells[way], "data-level", isGood ? null : "warn");
        }
        use.show(item.utilisation, percent(item.utilisation));
        text(cells.errors, typeof item.errors === "number" ? digits(item.errors) : NONE);
        set(cells.errors, "data-level", item.errors >= 1 ? "bad" : item.errors > 0.005 ? "warn" : null);
        if (isChanged) describePort();
        this.words = `${item.name} ${item.alias ?? ""} ${item.index} ${words}`.toLowerCase();
      },
      close() {
        drop(chart);
        inner?.charts.forEach((block) => block.close());
      },
    };
  }

  function filterPorts() {
    const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rowsOf(ports).values()) {
      row.node.hidden = !words.every((word) => row.words.includes(word));
      shown += row.node.hidden ? 0 : 1;
    }
    const counts = device?.interfaces;
    text(portCount, words.length > 0 ? `${shown} of ${ports.childElementCount}`
      : counts ? `${counts.up} up, ${counts.down} down, ${counts.total} in all` : "");
  }

  function processorRow(first) {
    const use = meter("load");
    const name = h("bdi", {});
    return { node: h("li", { "data-object": first.object }, linkTo({ series: first.series }, name), use), update(item) {
      told(name, item.name || "processor");
      use.show(item.load, percent(item.load));
    } };
  }

  function memoryRows(use) {
    const row = (key, name, total, used) => (total > 0
      ? [{ object: key, name, kind: "memory", total, used, percent: (100 * used) / total, selection: { device: number, chart: "memory" } }]
      : []);
    return use ? [...row("memory", "Memory", use.total, use.used), ...row("swap", "Swap", use.swapTotal, use.swapUsed)] : [];
  }

  function storageRow(first) {
    const use = meter("storage");
    const name = h("bdi", {});
    const size = h("span", { class: "size muted" });
    const selection = first.selection ?? { object: first.object, chart: "use" };
    return { node: h("li", { "data-object": first.object }, linkTo(selection, name), size, use), update(item) {
      told(name, item.name);
      text(size, `${bytes(item.used)} of ${bytes(item.total)}`);
      use.show(item.percent, percent(item.percent));
    } };
  }

  async function loadSeries() {
    try {
      series = (await get(`devices/${number}/series`)).series;
    } catch (error) {
      return reason(error);
    }
    keyed(raw, series, (item) => item.id, (first) => {
      const value = h("td", { class: "number" });
      const time = h("td", {});
      return { node: h("tr", { "data-series": first.id }, h("td", {}, h("bdi", {}, first.objectName ?? "")),
        h("td", {}, linkTo({ series: first.id }, h("bdi", {}, first.metric))), h("td", {}, first.type), value, time,
        h("td", { class: "mono" }, first.oid)), update(item) {
        text(value, item.last ? String(item.last.value) : NONE);
        text(time, item.last ? moment(item.last.time) : NONE);
      } };
    });
  }

  async function load() {
    if (request) return;
    const mine = (request = new AbortController());
    try {
      show(await get(`devices/${number}`, {}, mine.signal));
    } catch (error) {
      const message = reason(error);
      if (message && (!device || error.status === 404)) {
        text(notice, message);
        notice.hidden = false;
      }
    } finally {
      request = null;
    }
  }

  load();

  return {
    node, name: "Device", back: () => "#/",
    search: { label: "Filter interfaces", get value() { return filter; }, set(words) {
      filter = words;
      filterPorts();
    } },
    accept: () => false,
    update(change) {
      if (change.sequence || !device) load();
    },
    key(event) {
      if (event.key !== "j" && event.key !== "k") return false;
      const order = app.order();
      const next = order[order.indexOf(String(number)) + (event.key === "j" ? 1 : -1)];
      if (next) app.go(`#/device/${next}`);
      return true;
    },
    close() {
      clearInterval(clock);
      request?.abort();
      for (const chart of [...live]) drop(chart);
    },
  };
}
