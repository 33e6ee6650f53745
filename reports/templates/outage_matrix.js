"use strict";
// Sorting and filtering of the table of outages; without this the page is whole, in its own order.
(() => {
  const table = document.querySelector(".outage-table");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const outage = document.getElementById("only-outage");
  const broken = document.getElementById("only-broken");
  const count = document.getElementById("outage-count");

  const gravityOf = (row, index) => Number(row.cells[index].dataset.gravity);
  const sort = (index, descending) => {
    const order = (one, other) => {
      const by = index === 0
        ? rows.indexOf(one) - rows.indexOf(other)
        : gravityOf(one, index) - gravityOf(other, index);
      return (descending ? -by : by) || rows.indexOf(one) - rows.indexOf(other);
    };
    body.append(...[...rows].sort(order));
  };
  const heads = [...table.tHead.rows[0].cells];
  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const descending = head.getAttribute("aria-sort") === "ascending";
      for (const each of heads) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sort(head.cellIndex, descending);
    });
  }

  const apply = () => {
    const wanted = outage.value;
    for (const cell of table.querySelectorAll("[data-outage]")) {
      cell.hidden = Boolean(wanted) && cell.dataset.outage !== wanted;
    }
    const shown = rows.filter((row) => {
      const cells = [...row.querySelectorAll("[data-broken]")];
      row.hidden = broken.checked && !cells.some((cell) => !cell.hidden);
      return !row.hidden;
    });
    count.textContent = `${shown.length} of ${rows.length} systems shown`;
  };
  const tools = document.getElementById("outage-tools");
  tools.hidden = false;
  tools.addEventListener("input", apply);
  tools.addEventListener("submit", (event) => event.preventDefault());
  apply();
})();
