"use strict";
// Timelines: one lane per worker, operations as bars, events as ticks, fault windows shaded.
// uPlot gives scales, axes and zoom by dragging; what is drawn between them is ours. The history
// is parsed when the first timeline comes into view, not when the page opens.
(() => {
  const source = document.getElementById("history");
  if (!source) return;
  const NUMBER = 0, CASE = 1, KIND = 2, JOB = 3, WORKER = 4, START = 5, END = 6, OUTCOME = 7, STATUS = 8, DETAIL = 9, EVENTS = 10;
  const MOST_ROWS = 14, TABLE_ROWS = 400, LABEL_WIDTH = 52, AXIS_HEIGHT = 44, ROOMY_ROWS = 9, CROWD = 2000, ENDS = new Set(["end", "error", "cancelled"]);
  let parsed;
  const history = () => (parsed ??= JSON.parse(source.textContent));
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  // Each kind has a letter of its own, so that none is told by colour alone.
  let letters;
  const letterOf = (kind) => {
    if (!letters) {
      letters = new Map();
      const first = ["submit", "poll", "cancel", "stream", "monitor"];
      const kinds = [...history().kinds].sort((a, b) => (first.indexOf(a) + 1 || 99) - (first.indexOf(b) + 1 || 99) || a.localeCompare(b));
      for (const each of kinds) {
        const taken = new Set(letters.values());
        letters.set(each, [...each.toUpperCase().replace(/[^A-Z]/g, "")].find((letter) => !taken.has(letter)) ?? "·");
      }
    }
    return letters.get(kind) ?? "·";
  };
  const utc = (ms) => {
    const began = Date.parse(history().began);
    return Number.isNaN(began) ? "" : `${new Date(began + ms).toISOString().slice(11, 23)} UTC`;
  };
  const seconds = (ms) => `${(ms / 1000).toFixed(3)} s`;
  const name = (table, number, nothing = "–") => history()[table][number] ?? nothing;

  // Overlapping operations of one worker take further rows of its lane.
  const laneOf = (ops, worker, end) => {
    const rows = [];
    for (const op of ops) {
      let row = rows.findIndex((last) => last <= op[START]);
      if (row < 0) row = rows.length < MOST_ROWS ? rows.push(0) - 1 : MOST_ROWS - 1;
      rows[row] = op[END] < 0 ? end : op[END];
      op.row = row;
    }
    return { worker, ops, rows: Math.max(rows.length, 1) };
  };
  const layout = (ops, end) => {
    const byWorker = new Map();
    for (const op of ops) byWorker.has(op[WORKER]) ? byWorker.get(op[WORKER]).push(op) : byWorker.set(op[WORKER], [op]);
    const label = (worker) => name("workers", worker, "\uffff");
    let top = 0;
    return [...byWorker].sort(([a], [b]) => label(a).localeCompare(label(b))).map(([worker, mine]) => {
      const lane = laneOf(mine, worker, end);
      for (const op of mine) op.row += top;
      lane.top = top;
      top += lane.rows;
      return lane;
    });
  };

  const heard = (op) => {
    const ticks = [], others = [];
    for (let at = 0; at < op[EVENTS].length; at += 4) {
      const kind = name("events", op[EVENTS][at]);
      if (kind === "tick") ticks.push(op[EVENTS][at + 1]);
      else if (kind !== "other") others.push(kind);
    }
    const spans = [];
    for (const tick of ticks) {
      const last = spans.at(-1);
      if (last && tick === last[1] + 1) last[1] = tick; else spans.push([tick, tick]);
    }
    return [spans.length ? `ticks ${spans.map(([a, b]) => (a === b ? a : `${a}…${b}`)).join(" ")}` : "", ...others].filter(Boolean).join(", ");
  };
  const tickSpans = (op) => heard(op).match(/^ticks ([^,]*)/)?.[1] ?? "";
  const facts = (op) => [
    ["Operation", `${name("kinds", op[KIND])} through worker ${name("workers", op[WORKER], "unknown")}`],
    ["Began", [seconds(op[START]), utc(op[START])].filter(Boolean).join(", ")],
    ["Took", op[END] < 0 ? "under way when the run ended" : seconds(op[END] - op[START])],
    ["Outcome", [history().outcomes[op[OUTCOME]], op[STATUS] > 0 ? `status ${op[STATUS]}` : "", name("texts", op[DETAIL], "")].filter(Boolean).join(", ")],
    ["Heard", heard(op) || "nothing"],
    ["Job", name("jobs", op[JOB])],
    ["Case", name("cases", op[CASE])],
    ["History", `number ${op[NUMBER]}`],
  ];

  class Timeline {
    constructor(figure) {
      this.figure = figure;
      this.canvas = make("div", { className: "lanes" });
      this.detail = make("output", { className: "detail" });
      this.table = make("details", { className: "operations" }, make("summary", { textContent: "These operations as a table" }));
      this.table.addEventListener("toggle", () => this.fillTable());
      const all = history();
      const wanted = figure.dataset.case;
      this.all = all.ops.filter((op) => wanted === undefined || all.cases[op[CASE]] === wanted);
      this.hidden = new Set(this.kinds().filter((kind) => kind === "fault" || (kind === "monitor" && this.kinds().length > 2)));
      if (figure.dataset.kind && this.kinds().includes(figure.dataset.kind)) this.hidden = new Set(this.kinds().filter((kind) => kind !== figure.dataset.kind));
      this.wrong = new Set((figure.dataset.wrong ?? "").split(" ").filter(Boolean).map(Number));
      this.job = figure.dataset.job && all.jobs.includes(figure.dataset.job) ? figure.dataset.job : "";
      figure.append(this.controls(), this.canvas, this.hint(), this.detail, this.table);
      this.show();
      new ResizeObserver(() => this.plot && this.plot.width !== this.canvas.clientWidth && this.plot.setSize({ width: this.canvas.clientWidth, height: this.height() })).observe(this.canvas);
      for (const query of ["print", "(prefers-color-scheme: dark)"]) matchMedia(query).addEventListener("change", () => this.plot?.redraw());
    }
    kinds() { return [...new Set(this.all.map((op) => name("kinds", op[KIND])))].sort(); }
    jobs() { return [...new Set(this.all.map((op) => name("jobs", op[JOB], "")))].filter(Boolean); }

    controls() {
      const bar = make("div", { className: "controls" });
      for (const kind of this.kinds().filter((each) => each !== "fault")) {
        const box = make("input", { type: "checkbox", checked: !this.hidden.has(kind) });
        box.addEventListener("change", () => { box.checked ? this.hidden.delete(kind) : this.hidden.add(kind); this.show(); });
        bar.append(make("label", {}, box, make("span", { className: `swatch kind-${kind.replace(/\W/g, "")}`, textContent: letterOf(kind) }), ` ${kind}`));
      }
      if (this.jobs().length > 1) bar.append(this.choice("Job", this.jobs(), this.job, (value) => { this.job = value; }));
      if (this.figure.dataset.case === undefined) bar.append(this.choice("Case", [...new Set(this.all.map((op) => name("cases", op[CASE], "")))].filter(Boolean), "", (value) => { this.case = value; }));
      const button = (text, label, act) => bar.append(Object.assign(make("button", { type: "button", textContent: text, onclick: act }), { ariaLabel: label }));
      button("‹", "Earlier operation", () => this.step(-1));
      button("›", "Later operation", () => this.step(1));
      button("+", "Zoom in", () => this.zoom(0.5));
      button("−", "Zoom out", () => this.zoom(2));
      button("Whole", "Show the whole time", () => this.plot.setScale("x", this.span));
      return bar;
    }
    choice(label, values, value, chosen) {
      const select = make("select", {}, make("option", { value: "", textContent: "all" }), ...values.map((each) => make("option", { value: each, textContent: each })));
      select.value = value;
      select.addEventListener("change", () => { chosen(select.value); this.show(); });
      return make("label", {}, `${label} `, select);
    }
    hint() { return make("p", { className: "quiet hint", textContent: "Drag to zoom, double-click for the whole time, click a bar for what was said. Solid: answered; hatched: refused; hollow: no answer. Marks on a bar are events, a diamond is the end." + (this.wrong.size ? " The framed bar with ▼ is where it first went wrong." : "") }); }

    chosen() {
      return this.all.filter((op) => !this.hidden.has(name("kinds", op[KIND])) && (!this.job || name("jobs", op[JOB]) === this.job) && (!this.case || name("cases", op[CASE]) === this.case));
    }
    show() {
      // Copies: an operation has another row in the timeline of the run than in that of its case.
      this.ops = this.chosen().map((op) => op.slice()).sort((a, b) => a[START] - b[START]);
      const ends = this.ops.map((op) => Math.max(op[START], op[END]));
      const first = this.ops.length ? this.ops[0][START] : 0;
      const last = ends.reduce((most, each) => Math.max(most, each), first + 10);
      const margin = (last - first) * 0.02;
      this.span = { min: (first - margin) / 1000, max: (last + margin) / 1000 };
      this.lanes = layout(this.ops, last);
      this.rows = this.lanes.reduce((sum, lane) => sum + lane.rows, 0) || 1;
      this.selected = undefined;
      this.faults = history().faults.filter(([, , , of]) => this.figure.dataset.case === undefined || name("cases", of) === this.figure.dataset.case);
      this.detail.replaceChildren();
      this.draw();
      if (this.table.open) this.fillTable();
    }
    height() { return Math.min(this.rows * (this.rows > 24 ? 9 : this.rows > ROOMY_ROWS ? 18 : 34), 520) + AXIS_HEIGHT; }

    draw() {
      this.plot?.destroy();
      const { min, max } = this.span;
      const axis = { stroke: () => color("--quiet"), grid: { stroke: () => color("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
      this.plot = new uPlot({
        width: this.canvas.clientWidth || 600, height: this.height(), legend: { show: false },
        padding: [8, 12, 0, 0],
        cursor: { drag: { x: true, y: false, setScale: true }, y: false, points: { show: false } },
        scales: { x: { time: false, range: (_, low, high) => (low === high ? [min, max] : [low, high]) }, y: { range: [0, this.rows], dir: -1 } },
        axes: [
          { ...axis, size: 36, space: 70, values: (_, splits) => splits.map((each) => `${+each.toFixed(3)} s`) },
          { ...axis, size: LABEL_WIDTH, grid: { show: false }, splits: () => this.lanes.map((lane) => lane.top + lane.rows / 2), values: () => this.lanes.map((lane) => name("workers", lane.worker, "(none)").slice(0, 9)) },
        ],
        series: [{}, { paths: () => null, points: { show: false } }],
        hooks: { draw: [(plot) => this.paint(plot)], setScale: [() => this.table.open && this.fillTable()] },
      }, [[min, max], [0, 0]], this.canvas);
      const canvas = this.canvas.querySelector("canvas");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `Timeline: ${this.ops.length} operations on ${this.lanes.length} lanes within ${seconds((max - min) * 1000)}. The table below has them in words.`);
      this.plot.over.addEventListener("click", (event) => this.pick(event));
    }
    paint(plot) {
      const { ctx, bbox } = plot, ratio = devicePixelRatio, rowHeight = bbox.height / this.rows;
      const x = (ms) => plot.valToPos(ms / 1000, "x", true);
      const y = (row) => bbox.top + row * rowHeight;
      const palette = new Map(history().kinds.map((kind, number) => [number, color(`--kind-${kind}`) || color("--kind-other")]));
      const [page, ink, failed] = [color("--card"), color("--ink"), color("--failed")];
      ctx.save();
      ctx.beginPath(); ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height); ctx.clip();
      ctx.font = `${11 * ratio}px system-ui, sans-serif`;
      ctx.textAlign = "left"; ctx.textBaseline = "alphabetic";
      this.paintFaults(ctx, bbox, x, ratio);
      for (const lane of this.lanes.slice(1)) { ctx.fillStyle = color("--line"); ctx.fillRect(bbox.left, y(lane.top), bbox.width, ratio); }
      const roomy = this.rows <= ROOMY_ROWS, crowded = this.ops.length > CROWD, written = new Map();
      const gap = Math.min(2 * ratio, rowHeight / 6) * (roomy ? 2 : 1), tall = roomy ? rowHeight * 0.5 : rowHeight - 2 * gap;
      for (const op of this.ops) {
        const left = x(op[START]), right = op[END] < 0 ? bbox.left + bbox.width : x(op[END]);
        if (right < bbox.left || left > bbox.left + bbox.width) continue;
        const wide = Math.max(right - left, 2 * ratio), top = y(op.row) + gap;
        const tone = palette.get(op[KIND]);
        ctx.strokeStyle = op[OUTCOME] === 1 ? failed : tone;
        ctx.lineWidth = ratio * 1.5;
        if (op[OUTCOME] === 2) { ctx.setLineDash([4 * ratio, 3 * ratio]); ctx.strokeRect(left, top, wide, tall); ctx.setLineDash([]); }
        else { ctx.fillStyle = tone; ctx.globalAlpha = op[OUTCOME] === 1 ? 0.35 : 0.8; ctx.fillRect(left, top, wide, tall); ctx.globalAlpha = 1; }
        if (op[OUTCOME] === 1) this.hatch(ctx, left, top, wide, tall, failed, ratio);
        const legible = !crowded || wide > 4 * ratio;
        if (legible && rowHeight > 6 * ratio) this.marks(ctx, op, x, top, tall, page, ink, ratio);
        const letter = letterOf(name("kinds", op[KIND])), inside = wide > 10 * ratio && tall > 10 * ratio;
        if (legible && inside) { ctx.fillStyle = op[OUTCOME] === 0 ? page : ink; ctx.fillText(letter, left + 2.5 * ratio, top + tall / 2 + 4 * ratio); }
        if (legible && roomy) this.write(ctx, op, inside ? "" : letter, left, top + tall + 11 * ratio, written, ratio);
        if (this.wrong.has(op[NUMBER])) this.frame(ctx, left, top, wide, tall, failed, ratio);
        if (op === this.selected) { ctx.strokeStyle = ink; ctx.lineWidth = 2 * ratio; ctx.strokeRect(left - ratio, top - ratio, wide + 2 * ratio, tall + 2 * ratio); }
      }
      ctx.restore();
    }
    paintFaults(ctx, bbox, x, ratio) {
      for (const [label, from, to] of this.faults) {
        const left = x(from), right = to < 0 ? bbox.left + bbox.width : x(to);
        ctx.fillStyle = color("--failed"); ctx.globalAlpha = 0.13;
        ctx.fillRect(left, bbox.top, Math.max(right - left, 2 * ratio), bbox.height);
        ctx.globalAlpha = 1;
        if (this.faults.length < 12) ctx.fillText(label, Math.max(left, bbox.left) + 4 * ratio, bbox.top + 11 * ratio);
      }
    }
    // The ticks an operation brought, below its bar, where the one before leaves room.
    write(ctx, op, letter, left, base, written, ratio) {
      if (left < (written.get(op.row) ?? -Infinity)) return;
      const text = [letter, tickSpans(op)].filter(Boolean).join(" ").slice(0, 24);
      if (!text) return;
      ctx.fillStyle = color("--ink");
      ctx.fillText(text, left, base);
      written.set(op.row, left + ctx.measureText(text).width + 4 * ratio);
    }
    frame(ctx, left, top, wide, tall, tone, ratio) {
      ctx.strokeStyle = ctx.fillStyle = tone; ctx.lineWidth = 2 * ratio;
      ctx.strokeRect(left - 2 * ratio, top - 2 * ratio, wide + 4 * ratio, tall + 4 * ratio);
      const middle = left + wide / 2;
      ctx.beginPath(); ctx.moveTo(middle - 5 * ratio, top - 9 * ratio); ctx.lineTo(middle + 5 * ratio, top - 9 * ratio); ctx.lineTo(middle, top - 3 * ratio); ctx.closePath(); ctx.fill();
    }
    hatch(ctx, left, top, wide, tall, tone, ratio) {
      ctx.strokeStyle = tone; ctx.lineWidth = ratio; ctx.strokeRect(left, top, wide, tall);
      ctx.save(); ctx.beginPath(); ctx.rect(left, top, wide, tall); ctx.clip(); ctx.beginPath();
      for (let at = left - tall; at < Math.min(left + wide, left + 4000); at += 5 * ratio) { ctx.moveTo(at, top + tall); ctx.lineTo(at + tall, top); }
      ctx.stroke(); ctx.restore();
    }
    marks(ctx, op, x, top, tall, page, ink, ratio) {
      for (let at = 0; at < op[EVENTS].length; at += 4) {
        const kind = name("events", op[EVENTS][at]), place = x(op[EVENTS][at + 2]);
        if (ENDS.has(kind)) {
          const size = tall / 2.6, middle = top + tall / 2;
          ctx.beginPath(); ctx.moveTo(place, middle - size); ctx.lineTo(place + size, middle); ctx.lineTo(place, middle + size); ctx.lineTo(place - size, middle); ctx.closePath();
          ctx.fillStyle = kind === "error" ? color("--failed") : ink; ctx.fill();
          ctx.strokeStyle = page; ctx.lineWidth = ratio; ctx.stroke();
        } else if (kind === "tick") {
          ctx.fillStyle = page; ctx.fillRect(place - ratio, top, 2 * ratio, tall);
          ctx.fillStyle = ink; ctx.fillRect(place - ratio / 2, top, ratio, tall);
        }
      }
    }

    pick(event) {
      const box = this.plot.over.getBoundingClientRect();
      const row = Math.floor(((event.clientY - box.top) / box.height) * this.rows);
      const at = this.plot.posToVal(event.clientX - box.left, "x") * 1000;
      const slack = (this.plot.posToVal(4, "x") - this.plot.posToVal(0, "x")) * 1000;
      const distance = (op) => Math.max(op[START] - at, at - (op[END] < 0 ? Infinity : op[END]), 0);
      const near = this.ops.filter((op) => op.row === row && distance(op) <= slack).sort((a, b) => distance(a) - distance(b));
      this.select(near[0]);
    }
    step(by) {
      const at = this.selected ? this.ops.indexOf(this.selected) + by : by > 0 ? 0 : this.ops.length - 1;
      const op = this.ops[Math.min(Math.max(at, 0), this.ops.length - 1)];
      const { min, max } = this.plot.scales.x;
      if (op && (op[START] / 1000 < min || op[START] / 1000 > max)) this.plot.setScale("x", { min: op[START] / 1000 - (max - min) / 2, max: op[START] / 1000 + (max - min) / 2 });
      this.select(op);
    }
    select(op) {
      this.selected = op;
      this.detail.replaceChildren(...(op ? [make("dl", {}, ...facts(op).flatMap(([label, text]) => [make("dt", { textContent: label }), make("dd", { textContent: text })]))] : []));
      this.plot.redraw(false);
    }
    zoom(by) {
      const { min, max } = this.plot.scales.x;
      const middle = this.selected ? this.selected[START] / 1000 : (min + max) / 2, half = ((max - min) / 2) * by;
      this.plot.setScale("x", { min: Math.max(middle - half, this.span.min), max: Math.min(middle + half, this.span.max) });
    }
    fillTable() {
      const { min, max } = this.plot.scales.x;
      const inView = this.ops.filter((op) => op[START] / 1000 <= max && (op[END] < 0 || op[END] / 1000 >= min));
      const head = make("tr", {}, ...["Began", "UTC", "Operation", "Worker", "Outcome", "Took", "Heard"].map((each) => make("th", { scope: "col", textContent: each })));
      const body = inView.slice(0, TABLE_ROWS).map((op) => make("tr", {}, ...[
        seconds(op[START]), utc(op[START]), this.wrong.has(op[NUMBER]) ? `${name("kinds", op[KIND])} ← wrong` : name("kinds", op[KIND]), name("workers", op[WORKER]),
        facts(op)[3][1], op[END] < 0 ? "under way" : seconds(op[END] - op[START]), heard(op),
      ].map((text) => make("td", { textContent: text }))));
      const more = inView.length > TABLE_ROWS ? `The first ${TABLE_ROWS} of ${inView.length} operations in view; zoom in for the rest.` : `${inView.length} operations.`;
      const scroll = make("div", { className: "scroll", tabIndex: 0 }, make("table", {}, make("caption", { textContent: more }), make("thead", {}, head), make("tbody", {}, ...body)));
      scroll.setAttribute("role", "region");
      scroll.setAttribute("aria-label", "Operations as a table");
      this.table.replaceChildren(this.table.firstElementChild, scroll);
    }
  }

  // Drawn when they come into view: a page with forty failures opens at once.
  const waiting = new Set();
  const reveal = (figure) => {
    waiting.delete(figure);
    seen.unobserve(figure);
    const number = figure.dataset.case === undefined ? undefined : history().cases.indexOf(figure.dataset.case);
    if (history().ops.some((op) => number === undefined || op[CASE] === number)) new Timeline(figure);
    else figure.hidden = true;
  };
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) reveal(target);
  }, { rootMargin: "300px" });
  addEventListener("beforeprint", () => [...waiting].filter((figure) => figure.checkVisibility()).forEach(reveal));
  for (const figure of document.querySelectorAll("figure.timeline")) { figure.hidden = false; waiting.add(figure); seen.observe(figure); }
})();
