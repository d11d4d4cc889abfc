// What somebody types stays on this device until it has been sent and taken: a lost connection, a closed
// page or an expired log-in costs no text. Nothing leaves the browser (sessionStorage).
import { within } from "./dom.js";

const PREFIX = "ieum:typed:";

export function startKeeping(root) {
  root.addEventListener("input", ({ target }) => {
    if (target.dataset.keep) sessionStorage.setItem(PREFIX + target.dataset.keep, target.value);
  });
}

export function restoreTyped(part) {
  // The server names what it has taken, so that a sent text does not come back into an empty form.
  for (const taken of within(part, "[data-taken]")) sessionStorage.removeItem(PREFIX + taken.dataset.taken);

  for (const field of within(part, "[data-keep]")) {
    const kept = sessionStorage.getItem(PREFIX + field.dataset.keep);
    if (!kept || field.value) continue;
    field.value = kept;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
