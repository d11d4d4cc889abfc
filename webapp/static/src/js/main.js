// Every act on the site works without this file. What it adds: partial page swaps, a live turn panel,
// clocks that tick, text that survives a mishap, and the loss curve drawn as it happens.
import htmx from "htmx.org";
import "htmx-ext-sse";
import { Idiomorph } from "idiomorph/htmx";
import { startCharts } from "./charts.js";
import { startClocks } from "./clocks.js";
import { startCounters } from "./counters.js";
import { startExclusiveChoices } from "./choices.js";
import { startKeeping } from "./keep.js";
import { startLive } from "./live.js";
import { startMenus } from "./menus.js";

// A form somebody has begun to fill in is left alone when the panel around it is refreshed.
Idiomorph.defaults.ignoreActiveValue = true;
Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) => !(old.dataset?.touched && old.id === fresh.id);

document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[id]");
  if (form) form.dataset.touched = "yes";
});

// A refused form comes back with 4xx and its sentence; it is shown like any other page.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[2345]..", swap: true },
];

startExclusiveChoices(document);
startMenus(document);
startLive(document);

// Called once for the whole page and again for every part that htmx swaps in.
const features = [startClocks, startCounters, startKeeping, startCharts];
htmx.onLoad((part) => features.forEach((feature) => feature(part)));
