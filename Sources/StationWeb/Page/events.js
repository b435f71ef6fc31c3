// Layer: StationWeb/Page. Uses: dom, format, api. Used by: app, overview, device.
// Events: one row each that opens to its variables; the view with search, filters, endless paging and new ones on top.

import { arrange, h, segmented, set, text } from "./dom.js";
import { byName, clock, dayName, duration, exact } from "./format.js";
import { get, now, reason } from "./api.js";

const KINDS = ["trap", "inform", "state", "restart", "change", "walk", "clock", "station"];
const PAGE = 50;

/** One event as a row. It opens to its variables and details, which are made only then. */
function eventRow(event, options) {
  const isOpenable = event.varbinds?.length > 0 || Object.keys(event.detail ?? {}).length > 0 || event.trapOID;
  const body = h("div.event-body", { hidden: true });
  const title = h("bdi.event-title", { title: options.isShort ? event.title : null }, event.title ?? event.kind);
  const head = isOpenable
    ? h("button.event-open", { type: "button", "aria-expanded": "false", onclick: toggle }, title)
    : h("span.event-open", title);
  const where = h("span.event-where", event.device
    ? h("a", { href: `#/device/${Number(event.device)}` }, h("bdi", event.deviceName ?? "a device")) : null);
  const node = h("li.event", {
    "data-event": event.id, "data-kind": event.kind, "data-severity": event.severity,
  }, h("div.event-line", h("time", { title: exact(event.time) }, clock(event.time)),
    h("span.kind", { title: event.severity ?? "info" }, event.kind), where, head,
    options.isShort ? null : h("bdi.event-source", { title: "sent from" }, event.source ?? "")), body);

  function toggle() {
    const isOpen = body.hidden;
    set(head, "aria-expanded", String(isOpen));
    body.hidden = !isOpen;
    if (!body.hasChildNodes()) body.append(...details(event));
  }
  return { node, time: event.time, id: event.id };
}

function details(event) {
  const words = (value) => (typeof value === "string" ? value : JSON.stringify(value));
  const { version, upTime, ...others } = event.detail ?? {};
  const facts = Object.entries({ Time: exact(event.time), Source: event.source, Trap: event.trapOID,
    SNMP: version && `v${version}`, "Sender up for": typeof upTime === "number" ? duration(upTime / 100) : upTime,
    ...others });
  const cell = (value) => h("td", h("bdi", value ?? ""));
  return [
    h("dl.facts", facts.filter(([, value]) => value !== null && value !== undefined).map(([name, value]) =>
      h("div", h("dt", h("bdi", name)), h("dd", h("bdi", words(value)))))),
    event.varbinds?.length > 0 ? h("div.scroll", h("table.varbinds",
      h("thead", h("tr", ["Name", "Value", "Type", "OID"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", event.varbinds.map((bind) => h("tr", cell(bind.name), h("td.value", h("bdi", bind.value ?? "")),
        cell(bind.type), h("td.mono", bind.oid ?? "")))))) : "",
  ];
}

/** A list of events under the names of their days. Rows are kept, so that what is open stays open. */
export function eventList(options = {}) {
  const kind = options.isShort ? ".short" : options.isOfOneDevice ? ".of-one" : "";
  const node = h(`ol.events${kind}`, { "aria-label": options.label });
  const rows = new Map();
  const days = new Map();
  function place() {
    const nodes = [];
    let last = null;
    for (const row of [...rows.values()].sort((a, b) => b.id - a.id)) {
      const name = dayName(row.time, now());
      if (name !== last) {
        if (!days.has(name)) days.set(name, h("li.day", name));
        nodes.push(days.get(name));
      }
      last = name;
      nodes.push(row.node);
    }
    arrange(node, nodes);
  }
  return {
    node, rows,
    /** Adds events that aren't there yet; answers how many. */
    add(events) {
      const fresh = events.filter((event) => !rows.has(event.id));
      for (const event of fresh) rows.set(event.id, eventRow(event, options));
      if (fresh.length > 0) place();
      return fresh.length;
    },
    /** Shows these events and no others. */
    replace(events) {
      const wanted = new Set(events.map((event) => event.id));
      for (const id of [...rows.keys()]) if (!wanted.has(id)) rows.delete(id);
      if (this.add(events) === 0) place();
    },
  };
}

