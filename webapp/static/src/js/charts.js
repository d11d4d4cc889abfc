// Finds loss curves and loads the drawing code only on pages that have one.
import { within } from "./dom.js";

export function startCharts(root) {
  for (const place of within(root, "[data-curve]")) {
    if (place.dataset.drawn) continue;
    place.dataset.drawn = "yes";
    import("./curve.js").then(({ drawCurve }) => drawCurve(place));
  }
}
