// Elements, made and kept. Names and values come from devices, so they are only ever set as text.

const SVG = "http://www.w3.org/2000/svg";

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element) element[name] = value;
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Leaves equal text untouched, to keep a selection and a screen reader's place.
export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function set(element, name, value) {
  if (element[name] !== value) element[name] = value;
}

// Lets an identifier break after these characters first.
export function breakable(text) {
  return text.split(/(?<=[_:/.,|=])/).flatMap(part => [part, make("wbr")]);
}

// Children of one element by a key; existing ones stay and only get the new values.
export class List {
  #parent;
  #create;
  #parts = new Map();

  constructor(parent, create) {
    this.#parent = parent;
    this.#create = create;
  }

  get parts() {
    return [...this.#parts.values()];
  }

  update(items, key) {
    const before = this.#parts;
    this.#parts = new Map(items.map(item => [key(item), before.get(key(item)) ?? this.#create(item)]));
    for (const [name, part] of before) if (!this.#parts.has(name)) part.element.remove();
    let place = this.#parent.firstElementChild;
    for (const part of this.#parts.values()) {
      if (part.element === place) place = place.nextElementSibling;
      else this.#parent.insertBefore(part.element, place);
    }
    items.forEach(item => this.#parts.get(key(item)).update(item));
  }
}

// For elements that refer to each other: a label, a panel or a clipping path.
let count = 0;

export function newId() {
  count += 1;
  return `part-${count}`;
}
