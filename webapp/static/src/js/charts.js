// Finds loss curves and loads the drawing code only on pages that have one.
import { within } from "./dom.js";

const drawn = new WeakSet();

export function startCharts(part) {
  for (const place of within(part, "[data-curve]")) {
    if (drawn.has(place)) continue;
    drawn.add(place);
    import("./curve.js").then(({ drawCurve }) => drawCurve(place));
  }
}
