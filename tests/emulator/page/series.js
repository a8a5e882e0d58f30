// The histories of one device's properties, read again after new values or as time goes on.

import { get, pathOf } from "./api.js";
import { DAY } from "./format.js";

const HOUR = DAY / 24;
export const RANGES = { quarter: HOUR / 4, hour: HOUR, quarter_day: 6 * HOUR, day: DAY, week: 7 * DAY, all: Infinity };
const SPARK = 60;
const CHART = innerWidth < 700 ? 300 : 600;
const MOST_AT_ONCE = 40;
const TURNS = 60;

// The range until the visitor chooses: a day, or less for a shorter history.
export function usualRange(oldest, now) {
  const some = Object.keys(RANGES).slice(0, 1 + Object.keys(RANGES).indexOf("day"));
  return some.find(name => now - oldest < RANGES[name]) ?? "day";
}

export class Series {
  #path;
  #found = new Map();
  #busy = false;

  constructor(device) {
    this.#path = `${pathOf(device)}/series`;
  }

  // `wanted` are the visible properties, each with its number of values and its state, open or closed.
  async follow(wanted, range, now) {
    if (this.#busy) return;
    const length = RANGES[range];
    const turn = length === Infinity ? 0 : Math.floor(now / (length / TURNS));
    const markOf = ({ stored, open }) => `${stored} ${range} ${turn} ${open}`;
    const stale = wanted.filter(one => this.#found.get(one.identifier)?.mark !== markOf(one));
    this.#busy = true;
    try {
      for (const open of [true, false]) {
        const some = stale.filter(one => one.open === open).slice(0, MOST_AT_ONCE);
        if (some.length) await this.#read(some, open ? CHART : SPARK, length, now, markOf);
      }
    } finally {
      this.#busy = false;
    }
  }

  async #read(some, points, length, now, markOf) {
    const query = new URLSearchParams([["points", points], ...some.map(one => ["identifier", one.identifier])]);
    if (length !== Infinity) query.set("from", Math.floor(now - length));
    const found = await get(`${this.#path}?${query}`);
    for (const one of some) {
      const excerpt = found[one.identifier];
      // Every kind of post but history counts as live.
      for (const point of [excerpt.before, ...excerpt.points]) if (point && point.kind !== "history") point.kind = "live";
      this.#found.set(one.identifier, { ...excerpt, mark: markOf(one), open: one.open });
    }
  }

  // A property's history with the time range to draw; undefined before the first reading.
  of(identifier, range, now) {
    const found = this.#found.get(identifier);
    if (!found) return undefined;
    const first = found.points[0]?.time ?? now;
    const last = Math.max(now, found.points.at(-1)?.time ?? now);
    const length = RANGES[range] === Infinity ? Math.max(last - first, RANGES.quarter / 15) : RANGES[range];
    return { ...found, from: last - length, to: last };
  }
}
