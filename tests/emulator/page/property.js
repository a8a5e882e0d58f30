// One property of a device: a line with its value, which opens to its history and a form.

import { pathOf } from "./api.js";
import { askDevice, form, newAnswer } from "./ask.js";
import { Chart } from "./chart.js";
import { isOpen, setOpen } from "./chosen.js";
import { breakable, make, newId, put, set } from "./dom.js";
import { age, count, moment } from "./format.js";
import { inputFor } from "./inputs.js";
import { drawSpark, newSpark } from "./spark.js";
import { kindOf, partsOf, unitOf } from "./values.js";
import { t } from "./words.js";

export class Property {
  #device;
  #property = null;
  #chart = null;
  #setter = null;
  #sent = null;
  #drawn = "";
  #name = make("span");
  #text = make("b");
  #raw = make("span", { className: "quiet" });
  #age = make("span", { className: "age quiet" });
  #spark = newSpark();
  #facts = make("p", { className: "quiet" });
  #panel = make("div", { className: "panel", id: newId(), hidden: true });
  #button;
  #identifier;
  #value;

  constructor(device, watch, { identifier }) {
    this.#device = device;
    this.identifier = identifier;
    this.isSeen = false;
    this.#button = make("button", { type: "button", className: "name" }, this.#name);
    this.#button.setAttribute("aria-controls", this.#panel.id);
    this.#button.addEventListener("click", () => this.#toggle(!this.open));
    this.#spark.addEventListener("click", () => this.#toggle(!this.open));
    this.#value = make("span", { className: "value" }, this.#text, " ", this.#raw);
    this.#value.addEventListener("animationend", () => this.#value.classList.remove("flash"));
    this.#identifier = make("code", {}, ...breakable(identifier));
    const names = make("div", { className: "names" }, this.#button, this.#identifier);
    const line = make("div", { className: "line" }, names, this.#spark, this.#value, this.#age);
    this.element = make("li", { className: "property" }, line, this.#panel);
    this.element.property = this;
    this.#toggle(isOpen(identifier));
    watch(this.element);
  }

  get open() {
    return !this.#panel.hidden;
  }

  get stored() {
    return this.#sent?.stored ?? 0;
  }

  #toggle(open) {
    this.#panel.hidden = !open;
    this.#button.setAttribute("aria-expanded", open);
    setOpen(this.identifier, open);
    if (open) this.#unfold();
  }

  // Made on opening, because most properties never are.
  #unfold() {
    if (!this.#property || this.#chart) return;
    this.#chart = new Chart(this.#property);
    this.#panel.replaceChildren(this.#chart.element, this.#facts, this.#newSetter());
  }

  #newSetter() {
    const output = newAnswer();
    const label = t("new_value");
    const { element, read } = inputFor(this.#property, label, this.#sent?.value);
    const button = make("button", { textContent: t("set") });
    // The fields of a struct have lines of their own.
    if (this.#property.type === "struct") element.append(button);
    else element.lastChild.append(button);
    const isReadOnly = this.#property.access === "r";
    const hint = make("p", { className: "quiet", textContent: isReadOnly ? t("read_only") : "", hidden: !isReadOnly });
    const work = () => askDevice(`${pathOf(this.#device)}/set`, { params: { [this.identifier]: read() } }, output);
    const fields = form(work, output, element, output, hint);
    this.#setter = make("details", { className: "setter", open: !isReadOnly }, make("summary", { textContent: t("set_property") }), fields);
    return this.#setter;
  }

  update({ property, sent }) {
    const isOther = property !== this.#property;
    this.#property = property;
    put(this.#name, property.name ?? property.identifier);
    set(this.#identifier, "hidden", property.name === undefined);
    this.#show(sent);
    this.#sent = sent;
    if (this.open && !this.#chart) this.#unfold();
    else if (isOther && this.#chart) {
      this.#chart.property = property;
      this.#setter.replaceWith(this.#newSetter());
    }
    if (this.open) put(this.#facts, this.#words());
  }

  #show(sent) {
    set(this.#spark.style, "visibility", sent ? "" : "hidden");
    const { text, raw } = sent ? partsOf(this.#property, sent.value) : { text: "–" };
    put(this.#text, text);
    put(this.#raw, sent ? (raw ?? unitOf(this.#property)) : t("nothing_yet"));
    if (this.isSeen && sent && this.#sent && this.#sent.received !== sent.received) this.#value.classList.add("flash");
  }

  // The age grows without new values, too.
  tick(now) {
    if (!this.#sent) return;
    put(this.#age, age(now - this.#sent.time));
    set(this.#age, "title", moment(this.#sent.time));
  }

  draw(excerpt) {
    if (!excerpt) return;
    if (this.open) this.#chart?.update(excerpt);
    const mark = `${excerpt.mark} ${Math.floor(excerpt.to / ((excerpt.to - excerpt.from) / 120))}`;
    if (mark === this.#drawn) return;
    this.#drawn = mark;
    const known = [...(excerpt.before ? [excerpt.before] : []), ...excerpt.points];
    drawSpark(this.#spark, this.#property, kindOf(this.#property, known.map(point => point.value)), excerpt);
  }

  #words() {
    const { type, access, block } = this.#property;
    const facts = [
      type ? t("type", { type }) : t("unknown_type"),
      access && t(`access.${access}`),
      block && t("block", { name: block }),
      this.#sent && t("stored", { count: count(this.#sent.stored) }),
      this.#sent && t("arrived", { time: moment(this.#sent.received) }),
    ];
    return facts.filter(Boolean).join(" · ");
  }
}
