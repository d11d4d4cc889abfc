// Ticks the time left of a turn. The server's clock decides, so the reader's own clock is corrected by
// the difference seen when the page was made.
import { within } from "./dom.js";

const serverTime = document.querySelector('meta[name="server-time"]')?.content;
const drift = serverTime ? Date.parse(serverTime) - Date.now() : 0;
const NEAR_SECONDS = 60;

function left(seconds, words) {
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  if (days) return `${days}${words.days} ${hours}${words.hours}`;
  if (hours) return `${hours}${words.hours} ${two(minutes)}${words.minutes}`;
  return `${minutes}${words.minutes} ${two(Math.floor(seconds) % 60)}${words.seconds}`;
}

function tick(clock) {
  const words = clock.dataset;
  const seconds = (Date.parse(clock.dateTime) - Date.now() - drift) / 1000;
  clock.textContent = seconds > 0 ? left(seconds, words) : words.over;
  clock.parentElement.classList.toggle("near", seconds < NEAR_SECONDS);
}

// The server tells exact times in UTC; here they are told in the reader's own time.
export function tellLocalTimes(part) {
  for (const time of within(part, "time[title]")) {
    time.title = new Date(time.dateTime).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
  }
}

export function startClocks(root) {
  setInterval(() => root.querySelectorAll("time[data-countdown]").forEach(tick), 1000);
}
