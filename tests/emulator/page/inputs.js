// Labelled inputs for the thing model's data types; JSON for those without one of their own.

import { make, newId } from "./dom.js";
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

function optionInput({ specs }, value) {
  const input = select(Object.entries(specs).map(([key, name]) => [key, `${name} (${key})`]));
  if (value in specs) input.value = value;
  return { input, read: () => Number(input.value) };
}

// The range is shown but not enforced: a tester may want to send a value beyond it.
function numberInput(property, value) {
  const { min, max } = property.specs;
  const range = min !== undefined && max !== undefined ? `${min} … ${max}` : "";
  const input = make("input", { type: "number", step: "any", required: true, value: typeof value === "number" ? value : "" });
  return { input, beside: [unitOf(property), range].filter(Boolean).join("  ·  "), read: () => Number(input.value) };
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
  bool: optionInput, enum: optionInput,
  int: numberInput, float: numberInput, double: numberInput,
  text: textInput, date: dateInput,
};

export function inputFor(property, label, value) {
  const kind = KINDS[property.type];
  const { input, beside = "", read } = kind ? kind(property, value) : jsonInput(value);
  return { element: labelled(kind ? label : t("as_json", { label }), input, ...(beside ? [make("span", { className: "quiet", textContent: beside })] : [])), input, read };
}
