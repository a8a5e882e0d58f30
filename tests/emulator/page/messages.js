// Received messages and values by topic, and events.

import { List, breakable, make, put, set } from "./dom.js";
import { count, moment } from "./format.js";
import { t } from "./words.js";

const MOST_EVENTS = 100;

export class Messages {
  #rows = make("tbody");
  #list = new List(this.#rows, newRow);
  #table;
  #empty = make("p", { className: "quiet", textContent: t("no_message") });
  #events = make("ul", { className: "rows" });
  #eventList = new List(this.#events, newEvent);
  #eventPart;

  constructor() {
    const heads = ["topic", "count.messages", "count.values"].map(word => make("th", { scope: "col", textContent: t(word) }));
    this.#table = make("table", { className: "topics" }, make("thead", {}, make("tr", {}, ...heads)), this.#rows);
    this.#eventPart = make("div", {}, make("h3", { textContent: t("events") }), this.#events);
    this.element = make("div", {}, this.#empty, this.#table, this.#eventPart);
  }

  update({ messages, values, events }) {
    const items = Object.entries(messages).map(([topic, number]) => ({ topic, number, values: values[topic] }));
    items.sort((a, b) => a.topic.localeCompare(b.topic));
    set(this.#empty, "hidden", items.length > 0);
    set(this.#table, "hidden", !items.length);
    this.#list.update(items, item => item.topic);
    set(this.#eventPart, "hidden", !events.length);
    const newest = events.map((event, index) => ({ event, index })).slice(-MOST_EVENTS).reverse();
    this.#eventList.update(newest, ({ event, index }) => `${event.received} ${event.identifier} ${index}`);
  }
}

function newRow({ topic }) {
  const cells = [make("td", { className: "figure" }), make("td", { className: "figure" })];
  return {
    element: make("tr", {}, make("th", { scope: "row" }, make("code", {}, ...breakable(topic))), ...cells),
    update({ number, values }) {
      put(cells[0], count(number));
      put(cells[1], values === undefined ? "–" : count(values));
    },
  };
}

function newEvent({ event }) {
  const line = make("div", { className: "line" }, make("code", {}, ...breakable(event.identifier)), make("span", { className: "quiet", textContent: moment(event.time) }));
  return { element: make("li", {}, line, make("p", { textContent: JSON.stringify(event.value) })), update() {} };
}
