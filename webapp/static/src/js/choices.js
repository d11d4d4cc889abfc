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

// Ranked voting: nothing shares a rank. Whoever had the one that is chosen now gets the one that was given up for it.
export function startRanks(root) {
  root.addEventListener("focusin", ({ target }) => {
    if (target.matches?.("[data-ranks] .rank")) target.dataset.had = target.value;
  });
  root.addEventListener("change", ({ target }) => {
    const set = target.closest("[data-ranks]");
    if (!set || !target.matches(".rank")) return;
    for (const other of set.querySelectorAll(".rank")) {
      if (other !== target && target.value && other.value === target.value) other.value = target.dataset.had ?? "";
    }
    target.dataset.had = target.value;
  });
}
