// Labelled inputs for the thing model's data types; JSON for those without one of their own.

import { make, newId, put, set } from "./dom.js";
import { unitOf } from "./values.js";
import { t } from "./words.js";

export function labelled(text, input, ...beside) {
  input.id ||= newId();
  return make("div", { className: "field" }, make("label", { htmlFor: input.id, textContent: text }), make("span", { className: "input" }, input, ...beside));
}

export function select(options) {
  return make("select", {}, ...options.map(([value, text]) => new Option(text, value)));
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(t("no_json", { reason: error.message }));
  }
}

function jsonInput(value) {
  const input = make("textarea", { rows: 3, spellcheck: false, value: value === undefined ? "" : JSON.stringify(value, null, 1) });
  return { input, read: () => json(input.value) };
}

// Both positions have their names of the thing model; which one is set stands beside the switch.
function switchInput({ specs }, value) {
  const input = make("input", { type: "checkbox", role: "switch", checked: Number(value) === 1 });
  const beside = make("span", { className: "quiet" });
  const tell = () => put(beside, `${specs[Number(input.checked)] ?? ""} (${Number(input.checked)})`);
  input.addEventListener("change", tell);
  tell();
  return { input, beside: [beside], read: () => Number(input.checked) };
}

function optionInput({ specs }, value) {
  const input = select(Object.entries(specs).map(([key, name]) => [key, `${name} (${key})`]));
  if (value in specs) input.value = value;
  return { input, read: () => Number(input.value) };
}

// The range is not enforced: a tester may want to send a value beyond it, which only the slider cannot.
function numberInput(property, value) {
  const [min, max, step] = [property.specs.min, property.specs.max, property.specs.step].map(Number);
  const isRanged = Number.isFinite(min) && Number.isFinite(max) && min < max;
  const range = isRanged ? `${property.specs.min} … ${property.specs.max}` : "";
  const input = make("input", { type: "number", step: "any", required: true, value: typeof value === "number" ? value : "" });
  const words = [unitOf(property), range].filter(Boolean).join("  ·  ");
  const beside = words ? [make("span", { className: "quiet", textContent: words })] : [];
  if (isRanged) beside.unshift(sliderFor(input, min, max, step));
  return { input, beside, read: () => Number(input.value) };
}

function sliderFor(input, min, max, step) {
  const slider = make("input", { type: "range", min, max, step: step > 0 ? step : "any", value: input.value || min });
  slider.setAttribute("aria-label", t("slider"));
  slider.addEventListener("input", () => set(input, "value", slider.value));
  input.addEventListener("input", () => set(slider, "value", input.value));
  return slider;
}

// An empty field is left out, so that a tester can send a part of it.
function structInput({ specs }, value) {
  const fields = specs.map(({ identifier, name, dataType: { type, specs: own = {} } }) => {
    const property = { identifier, type, specs: own };
    return { identifier, ...inputFor(property, `${name} (${identifier})`, value?.[identifier]) };
  });
  const input = make("fieldset", { className: "fields" }, ...fields.map(({ element }) => element));
  for (const one of fields) one.input.required = false;
  const read = () => Object.fromEntries(fields.filter(one => one.input.value !== "").map(one => [one.identifier, one.read()]));
  return { input, read };
}

function dateInput(_, value) {
  const local = ms => new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  const input = make("input", { type: "datetime-local", step: 1, required: true, value: /^\d{1,14}$/.test(value) ? local(Number(value)) : "" });
  return { input, read: () => String(new Date(input.value).getTime()) };
}

function textInput(_, value) {
  const input = make("input", { type: "text", value: typeof value === "string" ? value : "" });
  return { input, read: () => input.value };
}

const KINDS = {
  bool: switchInput, enum: optionInput, struct: structInput,
  int: numberInput, float: numberInput, double: numberInput,
  text: textInput, date: dateInput,
};

export function inputFor(property, label, value) {
  const kind = KINDS[property.type];
  const { input, beside = [], read } = kind ? kind(property, value) : jsonInput(value);
  return { element: labelled(kind ? label : t("as_json", { label }), input, ...beside), input, read };
}
