// A value as a person reads it, by its data type in the thing model.

import { moment } from "./format.js";
import { t } from "./words.js";

const NUMBERS = ["int", "float", "double"];
const OPTIONS = ["bool", "enum"];

// How a property's history is best seen; without a thing model, its values have to tell.
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

// The words for it, without a unit; `raw` is what was really sent, where that reads otherwise.
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

// The same on one line, with what was really sent and with the unit; no line ends before a unit.
export function textOf(property, value) {
  const { text, raw } = partsOf(property, value);
  const unit = unitOf(property);
  if (raw !== undefined && property.type !== "date") return `${text} (${raw})`;
  return unit && typeof value === "number" ? `${text}\u00a0${unit}` : text;
}
