// Layer: StationWeb/Page. Uses: api, dom, format and the views. Used by: index.html.
// Joins the page: the address chooses the view, the loop over /api/v1/station keeps it new, keys and theme are here.
//
// A view is {node, name, back(), accept(parameters), update(change), close()} and perhaps search {label, value, set()},
// key(event) (true when it used the key), isKept (stays in memory while others are shown).

import { h, s, set, text } from "./dom.js";
import { STATES, clock } from "./format.js";
import { station, watch } from "./api.js";
import { overview } from "./overview.js";
import { deviceView } from "./device.js";
import { chartView } from "./chartview.js";
import { eventsView } from "./events.js";

const find = (id) => document.getElementById(id);
const main = find("main");
const search = find("search");
const spoken = h("p#spoken.spoken", { role: "status", "aria-live": "polite" });
document.body.append(spoken);

let view = null;
let route = "";
let kept = null;
const scrolls = new Map();
let viewTitle = "";
let downCount = 0;

const app = {
  /** Goes to an address of this page. isReplacing: no step for the browser's back; isShown: the view shows it. */
  go(hash, { isReplacing = false, isShown = false } = {}) {
    if (location.hash === hash && isShown) return;
    if (!isShown) scrolls.set(location.hash || "#/", scrollY);
    history[isReplacing ? "replaceState" : "pushState"](null, "", hash);
    if (!isShown) return follow();
    if (view === kept && kept) kept.hash = hash;
    mark();
  },
  /** The overview as it was left, with its search and order. */
  home: () => kept?.hash ?? "#/",
  /** Says something to screen readers. */
  say(words) {
    text(spoken, words);
  },
  title(words) {
    viewTitle = words;
    entitle();
  },
  /** How many devices are down, for the title. */
  alert(count) {
    downCount = count;
    entitle();
  },
  order: () => kept?.order() ?? [],
};

function entitle() {
  const parts = [downCount > 0 ? `(${downCount} down)` : "", viewTitle, viewTitle ? "·" : "", "Oriel station"];
  const title = parts.filter(Boolean).join(" ");
  if (document.title !== title) document.title = title;
}

/** Splits the address: the path behind # and its parameters. */
function read() {
  const [path, query] = location.hash.replace(/^#/, "").split("?");
  return { path: path || "/", parameters: new URLSearchParams(query ?? "") };
}

/** Shows what the address says. */
function follow(isBack = false) {
  const { path, parameters } = read();
  const isSame = view && path === route && view.accept(parameters);
  route = path;
  mark();
  if (isSame) {
    if (view.isKept) view.hash = location.hash || "#/";
    return label();
  }
  if (view?.isKept) view.focused = view.node.contains(document.activeElement) ? document.activeElement : null;
  else view?.close();
  const match = /^\/device\/(\d{1,15})$/.exec(path);
  if (match) view = deviceView(app, parameters, match[1]);
  else if (path === "/chart") view = chartView(app, parameters);
  else if (path === "/events") view = eventsView(app, parameters);
  else {
    if (kept) kept.accept(parameters);
    kept ??= overview(app, parameters);
    view = kept;
    kept.hash = location.hash || "#/";
    view.update({ sequence: true });
  }
  app.title(view.name);
  main.replaceChildren(view.node);
  set(document.body, "data-view", view.node.dataset.view);
  label();
  // The focus goes along, so that the next key acts on what is seen now.
  if (document.activeElement === document.body) (view.focused ?? main).focus({ preventScroll: true });
  scrollTo(0, view.isKept || isBack ? scrolls.get(location.hash || "#/") ?? 0 : 0);
}

/** Marks where one is in the navigation. */
function mark() {
  const { path } = read();
  set(find("nav-overview"), "aria-current", path === "/" ? "page" : null);
  set(find("nav-events"), "aria-current", path === "/events" ? "page" : null);
}

function label() {
  const words = view.search?.label ?? "Search devices";
  set(search, "placeholder", words);
  set(search, "aria-label", words);
  const value = view.search?.value ?? "";
  if (search.value !== value && document.activeElement !== search) search.value = value;
}

addEventListener("popstate", () => follow(true));
addEventListener("hashchange", () => read().path !== route && follow());
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='#']");
  if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const hash = link.getAttribute("href");
  if (link.id === "skip") main.focus();
  else app.go(hash === "#/" && view !== kept ? app.home() : hash);
});

// Search: what is typed is the view's business; views without a search hand it to the devices.
find("search-form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!view.search) app.go(`#/?search=${encodeURIComponent(search.value)}`);
  else view.key?.(new KeyboardEvent("keydown", { key: "ArrowDown" }));
});
search.addEventListener("input", () => view.search?.set(search.value));

