// Says how many characters a text has, while it is written.
import { sentence, within } from "./dom.js";

function count(counter) {
  const field = document.getElementById(counter.dataset.counts);
  const used = [...(field?.value ?? "")].length;
  counter.textContent = sentence(counter.dataset.says, { used: used.toLocaleString() });
}

export function countAll(part) {
  within(part, "[data-counts]").forEach(count);
}

export function startCounters(root) {
  root.addEventListener("input", ({ target }) => {
    root.querySelectorAll(`[data-counts="${target.id}"]`).forEach(count);
  });
}
