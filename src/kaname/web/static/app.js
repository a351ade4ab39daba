"use strict";
(() => {
  const box = document.querySelector(".progress[data-run]");
  if (box && window.EventSource) {
    const words = Object.fromEntries(box.dataset.words.split("|").map((pair) => pair.split("=")));
    const state = box.querySelector(".state");
    const step = box.querySelector(".step");
    const source = new EventSource(`/api/v1/runs/${encodeURIComponent(box.dataset.run)}/progress?lang=${document.documentElement.lang}`);
    source.addEventListener("state", (event) => {
      const told = JSON.parse(event.data);
      state.textContent = words[told.state] || told.state;
      step.textContent = told.step || (told.error ? told.error.problems.map((p) => p.what).join("; ") : "");
      if (told.state === "done") { source.close(); window.location.replace(box.dataset.next); }
      if (told.state === "failed" || told.state === "cancelled") source.close();
    });
  }
  // a choice that is sent at once; without this script its button sends it
  document.documentElement.classList.add("js");
  document.querySelectorAll("select[data-send]").forEach((one) =>
    one.addEventListener("change", () => one.form.requestSubmit()));
  const scrub = document.querySelector("input[data-scrub]");
  const says = document.getElementById("week-says");
  const plot = document.querySelector("figure .k-plot");
  if (scrub && says && plot) {
    const dates = JSON.parse(plot.dataset.dates);
    const lines = [...plot.querySelectorAll(".k-line")].map((l) => ({ name: l.dataset.name, values: JSON.parse(l.dataset.values) }));
    const share = /^shares?\b|^fraction\b/.test(plot.dataset.unit);
    const number = new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 3 });
    const ja = document.documentElement.lang === "ja";
    const cent = ja ? "%" : "\u00a0%";
    const day = new Intl.DateTimeFormat(ja ? "ja" : "en-GB", { dateStyle: ja ? "long" : "medium", timeZone: "UTC" });
    const write = (value) => (share ? `${number.format(value * 100)}${cent}` : plot.dataset.unit.startsWith("%") ? `${number.format(value)}${cent}` : `${number.format(value)} ${plot.dataset.unit}`);
    const tell = () => {
      const i = Number(scrub.value);
      const date = day.format(new Date(dates[i]));
      const when = ja ? `第${i + 1}週（${date}）：` : `${i + 1} (${date}): `;
      const text = when + lines.map((l) => `${l.name} ${write(l.values[i])}`).join(ja ? "、" : ", ");
      says.textContent = text;
      scrub.setAttribute("aria-valuetext", text);
    };
    scrub.addEventListener("input", tell);
    tell();
  }
  // the chain in a week: the server draws it, the slider asks for it and puts it in place
  const weekly = document.getElementById("sankey-week");
  const spot = document.getElementById("week-chart");
  const tells = document.getElementById("sankey-says");
  if (weekly && spot && tells) {
    let asked = null;
    let timer = 0;
    const turn = async () => {
      if (asked) asked.abort();
      asked = new AbortController();
      const there = new URL(weekly.dataset.fragment, window.location.href);
      there.searchParams.set("week", weekly.value);
      try {
        const answer = await fetch(there, { signal: asked.signal });
        if (!answer.ok) return;
        const scrolled = spot.querySelector(".pan") ? spot.querySelector(".pan").scrollLeft : 0;
        const open = Boolean(spot.querySelector("details[open]"));
        const made = document.createElement("template");
        made.innerHTML = await answer.text();
        spot.replaceChildren(made.content);
        const pan = spot.querySelector(".pan");
        if (pan) pan.scrollLeft = scrolled;
        if (open) spot.querySelector("details").open = true;
        tells.textContent = spot.querySelector("figure").dataset.says;
        weekly.setAttribute("aria-valuetext", tells.textContent);
        const here = new URL(window.location.href);
        here.searchParams.set("week", weekly.value);
        window.history.replaceState(null, "", here);
      } catch (error) {
        if (error.name !== "AbortError") throw error;
      }
    };
    weekly.setAttribute("aria-valuetext", tells.textContent);
    weekly.addEventListener("input", () => { window.clearTimeout(timer); timer = window.setTimeout(turn, 60); });
  }
  // presets of the map: left, top, width of the view as shares of the drawing, Pacific in the middle
  const words = document.getElementById("words");
  const presets = { world: [0, 0, 1], indo: [0.22, 0.17, 0.5], europe: [0.06, 0, 0.3], americas: [0.58, 0, 0.42] };
  document.querySelectorAll("figure").forEach((figure) => {
    const maps = [...figure.querySelectorAll("svg.k-map")];
    if (!maps.length || !words) return;
    const group = document.createElement("fieldset");
    group.className = "zoom";
    const legend = document.createElement("legend");
    legend.className = "vh";
    legend.textContent = words.dataset.zoom;
    group.append(legend);
    // the land goes into a drawing of its own, which clips it; the legend stays
    const lands = maps.map((svg) => {
      const land = svg.querySelector('g[transform^="scale"]');
      const width = svg.viewBox.baseVal.width;
      const inner = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      const height = (width * 0.4348).toFixed(1);
      inner.setAttribute("width", width);
      inner.setAttribute("height", height);
      land.before(inner);
      inner.append(land);
      return { inner, width, height: Number(height) };
    });
    const turn = (name) => {
      group.querySelectorAll("button").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.view === name)));
      const [left, top, share] = presets[name];
      lands.forEach(({ inner, width, height }) =>
        inner.setAttribute("viewBox", `${left * width} ${top * height} ${share * width} ${share * height}`));
      // names of passages stay as large as they are, however near the map is looked at
      lands.forEach(({ inner }) => inner.querySelectorAll(".k-flows text").forEach((text) => {
        for (const name of ["font-size", "stroke-width"]) {
          const key = name === "font-size" ? "size" : "halo";
          text.dataset[key] = text.dataset[key] || text.getAttribute(name);
          text.setAttribute(name, Number(text.dataset[key]) * share);
        }
      }));
    };
    Object.keys(presets).forEach((name) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.view = name;
      button.textContent = words.dataset[name];
      button.addEventListener("click", () => turn(name));
      group.append(button);
    });
    maps[0].before(group);
    turn("world");
  });
})();
