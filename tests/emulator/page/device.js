// One device: its state, its buttons, and the parts behind its tabs.

import { pathOf, post } from "./api.js";
import { confirmed } from "./ask.js";
import { choose, chosen } from "./chosen.js";
import { Connection } from "./connection.js";
import { List, breakable, make, newId, put, set } from "./dom.js";
import { age, count, moment } from "./format.js";
import { Messages } from "./messages.js";
import { Properties } from "./properties.js";
import { Rejected } from "./rejected.js";
import { Send } from "./send.js";
import { t } from "./words.js";

const TABS = { properties: Properties, rejected: Rejected, messages: Messages, send: Send, connection: Connection };
const COUNTS = ["messages", "values", "stored", "connects", "throttled", "dropped"];

export class DeviceView {
  #changed;
  #device;
  #status = make("span", { className: "badge" });
  #activated = make("span", { className: "badge" });
  #since = make("span", { className: "quiet" });
  #facts = make("p", { className: "quiet" });
  #counts = make("dl", { className: "counts" });
  #counters;
  #acts = {};
  #tabs = {};

  // `changed` is called after an act on the device, to show the result at once.
  constructor(device, changed) {
    this.#device = device;
    this.#changed = changed;
    this.#counters = new List(this.#counts, newCounter);
    const acts = make("div", { className: "acts" }, ...["kick", "reset", "disable", "enable", "delete"].map(verb => this.#act(verb)));
    const title = make("h2", {}, ...breakable(device.device_name));
    const head = make("div", { className: "head" }, title, this.#status, this.#activated, this.#since, acts);
    this.element = make("section", { className: "card device", ariaLabel: device.device_name }, head, this.#facts, this.#counts, ...this.#newTabs());
  }

  #act(verb) {
    const work = async () => {
      const isFinal = verb === "delete";
      if (isFinal && !(await confirmed(t("delete_question", { name: this.#device.device_name }), t("delete")))) return;
      await post(`${pathOf(this.#device)}/${verb}`);
      await this.#changed();
    };
    this.#acts[verb] = make("button", { type: "button", textContent: t(verb), title: t(`${verb}.hint`), onclick: () => work().catch(() => {}) });
    return this.#acts[verb];
  }

  #newTabs() {
    const list = make("div", { className: "tabs", role: "tablist", ariaLabel: this.#device.device_name });
    for (const [name, Part] of Object.entries(TABS)) {
      const part = new Part(this.#device);
      const number = make("span", { className: "number" });
      const tab = make("button", { type: "button", role: "tab", id: newId() }, t(`tab.${name}`), number);
      const panel = make("div", { role: "tabpanel", id: newId(), tabIndex: -1 }, part.element);
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", () => this.#choose(name));
      this.#tabs[name] = { tab, panel, part, number };
    }
    const all = Object.values(this.#tabs);
    list.append(...all.map(({ tab }) => tab));
    list.addEventListener("keydown", event => this.#move(event));
    this.#select();
    return [list, ...all.map(({ panel }) => panel)];
  }

  get #tab() {
    const name = chosen("tab", "properties");
    return name in TABS ? name : "properties";
  }

  #choose(name) {
    choose("tab", name);
    this.#select();
    this.#changed();
  }

  #select() {
    for (const [name, { tab, panel }] of Object.entries(this.#tabs)) {
      const isChosen = name === this.#tab;
      tab.setAttribute("aria-selected", isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      panel.hidden = !isChosen;
    }
  }

  #move(event) {
    const names = Object.keys(TABS);
    const index = names.indexOf(this.#tab);
    const moves = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: -1 };
    if (!(event.key in moves)) return;
    event.preventDefault();
    const name = names.at(moves[event.key] % names.length);
    this.#choose(name);
    this.#tabs[name].tab.focus();
  }

  update(device, { now, machine }) {
    this.#device = device;
    this.#select();
    const state = device.deleted ? "deleted" : device.disabled ? "disabled" : device.online ? "online" : "offline";
    put(this.#status, t(state));
    set(this.#status, "className", `badge ${{ online: "good", offline: "" }[state] ?? "bad"}`);
    put(this.#activated, t(device.activated ? "activated" : "not_activated"));
    const since = device.since && { time: moment(device.since), age: age(machine - device.since) };
    put(this.#since, since ? t(device.online ? "online_since" : "offline_since", since) : t("never_here"));
    put(this.#facts, factsOf(device));
    this.#counters.update(COUNTS.map(name => ({ name, number: numberOf(device, name) })), ({ name }) => name);
    this.#offer(device);
    put(this.#tabs.properties.number, count(Object.keys(device.properties).length));
    const pending = Object.values(device.rejected).filter(one => !one.over).length;
    put(this.#tabs.rejected.number, pending ? count(pending) : "");
    this.#tabs[this.#tab].part.update(device, now, machine);
  }

  #offer(device) {
    set(this.#acts.kick, "disabled", !device.online);
    set(this.#acts.reset, "disabled", !device.activated);
    set(this.#acts.disable, "hidden", device.disabled);
    set(this.#acts.enable, "hidden", !device.disabled);
    set(this.#acts.delete, "disabled", device.deleted);
  }
}

function factsOf({ product_key, thing_model }) {
  const model = thing_model ? t("model_extent", { properties: count(thing_model.properties), modules: count(thing_model.modules) }) : t("no_model");
  return `ProductKey ${product_key} · ${model}`;
}

function numberOf(device, name) {
  const sum = counts => Object.values(counts).reduce((a, b) => a + b, 0);
  if (name === "stored") return device.history;
  return typeof device[name] === "number" ? device[name] : sum(device[name]);
}

function newCounter({ name }) {
  const number = make("dd");
  const element = make("div", { title: t(`count.${name}.hint`) }, make("dt", { className: "quiet", textContent: t(`count.${name}`) }), number);
  return { element, update: item => put(number, count(item.number)) };
}
