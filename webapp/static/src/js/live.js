// What the server tells while the page is open. htmx (hx-trigger="sse:…") refetches the turn panel and new
// passages; this file moves the small things that need no fetch: bars, counts, and the spoken notice.
import htmx from "htmx.org";
import { sentence } from "./dom.js";

const told = (event) => {
  try {
    return JSON.parse(event.detail.data);
  } catch {
    return {};
  }
};

function showProgress(root, { progress, message }) {
  if (progress == null) return;
  for (const bar of root.querySelectorAll("[data-live-progress]")) bar.value = progress;
  for (const share of root.querySelectorAll("[data-live-percent]")) share.textContent = `${Math.round(progress * 100)}%`;
  // The stream tells its messages in the reader's language already.
  for (const note of root.querySelectorAll("[data-live-message]")) note.textContent = message;
}

function showBallots(root, { poll_id, ballots }) {
  for (const count of root.querySelectorAll(`[data-live-ballots="${poll_id}"]`)) {
    count.textContent = sentence(count.dataset.says, { count: ballots });
  }
}

export function startLive(root) {
  const notice = root.querySelector("#live-notice");
  let opened = 0;

  root.addEventListener("sse:progress", (event) => showProgress(root, told(event)));
  root.addEventListener("sse:ballots", (event) => showBallots(root, told(event)));
  const say = (kind) => (notice.textContent = notice.dataset[kind]);
  for (const kind of ["passage", "checkpoint"]) root.addEventListener(`sse:${kind}`, () => say(kind));
  // The event also comes when somebody hands something in; only a new phase is worth interrupting a reader.
  root.addEventListener("sse:phase", (event) => {
    const { turn_id, phase } = told(event);
    if (root.querySelector("#turn")?.dataset.phase === `${turn_id}:${phase}`) return;
    say("phase");
    // What was said of the phase before, like "you have voted", would now be read as said of this one.
    root.querySelector("#flash")?.replaceChildren();
  });
  // After a broken connection the page may have missed something: fetch what it shows once more.
  root.addEventListener("htmx:sseOpen", () => {
    if (opened++) for (const part of root.querySelectorAll("[data-live-part]")) htmx.trigger(part, "refresh");
  });
}
