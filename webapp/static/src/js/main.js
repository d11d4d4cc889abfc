// Every act on the site works without this file. What it adds: partial page swaps, a live turn panel,
// clocks that tick, text that survives a mishap, and the loss curve drawn as it happens.
import htmx from "htmx.org";
import "htmx-ext-sse";
import { startCharts } from "./charts.js";
import { startClocks, tellLocalTimes } from "./clocks.js";
import { countAll, startCounters } from "./counters.js";
import { startExclusiveChoices, startRanks } from "./choices.js";
import { restoreTyped, startKeeping } from "./keep.js";
import { startLive } from "./live.js";
import { startMenus } from "./menus.js";
import { startMorphing } from "./morphing.js";

// A refused form comes back with 4xx and its sentence; it is shown like any other page.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[2345]..", swap: true },
];

for (const start of [startMorphing, startExclusiveChoices, startRanks, startMenus, startLive, startClocks, startCounters, startKeeping]) {
  start(document);
}

// Called once for the whole page and again for every part that htmx swaps in.
htmx.onLoad((part) => {
  restoreTyped(part);
  countAll(part);
  tellLocalTimes(part);
  startCharts(part);
});
