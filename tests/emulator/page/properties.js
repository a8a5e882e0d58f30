// A device's properties, received or only defined, with one time range for all.

import { choose, chosen } from "./chosen.js";
import { List, make, newId, put, set } from "./dom.js";
import { modelOf, propertyOf } from "./model.js";
import { Property } from "./property.js";
import { RANGES, Series, usualRange } from "./series.js";
import { language, t } from "./words.js";

const byName = new Intl.Collator(language, { numeric: true });

export class Properties {
  #series;
  #filter = make("input", { type: "search", id: newId(), autocomplete: "off" });
  #empty = make("p", { className: "quiet" });
  #rows = make("ul", { className: "properties" });
  #list;
  #eyes;
  #now = 0;
  #usual = "day";
  #ranges;

  constructor(device) {
    this.#series = new Series(device);
    this.#eyes = new IntersectionObserver(entries => {
      for (const { target, isIntersecting } of entries) target.property.isSeen = isIntersecting;
      this.#draw();
    }, { rootMargin: "300px" });
    this.#list = new List(this.#rows, item => new Property(device, element => this.#eyes.observe(element), item.property));
    this.#filter.addEventListener("input", () => this.#sift());
    this.element = make("div", {}, this.#toolbar(), this.#empty, this.#rows);
  }

  #toolbar() {
    const label = make("label", { htmlFor: this.#filter.id, className: "unseen", textContent: t("filter") });
    this.#filter.placeholder = t("filter");
    const name = newId();
    this.#ranges = Object.keys(RANGES).map(range => make("input", { type: "radio", name, value: range }));
    const ranges = this.#ranges.map(input => make("label", {}, input, make("span", { textContent: t(`range.${input.value}`) })));
    const choice = make("fieldset", { className: "ranges" }, make("legend", { className: "unseen", textContent: t("range") }), ...ranges);
    choice.addEventListener("change", event => {
      choose("range", event.target.value);
      this.#draw();
    });
    return make("div", { className: "toolbar" }, label, this.#filter, choice);
  }

  get #range() {
    const range = chosen("range");
    return range in RANGES ? range : this.#usual;
  }

  update(device, now) {
    this.#now = now;
    this.#usual = usualRange(device.oldest ?? now, now);
    for (const input of this.#ranges) set(input, "checked", input.value === this.#range);
    const sent = device.properties;
    const identifiers = new Set([...modelOf(device.product_key).properties.keys(), ...Object.keys(sent)]);
    const items = [...identifiers].map(identifier => ({ property: propertyOf(device.product_key, identifier), sent: sent[identifier] }));
    const nameOf = ({ property }) => property.name ?? property.identifier;
    items.sort((a, b) => !a.sent - !b.sent || byName.compare(nameOf(a), nameOf(b)) || byName.compare(a.property.identifier, b.property.identifier));
    this.#list.update(items, item => item.property.identifier);
    for (const row of this.#list.parts) row.tick(now);
    this.#sift();
    this.#draw();
  }

  #sift() {
    const wanted = this.#filter.value.trim().toLowerCase();
    for (const row of this.#list.parts) {
      set(row.element, "hidden", !row.element.querySelector(".names").textContent.toLowerCase().includes(wanted));
    }
    const isBare = this.#list.parts.every(row => row.element.hidden);
    set(this.#empty, "hidden", !isBare);
    put(this.#empty, t(this.#list.parts.length ? "nothing_found" : "no_property"));
  }

  async #draw() {
    const range = this.#range;
    const seen = this.#list.parts.filter(row => row.isSeen && !row.element.hidden);
    const show = () => seen.forEach(row => row.draw(this.#series.of(row.identifier, range, this.#now)));
    show();
    try {
      await this.#series.follow(seen, range, this.#now);
    } catch {
      // Another part of the page tells that the emulator is away; the next turn tries again.
      return;
    }
    show();
  }
}
