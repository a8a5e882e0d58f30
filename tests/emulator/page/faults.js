// The faults, each with its form and its state.

import { post } from "./api.js";
import { form, newAnswer, say } from "./ask.js";
import { make, put, set } from "./dom.js";
import { KINDS, bodyOf, clearOf, isActive, wordsOf } from "./fault_kinds.js";
import { inputFor, labelled, select } from "./inputs.js";
import { t } from "./words.js";

export async function changeFaults(body) {
  const { ok, body: reply } = await post("api/faults", body);
  if (!ok) throw new Error(reply.message);
}

export class Faults {
  #changed;
  #parts;

  constructor(changed) {
    this.#changed = changed;
    this.#parts = Object.keys(KINDS).map(name => this.#newPart(name));
    this.element = make("ul", { className: "faults" }, ...this.#parts.map(({ element }) => element));
  }

  #newPart(name) {
    const { once, fields } = KINDS[name];
    const output = newAnswer();
    const inputs = fields.map(newField);
    const values = () => Object.fromEntries(inputs.map(input => [input.name, input.read()]));
    const send = async body => {
      await changeFaults(body);
      say(output, "good", once ? t("done") : "");
      await this.#changed();
    };
    const on = make("button", { textContent: t(once ? "do_now" : "switch_on") });
    const off = make("button", { type: "button", textContent: t("clear"), hidden: true });
    off.addEventListener("click", () => send(clearOf(name)).catch(error => say(output, "bad", error.message)));
    const state = make("span", { className: "badge bad", hidden: true });
    const summary = make("summary", {}, make("span", { textContent: t(`fault.${name}`) }), state);
    const hint = make("p", { className: "quiet", textContent: t(`fault.${name}.hint`) });
    const body = form(() => send(bodyOf(name, values())), output, hint, ...inputs.map(({ element }) => element), make("div", { className: "acts" }, on, off), output);
    const element = make("li", {}, make("details", {}, summary, body));
    const update = value => {
      const active = isActive(value);
      set(state, "hidden", !active);
      set(off, "hidden", !active);
      put(state, active ? wordsOf(name, value) || t("on") : "");
      // A fault without fields has nothing to change.
      set(on, "hidden", active && !fields.length);
      put(on, t(once ? "do_now" : active ? "change" : "switch_on"));
    };
    return { name, element, update };
  }

  update(faults) {
    for (const { name, update } of this.#parts) update(faults[name]);
  }
}

function newField({ name, type, options, ...more }) {
  if (type === "json") return { name, ...inputFor({ specs: {} }, t(`field.${name}`)) };
  const input = type === "select" ? select(options) : make("input", { type, ...more });
  const read = () => {
    if (type === "checkbox") return input.checked;
    return type === "number" && input.value !== "" ? Number(input.value) : input.value;
  };
  return { name, element: labelled(t(`field.${name}`), input), read };
}
