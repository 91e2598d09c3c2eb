// What pages do beyond what htmx does: moments in the reader's own time zone, charts, a closed menu on phones, and lists
// that remember what they are narrowed by.
"use strict";

const COLOURS = ["#0172ad", "#c7771a", "#2f855a", "#9b59b6", "#c0392b"];
const WHOLE = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((each) => each * 10 ** power)).flat();

function localise(root) {
  const language = document.documentElement.lang;
  for (const time of root.querySelectorAll("time[datetime*='T']")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.valueOf())) {
      const timeStyle = "exact" in time.dataset ? "medium" : "short";
      time.textContent = new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle }).format(at);
    }
  }
}

function drawCharts(root) {
  if (!window.uPlot) return;
  const ink = getComputedStyle(document.body).color;
  const grid = { stroke: "rgba(128, 128, 128, 0.25)" };
  const language = document.documentElement.lang;
  const days = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
  const numbers = new Intl.NumberFormat(language);
  for (const place of root.querySelectorAll("[data-chart]")) {
    const chart = JSON.parse(place.dataset.chart);
    const lines = chart.lines.map((line, number) => ({
      label: line.label,
      stroke: COLOURS[number % COLOURS.length],
      width: 2,
      dash: line.dashed ? [6, 4] : undefined,
      paths: line.steps ? uPlot.paths.stepped({ align: 1 }) : undefined,
      points: { show: chart.days.length < 3 },
    }));
    const axes = [
      { stroke: ink, grid, values: (_, at) => at.map((each) => days.format(new Date(each * 1000))) },
      { stroke: ink, grid, incrs: WHOLE, values: (_, at) => at.map((each) => numbers.format(each)) },
    ];
    const scales = { x: { time: true }, y: { range: (_, least, most) => [0, Math.max(1, most * 1.1)] } };
    const day = { label: chart.label, value: (_, at) => (at == null ? "" : days.format(new Date(at * 1000))) };
    const size = { width: place.clientWidth, height: 220 };
    place.replaceChildren();
    new uPlot({ ...size, series: [day, ...lines], axes, scales }, [chart.days, ...chart.lines.map((line) => line.values)], place);
  }
}

async function copy(button) {
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.textContent = button.dataset.done;
}

function closeMenu() {
  if (window.matchMedia("(max-width: 48rem)").matches) {
    document.querySelector("nav.side .menu")?.removeAttribute("open");
  }
}

function dress(root) {
  localise(root);
  drawCharts(root);
}

// The address keeps what a list is narrowed by, so that it can be sent on and come back to.
function keepConditions(event) {
  const form = event.target.form;
  if (form?.matches("form.filters[hx-get]")) {
    const given = [...new FormData(form)].filter(([, value]) => value !== "");
    history.replaceState(history.state, "", `${form.action}?${new URLSearchParams(given)}`);
  }
}

function chooseAll(event) {
  const { all } = event.target.dataset;
  if (all) {
    for (const box of event.target.form.querySelectorAll(`input[type=checkbox][name="${all}"]`)) {
      box.checked = event.target.checked;
    }
  }
}

dress(document);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
closeMenu();
document.addEventListener("htmx:after:swap", () => dress(document));
document.addEventListener("input", keepConditions);
document.addEventListener("change", chooseAll);
