// Sorting and filtering of tables, the station picker, and the online forecast where it answers.
"use strict";

for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;

const cellKey = (row, i) => {
  const cell = row.cells[i];
  const text = (cell.dataset.sort ?? cell.textContent).trim();
  const number = parseFloat(text.replace("−", "-").replaceAll(",", ""));
  return Number.isNaN(number) || /^\d{4}-/.test(text) || cell.tagName === "TH" ? text : number;
};

for (const table of document.querySelectorAll("table.sortable")) {
  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows].map((row) => [cellKey(row, head.cellIndex), row]);
      rows.sort(([a], [b]) => (typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0)
        : typeof a === "number" ? -1 : 1) * (down ? -1 : 1));
      table.tBodies[0].append(...rows.map(([, row]) => row));
    });
  }
}

const filter = document.getElementById("filter");
filter?.addEventListener("input", () => {
  const word = filter.value.trim().toLowerCase();
  const shown = new Set();
  for (const row of document.querySelectorAll("#forecast tbody tr")) {
    row.hidden = !row.textContent.toLowerCase().includes(word);
    if (!row.hidden) shown.add(row.dataset.site);
  }
  for (const dot of document.querySelectorAll("[data-dot]"))
    dot.classList.toggle("away", !shown.has(dot.dataset.dot));
  document.getElementById("filter-count").textContent = word ? `${shown.size} found` : "";
});

const online = document.getElementById("online");
const ask = async (site) => {
  online.hidden = true;
  try {
    const answer = await fetch(`/api/v1/forecast?site=${encodeURIComponent(site)}`);
    if (!answer.ok) return;
    const said = await answer.json();
    if (typeof said.value !== "number") return;
    online.textContent = `The online service says ${said.value.toFixed(1)} ${said.unit} for ` +
      `${said.target}, by ${said.version}.`;
    online.hidden = false;
  } catch { /* the pages stand without the online service */ }
};

const picker = document.getElementById("picker");
if (picker) {
  const start = document.getElementById("picked").getAttribute("href").slice(9, -5);
  picker.value = start;
  const pick = () => {
    const option = picker.selectedOptions[0];
    const chart = document.getElementById("chart");
    const name = option.textContent;
    const old = document.getElementById("picked-name").textContent;
    chart.src = `/chart/station-${picker.value}.svg`;
    chart.alt = chart.alt.replace(old, name);
    document.getElementById("picked").href = `/station/${picker.value}.html`;
    document.getElementById("picked-name").textContent = name;
    if (option.dataset.live) ask(option.dataset.live);
  };
  picker.addEventListener("change", pick);
} else if (online) {
  ask(online.dataset.site);
}
