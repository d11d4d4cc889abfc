// Approval voting: tick as many as you like. "None of these" is an answer of its own, so it unticks the
// others and they untick it.
export function startExclusiveChoices(root) {
  root.addEventListener("change", ({ target }) => {
    if (target.type !== "checkbox" || !target.checked) return;
    const set = target.closest("[data-exclusive]");
    if (!set) return;
    const none = "none" in target.dataset;
    for (const box of set.querySelectorAll('input[type="checkbox"]')) {
      if (box !== target && (none || "none" in box.dataset)) box.checked = false;
    }
  });
}
