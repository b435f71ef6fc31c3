// Layer: StationWeb/Page. Uses: dom. Used by: chart.
// Gestures of a large chart: dragging with the mouse marks a span, the wheel and two fingers scale about their place,
// one finger moves. Each ends in chart.options.onzoom(from, to, how): drag, wheel, touch or button.

import { set } from "./dom.js";

/** Makes a chart follow gestures. Gives it `cancelDrag`, true if there was one. */
export function makeZoomable(chart) {
  const { node } = chart;
  const zoom = chart.options.onzoom;
  const fingers = new Map();
  let pinch = null;
  const place = (event) => event.clientX - node.getBoundingClientRect().left;
  const clamp = (x) => Math.min(chart.box.right, Math.max(chart.box.left, x));
  const marked = (event) => [clamp(chart.dragStart), clamp(place(event))].sort((a, b) => a - b);
  const begin = () => (pinch = fingers.size > 0 ? { from: chart.from, to: chart.to, at: [...fingers.values()] } : null);

  chart.cancelDrag = () => {
    const wasDragging = chart.dragStart !== undefined;
    chart.dragStart = undefined;
    if (chart.selection) set(chart.selection, "width", 0);
    return wasDragging;
  };

  function pan() {
    const [was, is] = [pinch.at, [...fingers.values()]];
    const span = pinch.to - pinch.from;
    const share = (x) => (x - chart.box.left) / (chart.box.right - chart.box.left);
    const middle = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
    const spread = (list) => Math.max(20, Math.abs(list[0] - list[1]));
    const scale = is.length > 1 ? spread(was) / spread(is) : 1;
    // What was under the middle of the fingers stays under it.
    const from = pinch.from + share(middle(was)) * span - share(middle(is)) * span * scale;
    if (scale !== 1 || Math.abs(middle(is) - middle(was)) > 6) zoom(from, from + span * scale, "touch");
  }

  node.addEventListener("pointerdown", (event) => {
    if (!chart.box || event.button !== 0 || place(event) < chart.box.left) return;
    node.setPointerCapture(event.pointerId);
    chart.tip.hidden = event.pointerType === "mouse";
    if (event.pointerType === "mouse") chart.dragStart = place(event);
    else begin(fingers.set(event.pointerId, place(event)));
  });
  node.addEventListener("pointermove", (event) => {
    if (chart.dragStart !== undefined) {
      const [a, b] = marked(event);
      set(chart.selection, "x", a);
      set(chart.selection, "width", b - a);
    } else if (pinch && fingers.has(event.pointerId)) {
      fingers.set(event.pointerId, place(event));
      pan();
    }
  });
  const release = (event) => {
    if (chart.dragStart !== undefined && event.type === "pointerup") {
      const [a, b] = marked(event);
      if (b - a > 5) zoom(chart.box.time(a), chart.box.time(b), "drag");
    }
    chart.cancelDrag();
    fingers.delete(event.pointerId);
    begin();
  };
  node.addEventListener("pointerup", release);
  node.addEventListener("pointercancel", release);
  node.addEventListener("dblclick", () => {
    const half = (chart.to - chart.from) / 2;
    zoom(chart.from - half, chart.to + half, "button");
  });
  node.addEventListener("wheel", (event) => {
    if (!chart.box) return;
    event.preventDefault();
    const span = chart.to - chart.from;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      const shift = (event.deltaX / (chart.box.right - chart.box.left)) * span;
      return zoom(chart.from + shift, chart.to + shift, "wheel");
    }
    const scale = Math.exp(Math.max(-1, Math.min(1, event.deltaY / 300)));
    const anchor = chart.box.time(clamp(place(event)));
    zoom(anchor - (anchor - chart.from) * scale, anchor + (chart.to - anchor) * scale, "wheel");
  }, { passive: false });
}
