// Numbers, times and ages in the visitor's language.

import { language } from "./words.js";

const locale = navigator.languages.find(one => one.split("-")[0] === language.split("-")[0]) ?? language;
const numbers = new Intl.NumberFormat(locale);
const ages = new Intl.RelativeTimeFormat(locale, { style: "narrow", numeric: "auto" });
const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const seconds = { ...clock, second: "2-digit" };
const day = { day: "numeric", month: "short" };
const formats = {
  clock: new Intl.DateTimeFormat(locale, clock),
  seconds: new Intl.DateTimeFormat(locale, seconds),
  day: new Intl.DateTimeFormat(locale, day),
  moment: new Intl.DateTimeFormat(locale, { ...day, ...seconds }),
  full: new Intl.DateTimeFormat(locale, { ...day, year: "numeric", ...seconds }),
};
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export function count(number) {
  return numbers.format(number);
}

// A device may send anything as its time.
export function time(ms, format) {
  const date = new Date(ms);
  return typeof ms !== "number" || isNaN(date) ? JSON.stringify(ms) : formats[format].format(date);
}

// Leaves out the day of today and the year of this year.
export function moment(ms) {
  const [then, now] = [new Date(ms), new Date()];
  if (then.toDateString() === now.toDateString()) return time(ms, "seconds");
  return time(ms, then.getFullYear() === now.getFullYear() ? "moment" : "full");
}

export function age(ms) {
  const past = Math.max(0, ms);
  if (past < MINUTE) return ages.format(-Math.round(past / SECOND), "second");
  if (past < HOUR) return ages.format(-Math.floor(past / MINUTE), "minute");
  if (past < 2 * DAY) return ages.format(-Math.floor(past / HOUR), "hour");
  return ages.format(-Math.floor(past / DAY), "day");
}

const UNITS = { day: DAY, hour: HOUR, minute: MINUTE, second: SECOND, millisecond: 1 };

// A length of time in its largest whole unit, to show and type a clock's offset.
export function split(ms) {
  const [unit, length] = Object.entries(UNITS).find(([, length]) => ms && ms % length === 0) ?? ["minute", MINUTE];
  return { unit, number: ms / length };
}

export function lengthOf(unit) {
  return UNITS[unit];
}

export function duration(ms) {
  const { unit, number } = split(ms);
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long", signDisplay: "exceptZero" }).format(number);
}
