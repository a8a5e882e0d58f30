// The faults on command, each with its fields; faults.py has the same.

import { t } from "./words.js";

const number = (name, more = {}) => ({ name, type: "number", ...more });
const text = (name, more = {}) => ({ name, type: "text", ...more });
const json = name => ({ name, type: "json" });
const check = name => ({ name, type: "checkbox" });
const choice = (name, options) => ({ name, type: "select", options });
const onlyFor = (...words) => choice("only", ["", ...words].map(word => [word, t(`only.${word || "both"}`)]));
const connacks = ["3", "2", "4", "5"].map(code => [code, `${code} · ${t(`connack.${code}`)}`]);
const times = number("times", { min: 1, step: 1 });

// `once` marks an act without a lasting state.
export const KINDS = {
  cut: { once: true, fields: [] },
  cut_after_publish: { fields: [number("count", { min: 1, step: 1, value: 1, required: true })] },
  half_open: { fields: [] },
  refuse_tcp: { fields: [] },
  throttle: { fields: [] },
  unreleased: { fields: [] },
  published: { fields: [] },
  connack: { fields: [choice("code", connacks), onlyFor("registration", "normal"), times] },
  reply: { fields: [check("lost"), number("delay", { min: 0, step: "any" }), number("copies", { min: 1, step: 1 }), number("code", { step: 1 }), text("text"), times] },
  push: { fields: [check("lost"), number("delay", { min: 0, step: "any" }), text("body"), times] },
  https: { fields: [number("code", { step: 1 }), text("text"), number("status", { min: 200, max: 599, step: 1 }), text("body"), number("drip", { min: 0, step: "any" }), onlyFor("registration", "authentication"), times] },
  clock: { fields: [check("lost"), number("delay", { min: 0, step: "any" }), number("offset", { step: 1 }), text("echo"), times] },
  downlink: { fields: [number("copies", { min: 1, step: 1, value: 2 }), number("delay", { min: 0, step: "any" }), times] },
  pubacks_lost: { fields: [] },
  unclean: { fields: [] },
  flood: { fields: [json("params"), number("per_second", { min: 0.1, step: "any", value: 20 }), times] },
  echo: { fields: [number("delay", { min: 0, step: "any" }), times] },
  suback_lost: { fields: [] },
  ask_for_history: { fields: [] },
  overdue: { fields: [] },
  mqtt_host: { fields: [text("host", { required: true })] },
  foreign: { once: true, fields: [text("topic", { required: true }), text("text"), number("times", { min: 1, step: 1 })] },
};

// The emulator fills in the empty fields.
export function bodyOf(name, values) {
  if (name === "cut") return { cut: "now" };
  if (name === "mqtt_host") return { [name]: values.host };
  if (name === "foreign") return { [name]: { topic: values.topic, text: values.text, times: values.times || 1 } };
  if (name === "cut_after_publish") return { [name]: values.count };
  if (!KINDS[name].fields.length) return { [name]: true };
  return { [name]: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "" && value !== false)) };
}

export function clearOf(name) {
  return { [name]: null };
}

export function isActive(value) {
  return Boolean(value);
}

// An active fault in a few words, without its fields that have their usual values.
export function wordsOf(name, value) {
  if (value === true) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number") return t("times_left", { count: value });
  const usual = { delay: 0, copies: 1, status: 200, drip: 0, offset: 0, lost: false };
  const { times, ...rest } = value;
  if (rest.code === null || rest.code === undefined) delete rest.text;
  const parts = Object.entries(rest).filter(([key, one]) => one !== null && one !== usual[key]).map(([key, one]) => partOf(name, key, one));
  return [...parts, ...(times ? [t("times_left", { count: times })] : [])].join(", ");
}

function partOf(name, key, value) {
  if (key === "lost") return t("field.lost");
  if (key === "only") return t(`only.${value}`);
  if (name === "connack" && key === "code") return `${value} · ${t(`connack.${value}`)}`;
  return `${t(`field.${key}`)} ${typeof value === "object" ? JSON.stringify(value) : value}`;
}
