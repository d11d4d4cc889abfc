// Draws one run's loss curve with uPlot, and draws it again while the run goes on. The same numbers stand in
// a table beside it for readers without sight of the chart or without JavaScript.
import uPlot from "uplot";

const REFRESH_MS = 2500;

const colour = (place, name) => getComputedStyle(place).getPropertyValue(name).trim();

function options(place) {
  const ink = colour(place, "--soft");
  const axis = { stroke: ink, grid: { stroke: colour(place, "--line"), width: 1 }, ticks: { show: false }, font: "12px sans-serif" };
  const curve = (label, name, width) => ({ label, stroke: colour(place, name), width, spanGaps: true, points: { show: false } });
  return {
    width: place.clientWidth,
    height: place.classList.contains("small") ? 130 : 260,
    scales: { x: { time: false } },
    legend: { show: !place.classList.contains("small"), live: false },
    cursor: { y: false },
    axes: [axis, { ...axis, size: 44 }],
    series: [
      { label: place.dataset.step },
      curve(place.dataset.train, "--curve-train", 1.5),
      curve(place.dataset.validation, "--curve-validation", 2.5),
    ],
  };
}

async function fetchCurve(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  return answer.ok ? answer.json() : null;
}

export async function drawCurve(place) {
  let plot = null;
  const show = async () => {
    const curve = await fetchCurve(place.dataset.curve);
    if (!place.isConnected) return plot?.destroy();
    if (curve?.steps.length > 1) {
      const data = [curve.steps, curve.train, curve.validation];
      plot ? plot.setData(data) : (plot = new uPlot(options(place), data, place));
    }
    if (!curve || curve.running) setTimeout(show, REFRESH_MS);
  };
  new ResizeObserver(() => plot?.setSize({ width: place.clientWidth, height: plot.height })).observe(place);
  await show();
}
