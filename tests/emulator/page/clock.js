// The platform's clock, and how far it is ahead.

import { post } from "./api.js";
import { form, newAnswer, say } from "./ask.js";
import { make, put } from "./dom.js";
import { duration, lengthOf, time } from "./format.js";
import { labelled, select } from "./inputs.js";
import { t } from "./words.js";

export class Clock {
  #state = make("p", { className: "quiet" });

  constructor(changed) {
    const output = newAnswer();
    const number = make("input", { type: "number", step: "any", required: true, value: 1 });
    const unit = select(["second", "minute", "hour", "day"].map(name => [name, t(`unit.${name}`)]));
    unit.value = "hour";
    unit.ariaLabel = t("unit");
    const shift = async offset => {
      const { ok, body } = await post("api/clock", { offset });
      say(output, ok ? "good" : "bad", ok ? "" : body.message);
      await changed();
    };
    const back = make("button", { type: "button", textContent: t("clock_right"), onclick: () => shift(0).catch(() => say(output, "bad", t("lost"))) });
    const work = () => shift(Math.round(Number(number.value) * lengthOf(unit.value)));
    const fields = form(work, output, labelled(t("ahead"), number, unit), make("div", { className: "acts" }, make("button", { textContent: t("set") }), back), output);
    this.element = make("div", {}, this.#state, make("p", { className: "quiet", textContent: t("clock.hint") }), fields);
  }

  update(now, offset) {
    put(this.#state, `${time(now, "full")} · ${offset ? duration(offset) : t("clock_is_right")}`);
  }
}
