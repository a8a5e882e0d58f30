// The histories of one device's properties, read again when there is more of one, or when time has gone on.

import { get, pathOf } from "./api.js";
import { DAY } from "./format.js";

const HOUR = DAY / 24;
export const RANGES = { quarter: HOUR / 4, hour: HOUR, quarter_day: 6 * HOUR, day: DAY, week: 7 * DAY, all: Infinity };
const SPARK = 60;
const CHART = innerWidth < 700 ? 300 : 600;
const MOST_AT_ONCE = 40;
const TURNS = 60;

// Until the visitor chooses: a day, or less where there is less.
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

  // `wanted` are the identifiers that can be seen, with how much the platform has of them and whether they are open.
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
      // Only what came as history is told apart; the other ways of posting are all live.
      for (const point of [excerpt.before, ...excerpt.points]) if (point && point.kind !== "history") point.kind = "live";
      this.#found.set(one.identifier, { ...excerpt, mark: markOf(one), open: one.open });
    }
  }

  // What is known of a property, with the time that is to be drawn; undefined where nothing has been read yet.
  of(identifier, range, now) {
    const found = this.#found.get(identifier);
    if (!found) return undefined;
    const first = found.points[0]?.time ?? now;
    const last = Math.max(now, found.points.at(-1)?.time ?? now);
    const length = RANGES[range] === Infinity ? Math.max(last - first, RANGES.quarter / 15) : RANGES[range];
    return { ...found, from: last - length, to: last };
  }
}
