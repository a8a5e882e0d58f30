// Forms to send a device several properties, a service call, or any message.

import { pathOf, post } from "./api.js";
import { askDevice, form, newAnswer, say } from "./ask.js";
import { make } from "./dom.js";
import { inputFor, labelled, select } from "./inputs.js";
import { modelOf } from "./model.js";
import { has, t } from "./words.js";

const OTHER = "";

export class Send {
  #path;
  #services = null;
  #service = make("div");

  constructor(device) {
    this.#path = pathOf(device);
    this.element = make("div", { className: "forms" }, this.#service, this.#newSet(), this.#newPush(device));
  }

  // Keeps a half-filled form until the thing model changes.
  update(device) {
    const { services } = modelOf(device.product_key);
    if (services === this.#services) return;
    this.#services = services;
    this.#service.replaceChildren(this.#newService(services));
  }

  #newService(services) {
    const output = newAnswer();
    const choice = select([...services.map(({ identifier, name }) => [identifier, `${name} (${identifier})`]), [OTHER, t("other_service")]]);
    const fields = make("div", { className: "fields" });
    let read;
    const offer = () => {
      const service = services.find(({ identifier }) => identifier === choice.value);
      const inputs = service ? service.inputData.map(inputOf) : [newIdentifier(), newParams("{}")];
      fields.replaceChildren(...inputs.map(({ element }) => element));
      read = () => {
        if (service) return { identifier: service.identifier, params: Object.fromEntries(inputs.map(input => [input.identifier, input.read()])) };
        const [identifier, params] = inputs.map(input => input.read());
        return { identifier, params };
      };
    };
    choice.addEventListener("change", offer);
    offer();
    const reply = make("pre", { hidden: true, tabIndex: 0 });
    const work = async () => {
      reply.hidden = true;
      const said = await askDevice(`${this.#path}/service`, read(), output);
      reply.hidden = said.data === undefined;
      reply.textContent = JSON.stringify(said.data, null, 1) ?? "";
    };
    return form(work, output, make("h3", { textContent: t("call_service") }), labelled(t("service"), choice), fields, make("button", { textContent: t("call") }), output, reply);
  }

  #newSet() {
    const output = newAnswer();
    const params = newParams("");
    const work = () => askDevice(`${this.#path}/set`, { params: params.read() }, output);
    return form(work, output, make("h3", { textContent: t("set_several") }), params.element, make("button", { textContent: t("set") }), output);
  }

  #newPush({ product_key, device_name }) {
    const output = newAnswer();
    const topic = make("input", { type: "text", required: true, value: `/${product_key}/${device_name}/user/get` });
    const payload = make("textarea", { rows: 3, spellcheck: false });
    const work = async () => {
      const bytes = new TextEncoder().encode(payload.value);
      const body = { topic: topic.value, payload_base64: btoa(String.fromCodePoint(...bytes)) };
      const { ok, body: reply } = await post(`${this.#path}/push`, body);
      if (ok) say(output, "good", t("pushed"));
      else say(output, "bad", has(`call.${reply.code}`) ? t(`call.${reply.code}`) : reply.message);
    };
    const note = make("p", { className: "quiet", textContent: t("push.hint") });
    return form(work, output, make("h3", { textContent: t("push") }), note, labelled(t("topic"), topic), labelled(t("payload"), payload), make("button", { textContent: t("send") }), output);
  }
}

function inputOf({ identifier, name, dataType: { type, specs = {} } }) {
  return { identifier, ...inputFor({ identifier, type, specs }, `${name} (${identifier})`) };
}

function newIdentifier() {
  const input = make("input", { type: "text", required: true });
  return { element: labelled(t("identifier"), input), read: () => input.value };
}

function newParams(text) {
  const { element, input, read } = inputFor({ specs: {} }, t("params"));
  input.value = text;
  input.placeholder = '{"identifier": 1}';
  return { element, read };
}