// Theme: that of the system until one is chosen.
const THEMES = ["auto", "light", "dark"];
const themeButton = find("theme");
const disc = s("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" },
  s("circle", { cx: 10, cy: 10, r: 6.5, fill: "none", stroke: "currentColor", "stroke-width": 1.6 }),
  s("path", { fill: "currentColor" }));
themeButton.append(disc);

function showTheme() {
  const theme = document.documentElement.dataset.theme ?? "auto";
  set(themeButton, "aria-label", `Theme: ${theme}`);
  set(themeButton, "title", `Theme: ${theme} (t)`);
  // A half disc follows the system, an empty one is light, a full one dark.
  const half = "M10 3.5a6.5 6.5 0 0 1 0 13";
  set(disc.lastChild, "d", { light: "", auto: `${half}z`, dark: `${half}a6.5 6.5 0 0 1 0-13` }[theme]);
}

function nextTheme() {
  const theme = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % THEMES.length];
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "auto") localStorage.removeItem("oriel-theme");
    else localStorage.setItem("oriel-theme", theme);
  } catch {
    // Storage is forbidden: the choice holds until the page is left.
  }
  showTheme();
  app.say(`Theme: ${theme}`);
}
themeButton.addEventListener("click", nextTheme);
showTheme();

// Help: keys and marks.
const help = find("help");
const KEYS = [["/", "search"], ["j k ↓ ↑", "next, previous device"], ["Enter", "open"], ["Esc", "back, close"],
  ["g e", "devices; events"], ["t", "theme"], ["?", "this help"], ["← →", "chart: earlier, later"],
  ["+ −", "chart: zoom"], ["Home", "chart: back to now"], ["Shift ← →", "chart: read values"],
  ["o", "chart: both above zero"]];
const MARKS = [["up", "answers"], ["busy", "something is nearly full, very busy or has many errors"],
  ["partial", "answers, but not with everything"], ["down", "doesn't answer"], ["new", "not asked yet"]];
help.append(h("form", { method: "dialog" }, h("h2#help-title", "Keys and marks"),
  h("dl.keys", KEYS.map(([keys, words]) =>
    h("div", h("dt", keys.split(" ").map((key) => h("kbd", key))), h("dd", words)))),
  h("ul.notes", MARKS.map(([state, words]) => h("li", h("span.mark", { "data-state": state }), `${state}: ${words}`))),
  h("ul.notes", Object.keys(STATES).map((state) => h("li", h(`i.sample.${state}`), STATES[state]))),
  h("button", { type: "submit", autofocus: true }, "Close")));
find("help-open").addEventListener("click", () => help.showModal());
help.addEventListener("click", (event) => event.target === help && help.close());

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || help.open) return;
  const target = event.target;
  if (target === search) {
    if (event.key === "Escape") {
      search.value = "";
      view.search?.set("");
      search.blur();
      event.preventDefault();
    } else if (event.key === "ArrowDown" && view.key?.(event)) event.preventDefault();
    return;
  }
  if (target.closest?.("input, select, textarea")) return;
  if (view.key?.(event)) return event.preventDefault();
  switch (event.key) {
    case "/":
      search.focus();
      search.select();
      break;
    case "?": help.showModal(); break;
    case "t": nextTheme(); break;
    case "g": app.go(app.home()); break;
    case "e": app.go("#/events"); break;
    case "Escape": {
      const back = view.back();
      if (back) app.go(back);
      else if (search.value) {
        search.value = "";
        view.search?.set("");
      } else return;
      break;
    }
    default: return;
  }
  event.preventDefault();
});

// The state of the connection, and the views' news.
const connection = find("connection");
const banner = find("banner");

function showConnection() {
  const isGood = station.isReachable !== false;
  set(connection, "data-state", isGood ? "live" : "lost");
  text(connection.lastElementChild, isGood ? "live" : "no connection");
  set(connection, "title", station.info ? `Oriel ${station.info.version ?? ""}` : null);
  set(document.body, "data-connection", isGood ? "live" : "lost");
  banner.hidden = isGood;
  if (!isGood) {
    text(banner, `The station can't be reached since ${clock(station.failedSince)}. `
      + "What is shown is from before; this page tries again every two seconds.");
  }
}

follow();
watch((change) => {
  if (change.reachable) showConnection();
  set(document.body, "data-sequence", station.info?.sequence);
  if (change.sequence) view.update(change);
});
