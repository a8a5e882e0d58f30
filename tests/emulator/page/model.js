// The thing models of the products, with the names and data types of properties.

import { get, pathOfProduct } from "./api.js";

const NOTHING = { properties: new Map(), services: [] };
// The platform's own services: the properties' form covers them.
const OWN_SERVICES = ["set", "get"];
const models = new Map();
const revisions = new Map();
const strangers = new Map();

function add(model, module) {
  const prefix = module.functionBlockId ? `${module.functionBlockId}:` : "";
  for (const property of module.properties ?? []) {
    const { type, specs = {} } = property.dataType;
    const identifier = prefix + property.identifier;
    const block = module.functionBlockName ?? module.functionBlockId;
    model.properties.set(identifier, { identifier, name: property.name, access: property.accessMode, type, specs, block });
  }
  for (const service of module.services ?? []) {
    if (!OWN_SERVICES.includes(service.identifier)) model.services.push({ ...service, identifier: prefix + service.identifier });
  }
}

export async function readModels(newest) {
  for (const [productKey, revision] of Object.entries(newest)) {
    if (revisions.get(productKey) === revision) continue;
    const document = await get(`${pathOfProduct(productKey)}/thing_model`);
    const model = { properties: new Map(), services: [] };
    for (const module of [document, ...(document.functionBlocks ?? [])]) add(model, module);
    models.set(productKey, model);
    revisions.set(productKey, revision);
  }
}

export function modelOf(productKey) {
  return models.get(productKey) ?? NOTHING;
}

// Returns the same object while the thing model stays the same, so a caller can skip drawing it again.
export function propertyOf(productKey, identifier) {
  if (!strangers.has(identifier)) strangers.set(identifier, { identifier, specs: {} });
  return modelOf(productKey).properties.get(identifier) ?? strangers.get(identifier);
}
