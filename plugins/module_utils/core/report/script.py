# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The script of the page: the language, the table of guests, the lines of the graph under the pointer."""

from __future__ import annotations

SCRIPT = r"""
"use strict";
(() => {
  const root = document.documentElement;
  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };
  const both = (en, zh) => {
    const parts = [element("span", "en", en), element("span", "zh", zh)];
    parts[0].lang = "en";
    parts[1].lang = "zh-CN";
    return parts;
  };

  // The language.
  const tongues = [...document.querySelectorAll("[data-language]")];
  for (const button of tongues) {
    button.addEventListener("click", () => {
      const chosen = button.dataset.language;
      root.lang = chosen === "zh" ? "zh-CN" : "en";
      document.title = chosen === "zh" ? root.dataset.titleZh : root.dataset.titleEn;
      for (const one of tongues) one.setAttribute("aria-pressed", String(one === button));
    });
  }

  // The table of guests: all rows are data, so many as are asked for are drawn.
  const STEP = 200, PRINTED = 2000;
  const FATE = 1, NOTE = 12;
  const facts = JSON.parse(document.getElementById("guest-data").textContent);
  const rows = facts.rows.map((cells) => {
    const fate = facts.fates[cells[FATE]];
    return {cells, fate: fate[0], text: [...cells, ...fate].join("\n").toLowerCase()};
  });
  const collator = new Intl.Collator(undefined, {numeric: true});
  const table = document.querySelector("#guest-table table");
  const heads = [...table.querySelectorAll("th button")];
  const numeric = heads.map((button) => button.parentElement.classList.contains("number"));
  const form = document.getElementById("guest-filter");
  const words = document.getElementById("guest-words");
  const more = document.getElementById("guest-more");
  let column = 0, direction = 1, drawn = STEP, found = rows;

  const compare = (one, other) => {
    const a = one.cells[column], b = other.cells[column];
    const emptyA = a === null || a === "", emptyB = b === null || b === "";
    if (emptyA || emptyB) return emptyA - emptyB; // what is not known stands last, either way
    return direction * (typeof a === "number" ? a - b : collator.compare(a, b));
  };
  const select = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fate = form.elements.fate.value;
    found = rows.filter((row) => (!fate || row.fate === fate) && wanted.every((word) => row.text.includes(word)));
    found.sort(compare);
    drawn = STEP;
    draw();
  };
  const cell = (row, index) => {
    if (index === FATE) {
      const [name, en, zh] = facts.fates[row.cells[FATE]];
      const td = element("td", "", element("span", "pill fate-" + name, ...both(en, zh)));
      const note = facts.notes[row.cells[NOTE]];
      if (note) td.append(" ", element("span", "quiet", ...both(...note)));
      return td;
    }
    const value = row.cells[index];
    const made = element(index ? "td" : "th", numeric[index] ? "number" : "", value === null ? "–" : String(value));
    if (!index) made.scope = "row";
    return made;
  };
  const draw = () => {
    const body = element("tbody", "");
    for (const row of found.slice(0, drawn)) {
      body.append(element("tr", "", ...heads.map((_, index) => cell(row, index))));
    }
    table.tBodies[0].replaceWith(body);
    const shown = Math.min(drawn, found.length).toLocaleString("en"), all = rows.length.toLocaleString("en");
    const matching = found.length.toLocaleString("en");
    document.getElementById("guest-count").replaceChildren(
      ...both(`${matching} of ${all} guests, ${shown} shown`, `共 ${all} 台，符合 ${matching} 台，显示 ${shown} 台`));
    more.hidden = drawn >= found.length;
  };
  heads.forEach((button, index) => button.addEventListener("click", () => {
    direction = column === index ? -direction : 1;
    column = index;
    heads.forEach((one, other) => one.parentElement.setAttribute(
      "aria-sort", other !== index ? "none" : direction > 0 ? "ascending" : "descending"));
    select();
  }));
  more.addEventListener("click", () => { drawn += 5 * STEP; draw(); });
  form.addEventListener("input", select);
  form.addEventListener("submit", (event) => event.preventDefault());
  select();

  // On paper nothing can be asked for, so more is there.
  let before = drawn;
  addEventListener("beforeprint", () => { before = drawn; drawn = Math.max(drawn, PRINTED); draw(); });
  addEventListener("afterprint", () => { drawn = before; draw(); });

  // The lines of the service under the pointer.
  const calls = [...document.querySelectorAll("path.call")];
  for (const box of document.querySelectorAll("g.service")) {
    const own = calls.filter((line) => [line.dataset.from, line.dataset.to].includes(box.dataset.service));
    box.addEventListener("pointerenter", () => own.forEach((line) => line.classList.add("lit")));
    box.addEventListener("pointerleave", () => own.forEach((line) => line.classList.remove("lit")));
  }
})();
"""
