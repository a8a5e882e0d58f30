// A product: the import and the download of its thing model, and the registration of a device.

import { pathOfProduct, post } from "./api.js";
import { form, newAnswer, say } from "./ask.js";
import { make, put, set } from "./dom.js";
import { count } from "./format.js";
import { labelled, select } from "./inputs.js";
import { t } from "./words.js";

export class Product {
  #changed;
  #product = select([]);
  #file = make("input", { type: "file", id: "file", accept: ".json,.zip", required: true });
  #outcome = newAnswer();
  #problems = make("ul", { id: "problems", hidden: true });
  #link = make("a", { textContent: t("show_model"), hidden: true });
  #models = {};

  constructor(changed) {
    this.#changed = changed;
    this.#product.id = "product";
    this.#outcome.id = "outcome";
    this.#product.addEventListener("change", () => this.#point());
    const hint = make("p", { className: "quiet", textContent: t("import.hint") });
    const imported = form(() => this.#import(), this.#outcome, hint, labelled(t("file"), this.#file), make("div", { className: "acts" }, make("button", { textContent: t("import") }), this.#link), this.#outcome, this.#problems);
    imported.id = "import";
    this.element = make("div", { className: "forms" }, labelled("ProductKey", this.#product), imported, this.#newDevice());
  }

  get #path() {
    return pathOfProduct(this.#product.value);
  }

  #newDevice() {
    const output = newAnswer();
    const name = make("input", { type: "text", required: true, minLength: 4, maxLength: 32, autocomplete: "off" });
    const work = async () => {
      const { ok, body } = await post(`${this.#path}/devices`, { device_name: name.value });
      say(output, ok ? "good" : "bad", ok ? t("registered", { name: name.value }) : body.message);
      if (ok) name.value = "";
      await this.#changed();
    };
    const hint = make("p", { className: "quiet", textContent: t("register.hint") });
    return form(work, output, make("h3", { textContent: t("register") }), hint, labelled("DeviceName", name), make("button", { textContent: t("add") }), output);
  }

  async #import() {
    this.#problems.hidden = true;
    try {
      const { ok, body } = await post(`${this.#path}/thing_model`, this.#file.files[0]);
      const extent = { properties: count(body.properties ?? 0), modules: count(body.modules ?? 0) };
      say(this.#outcome, ok ? "good" : "bad", ok ? t("imported", extent) : (body.error ?? body.message));
      const problems = body.problems ?? [];
      this.#problems.replaceChildren(...problems.map(({ path, problem }) => make("li", { textContent: path ? `${path}: ${problem}` : problem })));
      this.#problems.hidden = !problems.length;
    } finally {
      // Cleared, so that the same file can be chosen again once it is corrected.
      this.#file.value = "";
    }
    await this.#changed();
  }

  #point() {
    set(this.#link, "hidden", !(this.#product.value in this.#models));
    put(this.#link, t("show_model"));
    this.#link.href = `${this.#path}/thing_model`;
  }

  update(products, models) {
    this.#models = models;
    // Replaced only for other products, to keep an open list open.
    if (products.join() !== [...this.#product.options].map(option => option.value).join()) {
      const chosen = this.#product.value;
      this.#product.replaceChildren(...products.map(product => new Option(product)));
      if (products.includes(chosen)) this.#product.value = chosen;
    }
    this.#point();
  }
}
