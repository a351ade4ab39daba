"use strict";
// The form and the text of a scenario as one document: what is typed is sent as the buttons send it, and the
// parts of the answer take the places of those on the page.
(() => {
  const form = document.getElementById("scenario");
  const area = document.getElementById("text");
  if (!form || !area) return;
  const REST_MS = 500;
  let timer = 0;
  let asked = null;
  const state = () => new URLSearchParams(new FormData(form)).toString();
  const later = () => { window.clearTimeout(timer); timer = window.setTimeout(() => ask("check"), REST_MS); };
  const ask = async (what) => {
    window.clearTimeout(timer);
    if (asked) asked.abort();
    const mine = new AbortController();
    asked = mine;
    const before = state();
    let page = null;
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new URLSearchParams(`${before}&do=${encodeURIComponent(what)}`),
        headers: { accept: "text/html" }, signal: mine.signal,
      });
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch (error) {
      if (error.name === "AbortError") return;
    }
    if (asked !== mine) return;
    if (!page || !page.getElementById("scenario")) { tell(form.dataset.offline); return; }
    if (state() !== before) { later(); return; }
    take(page, what);
  };
  const tell = (text) => {
    const told = document.createElement("p");
    told.className = "fault";
    told.textContent = text;
    document.getElementById("verdict").replaceChildren(told);
  };
  const swap = (page, id) => {
    const here = document.getElementById(id);
    const there = page.getElementById(id);
    if (!here || !there || here.innerHTML === there.innerHTML) return;
    here.replaceChildren(...[...there.childNodes].map((node) => document.adoptNode(node)));
  };
  const take = (page, what) => {
    const open = new Map([...form.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
    const focus = document.activeElement ? document.activeElement.id : "";
    const text = page.getElementById("text").value;
    if (area.value !== text) {
      const [start, end, top, left] = [area.selectionStart, area.selectionEnd, area.scrollTop, area.scrollLeft];
      area.value = text;
      area.setSelectionRange(start, end);
      [area.scrollTop, area.scrollLeft] = [top, left];
    }
    ["verdict", "fields", "after"].forEach((id) => swap(page, id));
    form.querySelectorAll("details[id]").forEach((one) => { if (open.has(one.id)) one.open = open.get(one.id); });
    const [verb, name] = what.split(":");
    const group = verb === "add" ? document.getElementById(`group-${name}`) : null;
    if (group) {
      group.open = true;
      const rows = group.querySelectorAll("fieldset");
      const first = rows.length ? rows[rows.length - 1].querySelector("input") : null;
      if (first) first.focus();
    } else if (focus) {
      const again = document.getElementById(focus);
      if (again && again !== document.activeElement) again.focus({ preventScroll: true });
    }
    const [here, there] = [document, page].map((one) => one.getElementById("other"));
    if (here && there) here.href = there.getAttribute("href");
    const link = document.getElementById("share");
    window.history.replaceState(null, "", link ? link.href : form.action);
  };
  area.addEventListener("input", later);
  form.addEventListener("change", (event) => { if (event.target !== area) ask("check"); });
  form.addEventListener("submit", (event) => {
    const what = event.submitter ? event.submitter.value : "check";
    if (!/^(check|add:|drop:)/.test(what)) return;
    event.preventDefault();
    ask(what);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    const lines = area.value.split("\n");
    const line = Math.min(Number(link.dataset.line), lines.length);
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    area.focus();
    area.setSelectionRange(start, start + lines[line - 1].length);
    area.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(area).lineHeight));
    area.scrollLeft = 0;
  });
})();
