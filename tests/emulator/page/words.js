// The page's own words, in the visitor's language.

const LANGUAGES = { en: "English", "zh-Hans": "中文" };
const KEY = "emulator-language";

function preferred() {
  const kept = localStorage.getItem(KEY);
  if (kept in LANGUAGES) return kept;
  return navigator.languages.find(one => /^(en|zh)\b/.test(one))?.startsWith("zh") ? "zh-Hans" : "en";
}

export const language = preferred();
const words = await (await fetch(`page/words/${language}.json`)).json();

// A word with its {places} filled in.
export function t(key, values = {}) {
  return (words[key] ?? key).replace(/{(\w+)}/g, (place, name) => values[name] ?? place);
}

export function has(key) {
  return key in words;
}

export function speak() {
  document.documentElement.lang = language;
  document.title = `${t("platform")} ${t("emulator")}`;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = t(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", t(element.dataset.label));
  const select = document.getElementById("language");
  for (const [code, name] of Object.entries(LANGUAGES)) select.append(new Option(name, code, false, code === language));
  for (const option of select.options) option.lang = option.value;
  select.addEventListener("change", () => {
    localStorage.setItem(KEY, select.value);
    location.reload();
  });
}
