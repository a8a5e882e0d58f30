// Scales: the positions and labels of an axis's lines.

import { DAY, time } from "./format.js";
import { optionOf } from "./values.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STEPS = [
  1000, 5000, 15_000, 30_000, MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 365 * DAY,
];
const MOST_OPTIONS = 8;
const LONGEST_OPTION = 14;

export function timeTicks(from, to, most) {
  const step = STEPS.find(one => (to - from) / one <= most) ?? STEPS.at(-1);
  // Hours and days begin by the visitor's clock.
  const shift = new Date(to).getTimezoneOffset() * MINUTE;
  const ticks = [];
  for (let at = Math.ceil((from - shift) / step) * step + shift; at <= to; at += step) {
    const isMidnight = (at - shift) % DAY === 0;
    ticks.push({ at, text: time(at, isMidnight ? "day" : step < MINUTE ? "seconds" : "clock") });
  }
  return ticks;
}

function roundStep(width) {
  const power = 10 ** Math.floor(Math.log10(width));
  return power * [1, 2, 5, 10].find(one => one * power >= width * 0.999);
}

// From 0 at the bottom to 1 at the top, with some air below and above.
export function numberScale(values, most) {
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (low === high) [low, high] = [low - (Math.abs(low) / 10 || 1), high + (Math.abs(high) / 10 || 1)];
  const step = roundStep((high - low) / most);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 0.001));
  const bottom = Math.floor(low / step) * step;
  const top = Math.ceil(high / step) * step;
  const ticks = [];
  for (let number = 0; bottom + number * step <= top + step / 2; number += 1) {
    const value = bottom + number * step;
    ticks.push({ value, text: digits > 6 || Math.abs(value) >= 1e7 ? value.toPrecision(3) : value.toFixed(digits) });
  }
  return { ticks, place: value => (value - bottom) / (top - bottom || 1) };
}

// One line for each option of the thing model; of many options, only for the received ones.
export function optionScale(property, values) {
  const known = property.type ? Object.keys(property.specs).map(Number) : [false, true];
  const came = [...new Set(values)];
  const options = [...new Set(known.length > MOST_OPTIONS ? came : [...known, ...came])].sort((a, b) => a - b);
  const ticks = options.map(value => {
    const full = optionOf(property, value) ?? String(value);
    return { value, full, text: full.length > LONGEST_OPTION ? `${full.slice(0, LONGEST_OPTION - 1)}…` : full };
  });
  return { ticks, place: value => (options.indexOf(value) + 0.5) / options.length };
}
