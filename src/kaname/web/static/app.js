"use strict";
(() => {
  const box = document.querySelector(".progress[data-run]");
  if (box && window.EventSource) {
    const words = Object.fromEntries(box.dataset.words.split("|").map((pair) => pair.split("=")));
    const state = box.querySelector(".state");
    const step = box.querySelector(".step");
    const source = new EventSource(`/api/v1/runs/${encodeURIComponent(box.dataset.run)}/progress`);
    source.addEventListener("state", (event) => {
      const told = JSON.parse(event.data);
      state.textContent = words[told.state] || told.state;
      step.textContent = told.step || (told.error ? told.error.problems.map((p) => p.what).join("; ") : "");
      if (told.state === "done") { source.close(); window.location.replace(box.dataset.next); }
      if (told.state === "failed" || told.state === "cancelled") source.close();
    });
  }
  const scrub = document.querySelector("input[data-scrub]");
  const says = document.getElementById("week-says");
  const plot = document.querySelector("figure .k-plot");
  if (scrub && says && plot) {
    const dates = JSON.parse(plot.dataset.dates);
    const lines = [...plot.querySelectorAll(".k-line")].map((l) => ({ name: l.dataset.name, values: JSON.parse(l.dataset.values) }));
    const share = /^shares?\b|^fraction\b/.test(plot.dataset.unit);
    const number = new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 3 });
    const write = (value) => (share ? `${number.format(value * 100)} %` : `${number.format(value)} ${plot.dataset.unit}`);
    const tell = () => {
      const i = Number(scrub.value);
      const text = `${i + 1} (${dates[i]}): ` + lines.map((l) => `${l.name} ${write(l.values[i])}`).join(", ");
      says.textContent = text;
      scrub.setAttribute("aria-valuetext", text);
    };
    scrub.addEventListener("input", tell);
    tell();
  }
})();
