// Rejected properties: the reason, the number of times, and if the platform accepts them again.

import { List, breakable, make, put, set } from "./dom.js";
import { age, count, moment } from "./format.js";
import { propertyOf } from "./model.js";
import { textOf } from "./values.js";
import { has, t } from "./words.js";

export class Rejected {
  #empty = make("p", { className: "quiet", textContent: t("nothing_rejected") });
  #rows = make("ul", { className: "rows" });
  #list = new List(this.#rows, newRow);

  constructor() {
    this.element = make("div", {}, this.#empty, this.#rows);
  }

  update(device, now) {
    const items = Object.entries(device.rejected).map(([identifier, rejection]) => ({
      property: propertyOf(device.product_key, identifier), rejection, now,
    }));
    // Lasting rejections come first.
    items.sort((a, b) => a.rejection.over - b.rejection.over || b.rejection.received - a.rejection.received);
    set(this.#empty, "hidden", items.length > 0);
    this.#list.update(items, item => item.property.identifier);
  }
}

function reasonOf({ code, text }) {
  // The platform has one code for a wrong type and for a value beyond the range.
  if (/ value is (smaller|bigger) /.test(text)) return t("out_of_range");
  return has(`code.${code}`) ? t(`code.${code}`) : t("code");
}

function newRow({ property: { identifier } }) {
  const name = make("b");
  const code = make("code", {}, ...breakable(identifier));
  const state = make("span", { className: "badge" });
  const times = make("span", { className: "quiet" });
  const reason = make("p");
  const text = make("p", { className: "quiet" });
  const head = make("div", { className: "line" }, make("div", { className: "names" }, name, code), state, times);
  return {
    element: make("li", {}, head, reason, text),
    update({ property, rejection, now }) {
      const { over, value } = rejection;
      set(code, "hidden", property.name === undefined);
      put(name, property.name ?? identifier);
      put(state, t(over ? "over" : "still"));
      set(state, "className", `badge ${over ? "good" : "bad"}`);
      put(times, t("times", { count: count(rejection.count), age: age(now - rejection.received) }));
      set(times, "title", moment(rejection.received));
      put(reason, t("rejected_value", { value: textOf(property, value), reason: reasonOf(rejection) }));
      put(text, `${rejection.code}: ${rejection.text}`);
    },
  };
}
