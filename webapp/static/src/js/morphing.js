// How a refreshed panel is laid over the one on the screen: what somebody has begun stays as it is.
import { Idiomorph } from "idiomorph/htmx";

const begun = (old, fresh) => old.dataset?.touched && old.id === fresh.id;
const drawn = (old, fresh) => old.dataset?.curve && old.dataset.curve === fresh.dataset?.curve;

export function startMorphing(root) {
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) => !begun(old, fresh) && !drawn(old, fresh);

  root.addEventListener("input", ({ target }) => {
    const form = target.closest("form[id]");
    if (form) form.dataset.touched = "yes";
  });

  // The answer to a form shows what has become of what was typed; a refresh leaves the field one is in alone.
  root.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const form = detail.requestConfig?.elt.closest("form");
    Idiomorph.defaults.ignoreActiveValue = !form;
    if (form) delete form.dataset.touched;
  });
}
