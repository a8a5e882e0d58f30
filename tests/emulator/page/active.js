// Active troubles: a list above everything else, with a button to end each.

import { post } from "./api.js";
import { List, make, put, set } from "./dom.js";
import { KINDS, clearOf, isActive, wordsOf } from "./fault_kinds.js";
import { changeFaults } from "./faults.js";
import { duration } from "./format.js";
import { t } from "./words.js";

const CLOCK = "clock";

export class Active {
  #element;
  #changed;
  #items = make("ul");
  #list = new List(this.#items, item => this.#newItem(item));
  #all = make("button", { type: "button", textContent: t("clear_all") });

  constructor(element, changed) {
    this.#element = element;
    this.#changed = changed;
    this.#all.addEventListener("click", () => this.#end(() => changeFaults({ clear: true })));
    element.append(make("strong", { textContent: t("active") }), this.#items, this.#all);
  }

  #newItem({ name }) {
    const words = make("span");
    const label = name === CLOCK ? t("clock") : t(`fault.${name}`);
    const button = make("button", { type: "button", textContent: "×", ariaLabel: t("clear_one", { name: label }), title: t("clear_one", { name: label }) });
    const clear = name === CLOCK ? () => post("api/clock", { offset: 0 }) : () => changeFaults(clearOf(name));
    button.addEventListener("click", () => this.#end(clear));
    return {
      element: make("li", { className: "badge bad" }, make("b", { textContent: label }), words, button),
      update: item => put(words, item.words),
    };
  }

  async #end(deed) {
    // Another part of the page tells that the emulator is away.
    await deed().catch(() => {});
    await this.#changed();
  }

  update(faults, offset) {
    const names = Object.keys(KINDS).filter(name => isActive(faults[name]));
    const items = names.map(name => ({ name, words: wordsOf(name, faults[name]) }));
    set(this.#all, "hidden", !items.length);
    if (offset) items.push({ name: CLOCK, words: duration(offset) });
    this.#list.update(items, ({ name }) => name);
    set(this.#element, "hidden", !items.length);
  }
}
