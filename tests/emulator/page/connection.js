// A device's registration, its session and its last attempts to connect.

import { List, breakable, make, put, set } from "./dom.js";
import { count, moment } from "./format.js";
import { has, t } from "./words.js";

export class Connection {
  #facts = make("dl", { className: "facts" });
  #factList = new List(this.#facts, newFact);
  #rows = make("tbody");
  #list = new List(this.#rows, newRow);
  #table;

  constructor() {
    const heads = ["time", "transport", "answer", "client_id"].map(word => make("th", { scope: "col", textContent: t(word) }));
    this.#table = make("table", { className: "connects" }, make("caption", { textContent: t("recent_connects") }), make("thead", {}, make("tr", {}, ...heads)), this.#rows);
    this.element = make("div", {}, this.#facts, this.#table);
  }

  update(device) {
    const tags = Object.entries(device.tags).map(([name, value]) => `${name} = ${value}`).join(", ");
    const facts = {
      registration: t(`registration.${device.registration || "none"}`),
      authentications: count(device.authentications),
      keep_alive: device.keep_alive ? t("seconds", { count: count(device.keep_alive) }) : "–",
      tags: tags || "–",
    };
    this.#factList.update(Object.entries(facts), ([name]) => name);
    // Numbered from the first attempt of all, since several can fall into one millisecond.
    const before = device.connects - device.recent_connects.length;
    const attempts = device.recent_connects.map((attempt, index) => ({ attempt, number: before + index })).reverse();
    set(this.#table, "hidden", !attempts.length);
    this.#list.update(attempts, ({ number }) => number);
  }
}

function newFact([name]) {
  const value = make("dd");
  return { element: make("div", {}, make("dt", { className: "quiet", textContent: t(name) }), value), update: ([, text]) => put(value, text) };
}

function newRow({ attempt: { time, transport, code, client_id: clientId } }) {
  const answer = has(`connack.${code}`) ? t(`connack.${code}`) : "";
  const cells = [moment(time), transport, `${code} ${answer}`].map(text => make("td", { textContent: text }));
  return { element: make("tr", {}, ...cells, make("td", {}, ...breakable(clientId))), update() {} };
}
