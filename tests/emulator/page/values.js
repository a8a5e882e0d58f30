// Values in a person's words, by their data type in the thing model.

import { moment } from "./format.js";
import { t } from "./words.js";

const NUMBERS = ["int", "float", "double"];
const OPTIONS = ["bool", "enum"];

// The best view of a property's history; without a thing model, its values decide.
export function kindOf({ type }, values) {
  if (NUMBERS.includes(type)) return "numbers";
  if (OPTIONS.includes(type)) return "steps";
  if (type || !values.length) return "texts";
  if (values.every(value => typeof value === "number")) return "numbers";
  return values.every(value => typeof value === "boolean") ? "steps" : "texts";
}

export function optionOf({ type, specs }, value) {
  return OPTIONS.includes(type) ? specs[value] : undefined;
}

export function unitOf({ type, specs }) {
  return NUMBERS.includes(type) ? (specs.unit ?? "") : "";
}

function fieldsOf(specs, value) {
  return Object.entries(value).map(([identifier, one]) => {
    const field = specs.find?.(other => other.identifier === identifier);
    return `${field?.name ?? identifier} ${textOf(field ? { ...field.dataType } : {}, one)}`;
  });
}

// A value's words without a unit; `raw` is the value sent, if it reads differently.
export function partsOf(property, value) {
  const { type, specs = {} } = property;
  const option = optionOf({ type, specs }, value);
  if (option !== undefined) return { text: option, raw: String(value) };
  if (type === "date" && /^\d+$/.test(value)) return { text: moment(Number(value)), raw: value };
  if (type === "struct" && value && typeof value === "object") return { text: fieldsOf(specs, value).join(" · ") };
  if (value === "") return { text: t("empty") };
  if (typeof value === "string" || typeof value === "number") return { text: String(value) };
  return { text: JSON.stringify(value) };
}

// A value's words on one line with the value sent and the unit; no line breaks before a unit.
export function textOf(property, value) {
  const { text, raw } = partsOf(property, value);
  const unit = unitOf(property);
  if (raw !== undefined && property.type !== "date") return `${text} (${raw})`;
  return unit && typeof value === "number" ? `${text}\u00a0${unit}` : text;
}
