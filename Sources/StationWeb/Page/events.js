// Layer: StationWeb/Page. Uses: dom, format, api. Used by: app.js, overview, device.
// Events: one row each that opens to its variables; the view with search, filters, endless paging and new ones on top.

import { arrange, h, segmented, set, text } from "./dom.js";
import { clock, dayName, exact } from "./format.js";
import { get, now, reason } from "./api.js";

/** The kinds of events, in the order of the filter. */
export const KINDS = ["trap", "inform", "state", "restart", "change", "walk", "clock", "station"];
const PAGE = 50;

/** One event as a row {node}. It opens to its variables and details, which are made only then. */
export function eventRow(event, options = {}) {
  const isOpenable = (event.varbinds?.length ?? 0) > 0 || Object.keys(event.detail ?? {}).length > 0 || event.trapOID;
  const time = h("time", { datetime: new Date(event.time * 1000).toISOString(), title: exact(event.time) }, clock(event.time));
  const body = h("div", { class: "event-body", hidden: true });
  const title = h("bdi", { class: "event-title" }, event.title ?? event.kind);
  const head = isOpenable
    ? h("button", { type: "button", class: "event-open", "aria-expanded": "false", onclick: toggle }, title)
    : h("span", { class: "event-open" }, title);
  const where = h("span", { class: "event-where" });
  if (event.device && !options.isOfOneDevice) {
    where.append(h("a", { href: `#/device/${Number(event.device)}` }, h("bdi", {}, event.deviceName ?? `device ${event.device}`)));
  }
  const source = options.isShort ? null : h("bdi", { class: "event-source", title: "sent from" }, event.source ?? "");
  const node = h("li", {
    class: "event", "data-event": event.id, "data-kind": event.kind, "data-severity": event.severity,
  }, h("div", { class: "event-line" }, time,
    h("span", { class: "kind", title: `${event.kind}, ${event.severity ?? "info"}` }, event.kind), where, head, source), body);

  function toggle() {
    const isOpen = head.getAttribute("aria-expanded") === "true";
    set(head, "aria-expanded", isOpen ? "false" : "true");
    body.hidden = isOpen;
    if (!isOpen && !body.hasChildNodes()) body.append(...details(event));
  }
  return { node, time: event.time, id: event.id };
}

