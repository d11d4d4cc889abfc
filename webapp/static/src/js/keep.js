// What somebody types stays on this device until it has been sent and taken: a lost connection, a closed
// tab or an expired log-in costs no text. Nothing leaves the browser (sessionStorage).
import { within } from "./dom.js";

const PREFIX = "ieum:typed:";
const nameOf = (field) => PREFIX + field.dataset.keep;

export function startKeeping(root) {
  // The server names what it has taken, so that a sent text does not come back into an empty form.
  for (const taken of within(root, "[data-taken]")) sessionStorage.removeItem(PREFIX + taken.dataset.taken);

  for (const field of within(root, "[data-keep]")) {
    const kept = sessionStorage.getItem(nameOf(field));
    if (kept && !field.value) {
      field.value = kept;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    field.addEventListener("input", () => sessionStorage.setItem(nameOf(field), field.value));
  }
}
