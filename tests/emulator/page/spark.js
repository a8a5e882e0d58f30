// A property's history as small as a word, for the eye only: the large chart has the words.

import { draw } from "./dom.js";
import { tracesOf } from "./plot.js";
import { numberScale, optionScale } from "./scale.js";

const WIDTH = 120;
const HEIGHT = 28;
const AIR = 3;

export function newSpark() {
  return draw("svg", { class: "spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, "aria-hidden": "true" });
}

export function drawSpark(svg, property, kind, { before, points, from, to }) {
  const first = before ? { ...before, time: Math.max(before.time, from) } : null;
  const known = first ? [first, ...points] : points;
  const x = point => Math.round(((point.time - from) / (to - from || 1)) * WIDTH * 10) / 10;
  svg.replaceChildren();
  if (!known.length) return;
  if (kind === "texts") {
    svg.append(...points.map(point => draw("line", { class: point.kind, x1: x(point), x2: x(point), y1: 9, y2: HEIGHT - 9 })));
    return;
  }
  const values = known.map(point => point.value);
  const scale = kind === "numbers" ? numberScale(values, 2) : optionScale(property, values);
  const y = point => Math.round((HEIGHT - AIR - scale.place(point.value) * (HEIGHT - 2 * AIR)) * 10) / 10;
  const traces = tracesOf(known, x, y, kind === "steps");
  const last = known.at(-1);
  svg.append(
    draw("path", { class: "trace hold", d: `M${x(last)} ${y(last)}H${WIDTH}` }),
    draw("path", { class: "trace history", d: traces.history }),
    draw("path", { class: "trace live", d: traces.live }),
  );
}
