// Questions to the device or to the visitor, and their answers.

import { post } from "./api.js";
import { make, put } from "./dom.js";
import { has, t } from "./words.js";

const PATIENCE = 5;

export function newAnswer() {
  return make("output", { className: "answer" });
}

export function say(output, kind, text) {
  output.dataset.result = kind;
  put(output, text);
}

// Run a form's work; an error shows in the form's own output.
export function form(work, output, ...parts) {
  const element = make("form", {}, ...parts);
  element.addEventListener("submit", async event => {
    event.preventDefault();
    say(output, "waiting", t("waiting"));
    try {
      await work();
    } catch (error) {
      say(output, "bad", error instanceof TypeError ? t("lost") : error.message);
    }
  });
  return element;
}

export async function askDevice(path, body, output) {
  const began = performance.now();
  const { ok, status, body: reply } = await post(path, { ...body, timeout: PATIENCE });
  const time = Math.round(performance.now() - began);
  const code = reply.code ?? null;
  const answer = [code, reply.message].filter(one => one !== null && one !== undefined && one !== "").join(" ");
  if (ok && (code === 200 || code === 0)) say(output, "good", t("device_agrees", { answer, time }));
  else if (ok) say(output, "bad", t("device_refuses", { answer, time }));
  else if (status === 409 && code === null) say(output, "bad", t("device_silent", { seconds: PATIENCE }));
  else say(output, "bad", has(`call.${code}`) ? t(`call.${code}`) : reply.message);
  return reply;
}

// Have the visitor confirm an act that cannot be undone.
export function confirmed(question, verb) {
  const dialog = document.getElementById("question");
  const button = (value, word) => make("button", { value, textContent: word });
  const words = make("p", { textContent: question, id: "asked" });
  dialog.setAttribute("aria-labelledby", "asked");
  dialog.replaceChildren(make("form", { method: "dialog" }, words, make("div", { className: "acts" }, button("no", t("cancel")), button("yes", verb))));
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}