function details(event) {
  const parts = [];
  const facts = [["Time", exact(event.time)], ["Source", event.source], ["Trap", event.trapOID],
    ...Object.entries(event.detail ?? {}).map(([name, value]) => [
      name, typeof value === "object" && value !== null ? JSON.stringify(value) : String(value)])];
  parts.push(h("dl", { class: "facts" }, ...facts.filter(([, value]) => value).map(([name, value]) =>
    h("div", {}, h("dt", {}, h("bdi", {}, name)), h("dd", {}, h("bdi", {}, value))))));
  if (event.varbinds?.length > 0) {
    parts.push(h("div", { class: "scroll" }, h("table", { class: "varbinds" },
      h("thead", {}, h("tr", {}, ...["Name", "Value", "Type", "OID"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, ...event.varbinds.map((bind) => h("tr", {},
        h("td", {}, h("bdi", {}, bind.name ?? "")), h("td", { class: "value" }, h("bdi", {}, bind.value ?? "")),
        h("td", {}, bind.type ?? ""), h("td", { class: "mono" }, bind.oid ?? "")))))));
  }
  return parts;
}

/** A list of events under the names of their days. `rows` are kept, so that what is open stays open. */
export function eventList(options = {}) {
  const node = h("ol", { class: `events${options.isShort ? " short" : options.isOfOneDevice ? " of-one" : ""}`, "aria-label": options.label ?? "Events" });
  const rows = new Map();
  const days = new Map();
  function arrangeAll() {
    const nodes = [];
    let name = null;
    for (const row of [...rows.values()].sort((a, b) => b.id - a.id)) {
      const next = dayName(row.time, now());
      if (next !== name) {
        if (!days.has(next)) days.set(next, h("li", { class: "day", role: "presentation" }, next));
        nodes.push(days.get(next));
        name = next;
      }
      nodes.push(row.node);
    }
    arrange(node, nodes);
  }
  return {
    node, rows,
    /** Adds events that aren't there yet. Answers how many. */
    add(events) {
      let count = 0;
      for (const event of events) {
        if (rows.has(event.id)) continue;
        rows.set(event.id, eventRow(event, options));
        count += 1;
      }
      if (count > 0) arrangeAll();
      return count;
    },
    /** Shows these events and no others. */
    replace(events) {
      const wanted = new Set(events.map((event) => event.id));
      for (const id of [...rows.keys()]) if (!wanted.has(id)) rows.delete(id);
      if (this.add(events) === 0) arrangeAll();
    },
    get newest() { return Math.max(0, ...rows.keys()); },
    get oldest() { return Math.min(...rows.keys()); },
  };
}

/** The view of all events. The filters stand in the address. */
export function eventsView(app, parameters) {
  const list = eventList();
  let filter = read(parameters);
  let hasMore = true;
  let isLoading = false;
  let request = null;
  let timer = null;
  let error = null;

  const kinds = segmented("Kind", [["", "all"], ...KINDS.map((kind) => [kind, kind])], filter.kind, (kind) =>
    change({ kind }));
  kinds.id = "events-kinds";
  const devices = h("select", { id: "events-device", "aria-label": "Device", onchange: () => change({ device: devices.value }) },
    h("option", { value: "" }, "all devices"));
  const count = h("p", { class: "muted", id: "events-count", role: "status" });
  const more = h("button", { type: "button", id: "events-more", onclick: () => page() }, "Earlier events");
  const node = h("section", { class: "view events-view", "data-view": "events" }, h("h1", {}, "Events"),
    h("div", { class: "toolbar" }, kinds, devices, h("span", { class: "push" }), count), list.node, more);

  function read(next) {
    return { search: next.get("search") ?? "", kind: next.get("kind") ?? "", device: next.get("device") ?? "" };
  }

  function hash() {
    const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value));
    return `#/events${query.size ? `?${query}` : ""}`;
  }

  function change(part) {
    filter = { ...filter, ...part };
    app.go(hash(), { isReplacing: "search" in part, isShown: true });
    show();
  }

  function show() {
    kinds.choose(filter.kind);
    devices.value = filter.device;
    clearTimeout(timer);
    timer = setTimeout(() => page(true), 150);
  }

  function describe() {
    const total = list.rows.size;
    more.hidden = !hasMore || isLoading || total === 0;
    if (error) text(count, error);
    else if (total === 0 && !isLoading) text(count, "No event fits.");
    else text(count, total === 0 ? "loading" : `${total}${hasMore ? "+" : ""} event${total === 1 ? "" : "s"}`);
  }

  /** The next page down; from the top when the filter is new. */
  async function page(isNew = false) {
    if (isLoading && !isNew) return;
    request?.abort();
    const mine = (request = new AbortController());
    isLoading = true;
    try {
      const before = isNew || list.rows.size === 0 ? null : list.oldest;
      const answer = await get("events", { ...filter, before, limit: PAGE }, mine.signal);
      error = null;
      hasMore = Boolean(answer.more);
      if (isNew) list.replace(answer.events);
      else list.add(answer.events);
    } catch (problem) {
      const message = reason(problem);
      if (!message) return;
      error = message;
    }
    isLoading = false;
    describe();
    if (!error && hasMore && isNear()) page();
  }

  /** What came since the newest one. So many that a page doesn't hold them: begins anew. */
  async function look() {
    if (isLoading) return;
    if (list.rows.size === 0) return page(true);
    isLoading = true;
    const mine = (request = new AbortController());
    try {
      const answer = await get("events", { ...filter, after: list.newest, limit: PAGE }, mine.signal);
      isLoading = false;
      error = null;
      if (answer.more) return page(true);
      // Browsers that don't hold the scroll position themselves would shift what is being read.
      const before = document.documentElement.scrollHeight;
      const top = scrollY;
      const added = list.add(answer.events);
      if (added > 0 && top > 200 && !CSS.supports("overflow-anchor", "auto")) {
        scrollTo(0, top + document.documentElement.scrollHeight - before);
      }
    } catch (problem) {
      if (!reason(problem)) return;
      isLoading = false;
    }
    describe();
  }

  const isNear = () => node.isConnected && more.getBoundingClientRect().top < innerHeight + 600;
  const watcher = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && hasMore && list.rows.size > 0) page();
  }, { rootMargin: "600px" });
  watcher.observe(more);

  get("devices").then((answer) => {
    const known = [...answer.devices].sort((a, b) => (a.name < b.name ? -1 : 1));
    devices.append(...known.map((device) => h("option", { value: device.id }, device.name)));
    devices.value = filter.device;
  }, () => {});
  page(true);

  return {
    node, name: "Events", back: () => "#/",
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

/** The latest events for a side of another view: {node, update()}. */
export function recentEvents(limit) {
  const list = eventList({ isShort: true, label: "Recent events" });
  const note = h("p", { class: "muted" }, "loading");
  const node = h("aside", { class: "panel recent", "aria-labelledby": "recent-title" },
    h("h2", { id: "recent-title" }, "Recent events", h("a", { href: "#/events" }, "all")), list.node, note);
  return { node, async update() {
    try {
      const answer = await get("events", { limit });
      list.replace(answer.events);
      text(note, answer.events.length === 0 ? "Nothing happened yet." : "");
    } catch (problem) {
      text(note, list.rows.size === 0 ? reason(problem) : "");
    }
  } };
}
