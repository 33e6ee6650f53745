"use strict";
// Line charts of load profiles: uPlot, with the stages and faults of a run shaded behind the lines.
(() => {
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const paintBands = (plot, bands) => {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath(); ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height); ctx.clip();
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "left"; ctx.textBaseline = "alphabetic";
    bands.forEach(({ label, from, to, fault }, number) => {
      const left = plot.valToPos(from, "x", true), right = to === null ? bbox.left + bbox.width : plot.valToPos(to, "x", true);
      ctx.fillStyle = color(fault ? "--failed" : "--quiet");
      ctx.globalAlpha = fault ? 0.15 : number % 2 ? 0.05 : 0.1;
      ctx.fillRect(left, bbox.top, Math.max(right - left, 2), bbox.height);
      ctx.globalAlpha = 1;
      ctx.save();
      ctx.beginPath(); ctx.rect(left, bbox.top, Math.max(right - left - 6, 0), bbox.height); ctx.clip();
      ctx.fillText(label, left + 4 * devicePixelRatio, bbox.top + 12 * devicePixelRatio);
      ctx.restore();
    });
    ctx.restore();
  };
  for (const figure of document.querySelectorAll("figure.chart")) {
    const spec = JSON.parse(figure.querySelector("script").textContent);
    const place = figure.querySelector(".plot");
    const axis = { stroke: () => color("--quiet"), grid: { stroke: () => color("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const plot = new uPlot({
      width: place.clientWidth || 600, height: 260, padding: [10, 16, 0, 0],
      scales: { x: { time: false }, y: { distr: spec.log ? 3 : 1, range: spec.log ? undefined : (_, __, high) => [0, high * 1.08 || 1] } },
      axes: [{ ...axis, label: spec.x_label, labelSize: 20, labelFont: axis.font }, { ...axis, label: spec.y_label, labelSize: 20, labelFont: axis.font, size: 62 }],
      series: [{ label: spec.x_label }, ...spec.series.map(({ label }, number) => ({
        label, stroke: () => color(`--line-${(number % 6) + 1}`), width: 2, spanGaps: false,
        dash: number > 5 ? [6, 4] : undefined, points: { show: spec.x.length < 40, size: 5 },
      }))],
      hooks: { drawAxes: [(each) => paintBands(each, spec.bands)] },
    }, [spec.x, ...spec.series.map(({ values }) => values)], place);
    const canvas = place.querySelector("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${figure.querySelector("figcaption").textContent}. The table below has the numbers.`);
    new ResizeObserver(() => plot.width !== place.clientWidth && plot.setSize({ width: place.clientWidth, height: 260 })).observe(place);
    for (const query of ["print", "(prefers-color-scheme: dark)"]) matchMedia(query).addEventListener("change", () => plot.redraw());
  }
})();
