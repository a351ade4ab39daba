"use strict";
(() => {
  const tip = document.getElementById("tip");
  const rule = document.getElementById("rule");
  const hide = () => { tip.hidden = true; rule.hidden = true; };
  const show = (text, x, y) => {
    tip.textContent = text;
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, x + 14), document.documentElement.clientWidth - box.width - 8);
    const top = y + 18 + box.height > window.innerHeight ? y - box.height - 12 : y + 18;
    tip.style.transform = `translate(${Math.max(8, left)}px,${Math.max(8, top)}px)`;
  };
  const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
  const write = (value, unit) =>
    /^shares?\b|^fraction\b/.test(unit) ? `${number.format(value * 100)} %` : `${number.format(value)} ${unit}`;
  const plots = new WeakMap();
  const read = (svg) => {
    if (!plots.has(svg)) {
      const plot = svg.querySelector(".k-plot");
      plots.set(svg, plot && {
        node: plot,
        dates: JSON.parse(plot.dataset.dates),
        left: Number(plot.dataset.left),
        right: Number(plot.dataset.right),
        unit: plot.dataset.unit,
        lines: [...plot.querySelectorAll(".k-line")].map((l) => ({ name: l.dataset.name, values: JSON.parse(l.dataset.values), band: JSON.parse(l.dataset.band || "null") })),
      });
    }
    return plots.get(svg);
  };
  const timeline = (svg, event) => {
    const plot = read(svg);
    if (!plot) return false;
    const matrix = plot.node.getScreenCTM();
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    if (at.x < plot.left - 6 || at.x > plot.right + 6) return false;
    const days = plot.dates.map((d) => Date.parse(d));
    const span = days[days.length - 1] - days[0];
    const wanted = days[0] + ((at.x - plot.left) / (plot.right - plot.left)) * span;
    let best = 0;
    days.forEach((d, i) => { if (Math.abs(d - wanted) < Math.abs(days[best] - wanted)) best = i; });
    const share = span ? (days[best] - days[0]) / span : 0.5;
    const spot = new DOMPoint(plot.left + share * (plot.right - plot.left), 0).matrixTransform(matrix);
    const box = svg.getBoundingClientRect();
    rule.style.transform = `translate(${spot.x}px,${box.top}px)`;
    rule.style.height = `${box.height}px`;
    rule.hidden = false;
    const ja = svg.closest("[lang]").lang === "ja";
    const date = new Date(days[best]).toLocaleDateString(ja ? "ja" : "en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
    const band = (l) => {
      if (!l.band) return "";
      const [low, median, high] = l.band[best].map((v) => write(v, plot.unit));
      return ja ? `（${low}〜${high}、中央値${median}）` : ` (${low} to ${high}, median ${median})`;
    };
    show([date, ...plot.lines.map((l) => `${l.name}: ${write(l.values[best], plot.unit)}${band(l)}`)].join("\n"), event.clientX, event.clientY);
    return true;
  };
  document.addEventListener("pointermove", (event) => {
    const mark = event.target.closest ? event.target.closest("[data-tip]") : null;
    if (mark) {
      rule.hidden = true;
      show(mark.dataset.tip, event.clientX, event.clientY);
      return;
    }
    const svg = event.target.closest ? event.target.closest("svg.k-timeline") : null;
    if (!svg || !timeline(svg, event)) hide();
  });
  // plans by budget: one at a time, chosen by a slider; without this script each unfolds
  document.querySelectorAll("input[data-budgets]").forEach((slider) => {
    const plans = [...slider.closest(".budgets").querySelectorAll("details.budget")];
    const said = slider.parentElement.querySelector("output");
    const asked = Number(new URL(window.location.href).searchParams.get("budget") ?? NaN);
    const choose = () => {
      const chosen = Number(slider.value);
      plans.forEach((plan, i) => { plan.hidden = i !== chosen; plan.open = true; });
      said.textContent = plans[chosen].querySelector("summary").textContent;
      slider.setAttribute("aria-valuetext", said.textContent);
    };
    slider.closest(".budgets").classList.add("one");
    slider.parentElement.hidden = false;
    if (Number.isInteger(asked) && asked >= 0 && asked < plans.length) slider.value = asked;
    // the address, and the links to other languages and units, say which budget is shown
    const keep = () => {
      const here = new URL(window.location.href);
      here.searchParams.set("budget", slider.value);
      window.history.replaceState(null, "", here);
      document.querySelectorAll("#other, [id^='units-']").forEach((link) => {
        const there = new URL(link.href);
        there.searchParams.set("budget", slider.value);
        link.href = there;
      });
    };
    const served = window.location.protocol.startsWith("http");
    slider.addEventListener("input", () => { choose(); if (served) keep(); });
    window.addEventListener("afterprint", choose);
    choose();
    if (served && slider.value !== slider.defaultValue) keep();
  });
  document.addEventListener("scroll", hide, { passive: true, capture: true });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  window.addEventListener("beforeprint", () => document.querySelectorAll("details:not(figure details)").forEach((d) => { d.open = true; d.hidden = false; }));
})();
