"""JavaScript that looks at the whole page for what no view may have. Used by cases_page.py.

Each answers a list of what is wrong: too little contrast (WCAG 2.2, 1.4.3), controls without a name, cells outside of
their row.
"""

CONTRAST = """
const parse = (words) => {
  const [r, g, b, a = 1] = words.match(/[\\d.]+/g).map(Number);
  return /^color\\(srgb/.test(words) ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
};
const over = (top, below) => top.slice(0, 3).map((v, i) => v * top[3] + below[i] * (1 - top[3])).concat(1);
const light = (colour) => {
  const [r, g, b] = colour.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
};
const bad = new Map();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || node.closest('.spoken, option')) continue;
  if (!node.checkVisibility({visibilityProperty: true})) continue;
  const style = getComputedStyle(node);
  const layers = [];
  let faint = 1;
  for (let e = node; e; e = e.parentElement) {
    layers.unshift(parse(getComputedStyle(e).backgroundColor));
    faint *= Number(getComputedStyle(e).opacity);
  }
  const ground = layers.reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  const ink = parse(node instanceof SVGElement ? style.fill : style.color);
  ink[3] *= faint;
  const [a, b] = [light(over(ink, ground)), light(ground)].sort((x, y) => y - x);
  const ratio = (a + .05) / (b + .05);
  const isLarge = parseFloat(style.fontSize) >= 24 || parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 600;
  if (ratio < (isLarge ? 3 : 4.5))
    bad.set(`${node.tagName}.${node.getAttribute('class')} ${ratio.toFixed(2)}`, walker.currentNode.data.slice(0, 30));
}
return [...bad].map(([k, v]) => `${k}: ${v}`);
"""

UNLABELLED = """
const name = (e) => (e.getAttribute('aria-label') || e.textContent || e.getAttribute('alt') || '').trim()
  || (e.getAttribute('aria-labelledby') && document.getElementById(e.getAttribute('aria-labelledby'))?.textContent);
const bad = [...document.querySelectorAll('a[href], button, input, select, section.part, aside, nav, dialog, [role]')]
  .filter(e => e.checkVisibility() && !name(e))
  .filter(e => !/row|cell|columnheader|rowgroup|alert|status/.test(e.getAttribute('role')))
  .map(e => e.outerHTML.slice(0, 120));
if (document.querySelectorAll('main').length !== 1) bad.push('not one main');
if ([...document.querySelectorAll('h1')].length !== 1) bad.push('not one h1');
for (const id of [...document.querySelectorAll('[id]')].map(e => e.id))
  if (document.querySelectorAll('#' + CSS.escape(id)).length > 1) bad.push('id twice: ' + id);
return bad;
"""


OUTSIDE = """
const bad = [];
for (const row of document.querySelectorAll('tr.device, tr.port, .event-line, .gauges li')) {
  const outer = row.getBoundingClientRect();
  if (outer.top > innerHeight || !row.checkVisibility()) continue;
  for (const cell of row.children) {
    if (!cell.checkVisibility()) continue;
    const inner = cell.getBoundingClientRect();
    if (inner.right > outer.right + 1 || inner.left < outer.left - 1) bad.push(cell.className);
    if (/name/.test(cell.className) && inner.width < 60) bad.push(cell.className + ' is narrow');
  }
}
return bad.slice(0, 5);
"""
