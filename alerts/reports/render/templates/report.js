"use strict";
(() => {
  const { kinds, points } = JSON.parse(document.getElementById("chart-data").textContent);
  const names = ["at", "figure", "low", "high"];
  const row = (point) => Object.fromEntries(names.map((name, index) => [name, point[index] ?? null]));
  const waiting = new Set(document.querySelectorAll("[data-chart]"));
  const draw = (place) => {
    if (!waiting.delete(place)) return Promise.resolve();
    watcher.unobserve(place);
    const { chart, kind } = place.dataset;
    const drawn = { ...kinds[kind], datasets: { points: points[chart].map(row) } };
    return vegaEmbed(place, drawn, { actions: false, ast: true, renderer: "svg", tooltip: { theme: "report" } })
      .then(() => place.classList.add("drawn"));
  };
  const watcher = new IntersectionObserver(
    (seen) => seen.filter((each) => each.isIntersecting).forEach((each) => draw(each.target)),
    { rootMargin: "600px" });
  waiting.forEach((place) => watcher.observe(place));
  // The others one by one while nothing else is to be done, so that a page that is printed has them.
  const idle = window.requestIdleCallback ?? ((then) => setTimeout(then, 50));
  const next = () => { for (const place of waiting) { draw(place).finally(() => idle(next)); return; } };
  idle(next);
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((each) => { each.open = true; });
    waiting.forEach(draw);
  });
})();
