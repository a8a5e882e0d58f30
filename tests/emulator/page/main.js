// The page: asks the emulator once a second, and updates each part.

import { Active } from "./active.js";
import { get } from "./api.js";
import { choose, chosen } from "./chosen.js";
import { Clock } from "./clock.js";
import { DeviceView } from "./device.js";
import { List, breakable, make, put, set } from "./dom.js";
import { Faults } from "./faults.js";
import { time } from "./format.js";
import { Limits } from "./limits.js";
import { readModels } from "./model.js";
import { Product } from "./product.js";
import { speak, t } from "./words.js";

const TURN = 1000;
const byId = id => document.getElementById(id);

speak();
const product = new Product(refresh);
const faults = new Faults(refresh);
const clock = new Clock(refresh);
const limits = new Limits(refresh);
const active = new Active(byId("active"), refresh);
const views = new Map();
const links = new List(byId("devices"), newLink);

function panel(name, part, open) {
  return make("details", { className: "card", open }, make("summary", {}, make("h2", { textContent: t(`panel.${name}`) })), part.element);
}

byId("platform").append(panel("product", product, true), panel("faults", faults, true), panel("clock", clock, false), panel("limits", limits, false));

function keyOf(device) {
  return `${device.product_key}/${device.device_name}`;
}

function newLink(device) {
  const state = make("span", { className: "dot", ariaHidden: "true" });
  const word = make("span", { className: "unseen" });
  const element = make("button", { type: "button" }, state, make("span", {}, ...breakable(device.device_name)), word);
  element.addEventListener("click", () => {
    choose("device", keyOf(device));
    refresh();
  });
  const update = now => {
    set(state, "className", `dot ${now.online ? "good" : ""}`);
    put(word, t(now.online ? "online" : "offline"));
    element.setAttribute("aria-current", keyOf(now) === current([now])?.key);
  };
  return { element, update };
}

// The chosen device, or the first of all.
function current(devices) {
  const wanted = chosen("device");
  return devices.map(device => ({ device, key: keyOf(device) })).find(({ key }) => key === wanted);
}

function showDevices(devices, times) {
  set(byId("nobody"), "hidden", devices.length > 0);
  if (!devices.length) return;
  const { device, key } = current(devices) ?? { device: devices[0], key: keyOf(devices[0]) };
  if (chosen("device") !== key) choose("device", key);
  set(byId("devices"), "hidden", devices.length < 2);
  links.update(devices, keyOf);
  if (!views.has(key)) {
    views.set(key, new DeviceView(device, refresh));
    byId("device").append(views.get(key).element);
  }
  for (const [name, view] of views) set(view.element, "hidden", name !== key);
  views.get(key).update(device, times);
}

async function refresh() {
  const [state, broken, narrowed] = await Promise.all(["devices", "faults", "limits"].map(name => get(`api/${name}`)));
  await readModels(state.thing_models);
  const { time: now, clock_offset: offset, region, products, devices } = state;
  put(byId("facts"), `${t("region", { region })} · ${time(now, "full")}`);
  showDevices(devices, { now, machine: now - offset });
  product.update(products, state.thing_models);
  faults.update(broken);
  clock.update(now, offset);
  limits.update(narrowed);
  active.update(broken, offset);
}

async function live() {
  await refresh().then(() => set(byId("lost"), "hidden", true), error => {
    console.error(error);
    set(byId("lost"), "hidden", false);
  });
  setTimeout(live, TURN);
}
live();
