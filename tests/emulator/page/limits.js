// The platform's limits; an empty field is no limit.

import { post } from "./api.js";
import { form, newAnswer, say } from "./ask.js";
import { make, set } from "./dom.js";
import { labelled } from "./inputs.js";
import { t } from "./words.js";

const NAMES = ["instance_per_second", "qos1_per_second", "qos0_per_second", "connects_per_minute", "shortest_keep_alive", "longest_keep_alive", "largest_payload"];

export class Limits {
  #inputs = new Map(NAMES.map(name => [name, make("input", { type: "number", min: 0, step: 1, placeholder: t("no_limit") })]));
  #shown = {};
  #changed;
  #output = newAnswer();

  constructor(changed) {
    this.#changed = changed;
    const fields = [...this.#inputs].map(([name, input]) => labelled(t(`limit.${name}`), input));
    const reset = make("button", { type: "button", textContent: t("limits_reset") });
    reset.addEventListener("click", () => this.#send({ reset: true }).catch(() => say(this.#output, "bad", t("lost"))));
    const acts = make("div", { className: "acts" }, make("button", { textContent: t("save") }), reset);
    const hint = make("p", { className: "quiet", textContent: t("limits.hint") });
    this.element = form(() => this.#send(this.#typed()), this.#output, hint, ...fields, acts, this.#output);
  }

  // Only the visitor's own changes: somebody else may have changed the other limits.
  #typed() {
    const entries = [...this.#inputs].filter(([name, { value }]) => value !== this.#shown[name]);
    return Object.fromEntries(entries.map(([name, { value }]) => [name, value === "" ? null : Number(value)]));
  }

  async #send(body) {
    const { ok, body: reply } = await post("api/limits", body);
    say(this.#output, ok ? "good" : "bad", ok ? t("saved") : reply.message);
    if (ok) this.#show(reply, true);
    await this.#changed();
  }

  update(limits) {
    this.#show(limits, false);
  }

  // Leaves a field alone while the visitor types.
  #show(limits, all) {
    for (const [name, input] of this.#inputs) {
      const text = String(limits[name] ?? "");
      const isTyped = this.#shown[name] !== undefined && input.value !== this.#shown[name];
      if (all || !isTyped) set(input, "value", text);
      this.#shown[name] = text;
    }
  }
}
