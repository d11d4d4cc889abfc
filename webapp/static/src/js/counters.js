// Says how many characters a text has, while it is written.
import { sentence, within } from "./dom.js";

export function startCounters(root) {
  for (const counter of within(root, "[data-counts]")) {
    const field = document.getElementById(counter.dataset.counts);
    if (!field || counter.dataset.counting) continue;
    counter.dataset.counting = "yes";
    const show = () => {
      const used = [...field.value].length;
      counter.textContent = sentence(counter.dataset.says, { used: used.toLocaleString() });
    };
    field.addEventListener("input", show);
    show();
  }
}
