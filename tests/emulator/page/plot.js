// A drawing of values over time: lines for numbers, steps for options, and a cursor that keys and pointers move.

import { draw, newId } from "./dom.js";
import { timeTicks } from "./scale.js";

const HEIGHT = 200;
const TOP = 10;
const BOTTOM = 26;
const RIGHT = 14;
const TICK_WIDTH = 66;
const DOT_WIDTH = 8;
const STRIP = 3;

const measure = document.createElement("canvas").getContext("2d");

function widthOf(text) {
  measure.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  return measure.measureText(text).width;
}

// Values from history are drawn apart; each line belongs to the point at its end.
export function tracesOf(points, x, y, stepped) {
  const traces = { live: "", history: "" };
  let kind = null;
  points.slice(1).forEach((point, index) => {
    const before = points[index];
    // A step is two pieces: the value held until then, and the change.
    const from = stepped ? before.kind : point.kind;
    if (from !== kind) traces[from] += `M${x(before)} ${y(before)}`;
    traces[from] += stepped ? `H${x(point)}` : `L${x(point)} ${y(point)}`;
    if (stepped && point.kind !== from) traces[point.kind] += `M${x(point)} ${y(before)}`;
    if (stepped) traces[point.kind] += `V${y(point)}`;
    kind = point.kind;
  });
  return traces;
}

function runsOf(points) {
  const runs = [];
  let open = false;
  for (const point of points) {
    if (point.kind !== "history") open = false;
    else if (open) runs.at(-1).last = point;
    else runs.push({ first: point, last: point }), (open = true);
  }
  return runs;
}

export class Plot {
  #clip = newId();
  #points = [];
  #place = null;
  #at = null;
  #tell;

  // `tell` is called with the point under the cursor, and returns its words.
  constructor(tell) {
    this.#tell = tell;
    this.element = draw("svg", { class: "plot", role: "slider", tabindex: 0, height: HEIGHT });
    this.element.addEventListener("keydown", event => this.#key(event));
    this.element.addEventListener("pointermove", event => this.#point(event));
    this.element.addEventListener("pointerdown", event => this.#point(event));
    this.element.addEventListener("pointerleave", () => this.#move(null));
  }

  update({ label, width, from, to, before, points, scale, unit, stepped }) {
    const texts = scale.ticks.map(({ text }) => (unit ? `${text} ${unit}` : text));
    const left = Math.min(width * 0.4, 10 + Math.max(...texts.map(widthOf)));
    const bottom = HEIGHT - BOTTOM;
    const x = point => round(left + ((point.time - from) / (to - from || 1)) * (width - left - RIGHT));
    const y = point => round(bottom - scale.place(point.value) * (bottom - TOP));
    const known = before ? [before, ...points] : points;
    const traces = tracesOf(known, x, y, stepped);
    const last = known.at(-1);
    this.#points = points;
    this.#place = { x, y, bottom };
    this.element.setAttribute("width", width);
    this.element.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.element.setAttribute("aria-label", label);
    this.element.replaceChildren(
      draw("clipPath", { id: this.#clip }, draw("rect", { x: left, y: 0, width: Math.max(0, width - left - RIGHT + 4), height: HEIGHT })),
      ...scale.ticks.map((tick, index) => this.#line(tick, texts[index], left, width, y(tick))),
      ...timeTicks(from, to, (width - left) / TICK_WIDTH).map(({ at, text }) => this.#time(x({ time: at }), text, width)),
      draw("g", { "clip-path": `url(#${this.#clip})` },
        ...runsOf(points).map(run => draw("rect", { class: "late", x: x(run.first) - 1, y: bottom + 1, width: x(run.last) - x(run.first) + 2, height: STRIP })),
        draw("path", { class: "trace hold", d: last ? `M${x(last)} ${y(last)}H${x({ time: to })}` : "" }),
        draw("path", { class: "trace history", d: traces.history }),
        draw("path", { class: "trace live", d: traces.live }),
        ...(points.length * DOT_WIDTH < width ? points.map(point => dot(point, x, y)) : [])),
    );
    this.#cursor = draw("g", { class: "cursor" });
    this.element.append(this.#cursor);
    this.#move(this.#at);
  }

  #cursor = null;

  #line({ full }, text, left, width, y) {
    const title = full && full !== text ? [draw("title", {}, full)] : [];
    return draw("g", { class: "level" },
      draw("line", { x1: left, x2: width - RIGHT, y1: y, y2: y }),
      draw("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, ...title, text));
  }

  #time(x, text, width) {
    const anchor = x > width - 30 ? "end" : "middle";
    return draw("g", { class: "time" },
      draw("line", { x1: x, x2: x, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM + 4 }),
      draw("text", { x: anchor === "end" ? width : x, y: HEIGHT - 6, "text-anchor": anchor }, text));
  }

  // The cursor

  #point({ clientX }) {
    if (!this.#points.length) return;
    const { left } = this.element.getBoundingClientRect();
    const distance = point => Math.abs(this.#place.x(point) - (clientX - left));
    this.#move(this.#points.reduce((best, point) => (distance(point) < distance(best) ? point : best)).time);
  }

  #key(event) {
    const last = this.#points.length - 1;
    const index = this.#index();
    const moves = { ArrowLeft: index - 1, ArrowDown: index - 1, ArrowRight: index + 1, ArrowUp: index + 1, PageDown: index - 10, PageUp: index + 10, Home: 0, End: last };
    if (!(event.key in moves) || last < 0) return;
    event.preventDefault();
    this.#move(this.#points[Math.min(last, Math.max(0, moves[event.key]))].time);
  }

  // The cursor keeps its time while points come and go; before its first move it stands at the end.
  #index() {
    const found = this.#at === null ? -1 : this.#points.findIndex(point => point.time >= this.#at);
    return found < 0 ? this.#points.length - 1 : found;
  }

  #move(at) {
    this.#at = at;
    const index = this.#index();
    const point = this.#points[index];
    this.element.setAttribute("aria-valuemin", 0);
    this.element.setAttribute("aria-valuemax", Math.max(0, this.#points.length - 1));
    this.element.setAttribute("aria-valuenow", Math.max(0, index));
    this.element.setAttribute("aria-valuetext", this.#tell(point));
    this.#cursor.replaceChildren();
    if (!point || at === null) return;
    const { x, y, bottom } = this.#place;
    this.#cursor.append(
      draw("line", { x1: x(point), x2: x(point), y1: TOP, y2: bottom }),
      draw("circle", { class: point.kind, cx: x(point), cy: y(point), r: 4.5 }));
  }
}

function dot(point, x, y) {
  return draw("circle", { class: `dot ${point.kind}`, cx: x(point), cy: y(point), r: 3 });
}

function round(number) {
  return Math.round(number * 10) / 10;
}
