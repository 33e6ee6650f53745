"use strict";
// The verdict and level boxes work by style alone; this adds search, counts, opening and copying.
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);

  const copy = async (button, code) => {
    getSelection().selectAllChildren(code);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };
  for (const box of all(".command")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", () => copy(button, box.querySelector("code")));
    box.append(button);
  }

  const tools = byId("tools");
  // A link leads to its row whatever the filter: one that would hide it is given up.
  const openTarget = () => {
    const row = byId(decodeURIComponent(location.hash.slice(1)));
    if (!(row instanceof HTMLDetailsElement)) return;
    row.open = true;
    const fold = row.closest(".fold");
    if (fold) fold.open = true;
    if (row.getClientRects().length || !tools) {
      if (fold) row.scrollIntoView();
      return;
    }
    tools.reset();
    tools.dispatchEvent(new Event("input", { bubbles: true }));
    row.scrollIntoView();
  };
  addEventListener("hashchange", openTarget);
  if (!tools) openTarget();
  if (!tools) return;
  const rows = all(".area .requirement");
  const texts = new Map();
  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };
  const apply = () => {
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const area of all(".area")) area.hidden = false;
    for (const row of rows) row.hidden = !words.every((word) => textOf(row).includes(word));
    // What lies in a folded area is shown: one only has to open it.
    const visible = new Set(rows.filter((row) => !row.hidden && getComputedStyle(row).display !== "none"));
    for (const area of all(".area")) {
      area.hidden = ![...area.querySelectorAll(".requirement")].some((row) => visible.has(row));
      const fold = area.querySelector(".fold");
      if (fold && words.length) fold.open = !area.hidden;
    }
    byId("shown-count").textContent = `${visible.size} of ${rows.length} shown`;
  };
  // The filter is part of the address, so that it can be passed on and outlives a reload.
  const boxes = all("#tools input[type=checkbox]");
  const name = (box) => box.id.replace("show-", "");
  const keep = () => {
    const asked = new URLSearchParams(location.search);
    const hidden = boxes.filter((box) => !box.checked).map(name).join(".");
    const words = byId("search").value.trim();
    hidden ? asked.set("hide", hidden) : asked.delete("hide");
    words ? asked.set("find", words) : asked.delete("find");
    const query = asked.size ? `?${asked}` : "";
    // A browser that lets no page from a file change its address shows the page all the same.
    try { history.replaceState(null, "", location.pathname + query + location.hash); } catch { /* see above */ }
  };
  const asked = new URLSearchParams(location.search);
  const hidden = (asked.get("hide") ?? "").split(".");
  for (const box of boxes) if (hidden.includes(name(box))) box.checked = false;
  if (asked.get("find")) byId("search").value = asked.get("find");
  const setOpen = (open) => () => [...rows, ...all(".fold")].forEach((each) => { each.open = open; });
  byId("find").hidden = false;
  byId("open-all").addEventListener("click", setOpen(true));
  byId("close-all").addEventListener("click", setOpen(false));
  tools.addEventListener("input", () => { apply(); keep(); });
  tools.addEventListener("submit", (event) => event.preventDefault());
  apply();
  openTarget();
})();
