// The visitor's choices, kept in the address for reloads and bookmarks.

const kept = new URLSearchParams(location.hash.slice(1));

function keep() {
  history.replaceState(null, "", `#${kept}`);
}

export function chosen(name, fallback = null) {
  return kept.get(name) ?? fallback;
}

export function choose(name, value) {
  kept.set(name, value);
  keep();
}

export function isOpen(name) {
  return kept.has("open", name);
}

export function setOpen(name, open) {
  kept.delete("open", name);
  if (open) kept.append("open", name);
  keep();
}
