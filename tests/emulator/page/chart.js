// Chart: one property's open history, as a drawing of numbers or options, a table and a sentence.

import { List, draw, make, newId, put, set } from "./dom.js";
import { count, moment } from "./format.js";
import { Plot } from "./plot.js";
import { numberScale, optionScale } from "./scale.js";
import { kindOf, textOf, unitOf } from "./values.js";
import { t } from "./words.js";

const MOST_ROWS = 200;
const LEVELS = 4;

export class Chart {
  #property;
  #readout = make("p", { className: "readout", ariaHidden: "true" });
  #plot = new Plot(point => this.#tell(point));
  #legend = make("p", { className: "legend quiet" });
  #summary = make("figcaption", { className: "quiet" });
  #toggle = make("button", { type: "button", className: "plain" });
  #rows = make("tbody");
  #table;
  #list;
  #asTable = false;
  #drawing;
  #last = null;

  constructor(property) {
    this.#property = property;
    this.#list = new List(this.#rows, () => newRow(this.#property));
    const caption = make("caption", { className: "unseen", textContent: property.name ?? property.identifier });
    const heads = ["time", "value", "came_as"].map(word => make("th", { scope: "col", textContent: t(word) }));
    this.#table = make("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: t("table_of", { name: property.name ?? property.identifier }), id: newId() },
      make("table", { className: "points" }, caption, make("thead", {}, make("tr", {}, ...heads)), this.#rows));
    this.#drawing = make("div", { className: "drawing" }, this.#readout, this.#plot.element);
    this.#toggle.addEventListener("click", () => {
      this.#asTable = !this.#asTable;
      this.#show();
    });
    const under = make("div", { className: "under" }, this.#legend, this.#toggle);
    this.element = make("figure", { className: "chart" }, this.#drawing, this.#table, under, this.#summary);
    for (const part of [this.#drawing, this.#table, this.#toggle]) part.hidden = true;
    put(this.#summary, t("nothing_yet"));
    new ResizeObserver(() => this.#draw()).observe(this.#drawing);
  }

  set property(property) {
    this.#property = property;
  }

  update(excerpt) {
    if (!excerpt) return;
    const isSame = this.#last?.mark === excerpt.mark && this.#last.property === this.#property;
    const width = excerpt.to - excerpt.from;
    // The eye cannot see a window move by less than this.
    if (isSame && excerpt.to - this.#last.to < width / 400) return;
    this.#last = { ...excerpt, property: this.#property };
    this.#show();
  }

  // The drawing begins with the value that held before.
  get #known() {
    const { before, points } = this.#last;
    return before ? [before, ...points] : points;
  }

  get #kind() {
    return kindOf(this.#property, this.#known.map(point => point.value));
  }

  #show() {
    if (!this.#last) return;
    const isEmpty = !this.#known.length;
    const isText = this.#kind === "texts";
    set(this.#drawing, "hidden", isEmpty || isText || this.#asTable);
    set(this.#table, "hidden", isEmpty || (!isText && !this.#asTable));
    set(this.#toggle, "hidden", isEmpty || isText);
    put(this.#toggle, t(this.#asTable ? "as_chart" : "as_table"));
    put(this.#summary, this.#words());
    this.#drawLegend();
    if (!this.#table.hidden) this.#fill();
    this.#draw();
  }

  #fill() {
    const newest = this.#known.toReversed().slice(0, MOST_ROWS);
    this.#list.update(newest, point => `${point.time} ${point.received} ${JSON.stringify(point.value)}`);
  }

  #draw() {
    const width = Math.floor(this.#drawing.clientWidth);
    if (!this.#last || this.#drawing.hidden || !width) return;
    const { before, points, from, to } = this.#last;
    const values = this.#known.map(point => point.value);
    const stepped = this.#kind === "steps";
    const scale = stepped ? optionScale(this.#property, values) : numberScale(values, LEVELS);
    this.#plot.update({ label: `${this.#property.name ?? this.#property.identifier}: ${this.#words()}`, width, from, to, before, points, scale, stepped, unit: unitOf(this.#property) });
  }

  #drawLegend() {
    const { total, history } = this.#last;
    const kinds = [["live", total - history], ["history", history]].filter(([, number]) => number);
    this.#legend.replaceChildren(...kinds.map(([kind, number]) => make("span", {}, key(kind), t(`legend.${kind}`, { count: count(number) }))));
  }

  // The drawing as a sentence, for a screen reader.
  #words() {
    const { total, points, before, lowest, highest } = this.#last;
    const say = (word, point) => t(word, { value: textOf(this.#property, point.value), time: moment(point.time) });
    const last = points.at(-1) ?? before;
    const parts = [];
    if (lowest && this.#kind === "numbers") parts.push(say("lowest", lowest), say("highest", highest));
    if (last) parts.push(say("last", last));
    if (total > points.length) parts.push(t("thinned", { shown: count(points.length), total: count(total) }));
    return total ? parts.join(" · ") : [t("nothing_in_range"), ...parts].join(" · ");
  }

  #tell(point) {
    const words = point ? [moment(point.time), textOf(this.#property, point.value), t(point.kind)].join(" · ") : "";
    put(this.#readout, words);
    return words;
  }
}

function key(kind) {
  return draw("svg", { class: "key", viewBox: "0 0 24 10", width: 24, height: 10, "aria-hidden": "true" },
    draw("path", { class: `trace ${kind}`, d: "M0 5H24" }), draw("circle", { class: `dot ${kind}`, cx: 12, cy: 5, r: 3 }));
}

function newRow(property) {
  const cells = ["td", "td", "td"].map(tag => make(tag));
  return {
    element: make("tr", {}, ...cells),
    update(point) {
      put(cells[0], moment(point.time));
      put(cells[1], textOf(property, point.value));
      put(cells[2], point.kind === "history" ? t("came_late", { time: moment(point.received) }) : t("live"));
    },
  };
}