/** The view of all events. The filters stand in the address. */
export function eventsView(app, parameters) {
  const list = eventList({ label: "Events" });
  const { rows } = list;
  let filter = read(parameters);
  let hasMore = true;
  let isLoading = false;
  let request = null;
  let timer = null;
  let error = null;

  const kinds = segmented("Kind", ["", ...KINDS], filter.kind, (kind) => change({ kind }));
  kinds.id = "events-kinds";
  const devices = h("select#events-device", { "aria-label": "Device",
    onchange: () => change({ device: devices.value }) }, h("option", { value: "" }, "all devices"));
  const count = h("p#events-count.muted", { role: "status" }, "loading");
  const more = h("button#events-more", { type: "button", hidden: true, onclick: () => page() }, "Earlier events");
  const node = h("section.view.events-view", { "data-view": "events" }, h("h1", "Events"),
    h("div.toolbar", kinds, devices, h("span.push"), count), list.node, more);

  function read(next) {
    return { search: next.get("search") ?? "", kind: next.get("kind") ?? "", device: next.get("device") ?? "" };
  }

  function change(part) {
    filter = { ...filter, ...part };
    const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value));
    app.go(`#/events${query.size ? `?${query}` : ""}`, { isReplacing: "search" in part, isShown: true });
    show();
  }

  function show() {
    kinds.choose(filter.kind);
    devices.value = filter.device;
    clearTimeout(timer);
    timer = setTimeout(() => page(true), 150);
  }

  function describe() {
    more.hidden = !hasMore || rows.size === 0;
    text(count, error ?? (rows.size === 0 ? "No event fits."
      : `${rows.size}${hasMore ? "+" : ""} event${rows.size === 1 ? "" : "s"}`));
  }

  /** Asks for events, one question at a time; `use` gets the answer. A new question ends the one before. */
  async function ask(query, use) {
    request?.abort();
    const mine = (request = new AbortController());
    isLoading = true;
    try {
      const answer = await get("events", { ...filter, ...query, limit: PAGE }, mine.signal);
      error = null;
      isLoading = false;
      use(answer);
    } catch (problem) {
      const message = reason(problem);
      if (!message) return;
      isLoading = false;
      error = rows.size === 0 ? message : null;
    }
    describe();
  }

  /** The next page down; from the top when the filter is new. */
  function page(isNew = rows.size === 0) {
    if (isLoading && !isNew) return;
    ask({ before: isNew ? null : Math.min(...rows.keys()) }, (answer) => {
      hasMore = Boolean(answer.more);
      if (isNew) list.replace(answer.events);
      else list.add(answer.events);
      // The watcher tells of changes only: what is still in sight needs more at once.
      if (hasMore && more.getBoundingClientRect().top < innerHeight) page();
    });
  }

  /** What came since the newest one. So many that a page doesn't hold them: begins anew. */
  function look() {
    if (isLoading) return;
    if (rows.size === 0) return page();
    ask({ after: Math.max(...rows.keys()) }, (answer) => {
      if (answer.more) return page(true);
      const [height, top] = [document.documentElement.scrollHeight, scrollY];
      const added = list.add(answer.events);
      // Browsers that don't hold the scroll position themselves would shift what is being read.
      if (added > 0 && top > 200 && !CSS.supports("overflow-anchor", "auto")) {
        scrollTo(0, top + document.documentElement.scrollHeight - height);
      }
    });
  }

  const watcher = new IntersectionObserver((entries) => {
    if (entries.at(-1).isIntersecting && hasMore) page();
  }, { rootMargin: "600px" });
  watcher.observe(more);
  get("devices").then((answer) => {
    const known = [...answer.devices].sort((a, b) => byName(a.name, b.name));
    devices.append(...known.map((device) => h("option", { value: device.id }, device.name)));
    devices.value = filter.device;
  }).catch(reason);
  page();

  return {
    node, name: "Events", back: app.home,
    search: { label: "Search events", get value() { return filter.search; }, set: (search) => change({ search }) },
    accept(next) {
      filter = read(next);
      show();
      return true;
    },
    update(changed) {
      if (changed.sequence) look();
    },
    close() {
      clearTimeout(timer);
      request?.abort();
      watcher.disconnect();
    },
  };
}

/** The latest events for the side of another view: {node, update()}. */
export function recentEvents(limit) {
  const list = eventList({ isShort: true, label: "Recent events" });
  const note = h("p.muted", "loading");
  const node = h("aside.panel.recent", { "aria-labelledby": "recent-title" },
    h("h2#recent-title", "Recent events", h("a", { href: "#/events" }, "all")), list.node, note);
  return { node, async update() {
    try {
      const { events } = await get("events", { limit });
      list.replace(events);
      text(note, events.length === 0 ? "Nothing happened yet." : "");
    } catch (problem) {
      text(note, list.rows.size === 0 ? reason(problem) : "");
    }
  } };
}
