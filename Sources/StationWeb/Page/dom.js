// Layer: StationWeb/Page. Uses: nothing. Used by: every module of the page.
// Makes and changes elements. What devices say is untrusted: it goes in as text nodes and attribute values of ours,
// never as markup, and nothing on this page turns a string into elements.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An HTML element: `h("p#id.class.class", {attributes}, children…)`. Attributes may be left out; they are as in
 * `set`, and functions are listeners (`onclick`). Children are nodes, strings and lists of them; null is left out.
 */
export const h = (name, ...rest) => fill((tag) => document.createElement(tag), name, rest);

/** An SVG element, otherwise as `h`. */
export const s = (name, ...rest) => fill((tag) => document.createElementNS(SVG, tag), name, rest);

function fill(make, name, rest) {
  const [, tag, id, classes] = /^(\w+)(?:#([\w-]+))?((?:\.[\w-]+)*)$/.exec(name);
  const node = make(tag);
  if (id) node.id = id;
  if (classes) node.setAttribute("class", classes.slice(1).replaceAll(".", " "));
  const isPlain = rest[0]?.constructor === Object;
  const [attributes, children] = isPlain ? [rest[0], rest.slice(1)] : [{}, rest];
  for (const key in attributes) {
    if (typeof attributes[key] === "function") node.addEventListener(key.slice(2), attributes[key]);
    else set(node, key, attributes[key]);
  }
  for (const child of children.flat(2)) if (child !== null && child !== undefined) node.append(child);
  return node;
}

/** Sets an attribute if it differs; null and false remove it, true sets it empty. */
export function set(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

/** Sets the text of a node if it differs, so that a selection in it survives. */
export function text(node, value) {
  const next = value ?? "";
  if (node.textContent !== next) node.textContent = next;
}

/** Text that a device sent, cut to one line by the style; the whole of it is the tool tip. */
export function told(node, value) {
  text(node, value);
  set(node, "title", value || null);
}

/** Puts the nodes in this order below the parent and removes the others. Keeps the focus. */
export function arrange(parent, nodes) {
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let at = parent.firstElementChild;
  for (const node of nodes) {
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
  if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
}

const lists = new WeakMap();

/** The rows that `keyed` shows below a parent, by key. */
export const rowsOf = (parent) => lists.get(parent) ?? new Map();

/**
 * Shows a list below the parent: one row for each key, made once and then changed in place. `make` gives a row
 * `{node, update(item)}`. Answers the rows in order.
 */
export function keyed(parent, items, keyOf, make) {
  const known = rowsOf(parent);
  const rows = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const row = known.get(key) ?? make(item);
    row.update?.(item);
    rows.set(key, row);
  }
  for (const [key, row] of known) if (!rows.has(key)) row.close?.();
  lists.set(parent, rows);
  arrange(parent, [...rows.values()].map((row) => row.node));
  return [...rows.values()];
}

/** A percentage as a number over a thin bar. `limits`: from where it is a warning and from where it is bad. */
export function meter(label, limits = [85, 95]) {
  const number = h("span.n");
  const bar = h("i", { "aria-hidden": "true" });
  const node = h("span.meter", { "data-meter": label }, number, bar);
  node.show = (value, words) => {
    text(number, words);
    const known = typeof value === "number";
    set(node, "data-level", !known ? "none" : value >= limits[1] ? "bad" : value >= limits[0] ? "warn" : null);
    const width = known ? Math.max(0, Math.min(100, value)).toFixed(1) : "0";
    if (bar.style.getPropertyValue("--v") !== width) bar.style.setProperty("--v", width);
  };
  return node;
}

/** A row of buttons of which one is chosen. `choices`: values, which are labels too but for the empty one: all. */
export function segmented(label, choices, chosen, onChange) {
  const buttons = choices.map((value) =>
    h("button", { type: "button", "data-value": value, onclick: () => onChange(value) }, value || "all"));
  const node = h("div.segmented", { role: "group", "aria-label": label }, ...buttons);
  node.choose = (value) => {
    for (const button of buttons) set(button, "aria-pressed", button.dataset.value === value ? "true" : "false");
  };
  node.choose(chosen);
  return node;
}
