// What makes the dashboard pleasant. All of it works without.
"use strict";

(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];

  // The menu is folded where there is little room.
  const menu = document.querySelector(".menu");
  const isNarrow = matchMedia("(max-width: 48rem)");
  const fold = () => { menu.open = !isNarrow.matches; };
  if (menu) {
    fold();
    isNarrow.addEventListener("change", fold);
  }

  // Times say how long ago they are.
  const units = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600],
    ["minute", 60], ["second", 1]];
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const time of all("time")) {
    const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
    const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? units.at(-1);
    time.title = format.format(Math.round(seconds / size), unit);
  }

  // All rows at once, and how many are chosen.
  for (const chooser of all("[data-choose-all]")) {
    const boxes = [...chooser.closest("form").querySelectorAll("tbody .choose input")];
    const legend = chooser.closest("form").querySelector(".bulk legend");
    const words = legend?.textContent;
    const tell = () => {
      const count = boxes.filter((box) => box.checked).length;
      chooser.checked = count === boxes.length;
      chooser.indeterminate = count > 0 && count < boxes.length;
      if (legend) legend.textContent = count ? `${words} (${count})` : words;
    };
    chooser.disabled = false;
    chooser.addEventListener("change", () => {
      for (const box of boxes) box.checked = chooser.checked;
      tell();
    });
    // With the shift key, everything between two clicks.
    let last;
    for (const box of boxes) {
      box.addEventListener("click", (event) => {
        if (event.shiftKey && last !== undefined) {
          const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
          for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
        }
        last = box;
        tell();
      });
    }
    tell();
  }

  // What is left empty isn't told in the address.
  for (const form of all("form[method=get]")) {
    form.addEventListener("submit", () => {
      for (const field of form.elements) {
        if (field.name && !field.value && field.type !== "checkbox") field.disabled = true;
      }
    });
  }
  addEventListener("pageshow", () => {
    for (const field of all("form[method=get] :disabled:not([data-choose-all])")) {
      field.disabled = false;
    }
  });

  // What was typed isn't lost by a wrong click.
  for (const form of all("form[data-warn]")) {
    const state = () => new URLSearchParams(new FormData(form)).toString();
    const before = state();
    let isSaving = false;
    form.addEventListener("submit", () => { isSaving = true; });
    addEventListener("beforeunload", (event) => {
      if (!isSaving && state() !== before) event.preventDefault();
    });
  }

  // After a sign-in on the way, what was typed goes on by itself.
  document.querySelector("form[data-go-on]")?.requestSubmit();

  // The first thing that is wrong has the focus.
  document.querySelector("[aria-invalid=true]")?.focus();

  // A command can be copied.
  for (const box of all(".command")) {
    if (!navigator.clipboard) break;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(box.querySelector("code").textContent);
      button.textContent = "Copied";
    });
    box.append(button);
  }

  // Keys: / searches, n and p turn the page, c creates, ? tells of them.
  const keys = {
    "/": () => document.querySelector("[data-shortcut='/']"),
    n: () => document.querySelector("a[rel=next]"),
    p: () => document.querySelector("a[rel=prev]"),
    c: () => all(".actions a").find((link) => /\/(create|add|issue)\/$/.test(link.pathname)),
  };
  addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, select, textarea");
    if (isTyping || event.ctrlKey || event.altKey || event.metaKey) return;
    const element = keys[event.key]?.();
    if (!element) return;
    event.preventDefault();
    if (element.matches("input")) element.focus();
    else element.click();
  });
})();
