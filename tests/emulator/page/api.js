// The emulator's JSON API.

async function read(path, options) {
  const response = await fetch(path, options);
  return { ok: response.ok, status: response.status, body: await response.json() };
}

export async function get(path) {
  const { ok, body } = await read(path);
  if (!ok) throw new Error(body.message);
  return body;
}

export function post(path, body = {}) {
  const sent = body instanceof Blob ? body : JSON.stringify(body);
  return read(path, { method: "POST", body: sent });
}

export function pathOf({ product_key, device_name }) {
  return `api/devices/${encodeURIComponent(product_key)}/${encodeURIComponent(device_name)}`;
}

export function pathOfProduct(productKey) {
  return `api/products/${encodeURIComponent(productKey)}`;
}
