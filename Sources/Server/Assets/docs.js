// Finds endpoints, keeps a credential for as long as the page is open, and sends what is tried.
"use strict";

(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const byID = (id) => document.getElementById(id);

  for (const element of all("[data-script]")) element.hidden = false;
  for (const code of all("code.command")) {
    code.textContent = code.textContent.replace("SERVER", location.origin);
  }

  // The menu is folded where there is little room.
  if (matchMedia("(max-width: 48rem)").matches) for (const menu of all(".menu")) menu.open = false;

  // What is looked for stands in the method, the path, the summary or the fields.
  const endpoints = all(".endpoint").map((article) => ({
    article,
    link: document.querySelector(`[data-of="${article.id}"]`),
    text: `${article.id} ${all("h3, p, dt", article).map((part) => part.textContent).join(" ")}`
      .toLowerCase(),
  }));

  const find = () => {
    const words = byID("find").value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { article, link, text } of endpoints) {
      const isFound = words.every((word) => text.includes(word));
      article.hidden = link.hidden = !isFound;
      if (isFound) count += 1;
    }
    for (const group of all("main > section:not(.credential)")) {
      group.hidden = all(".endpoint", group).every((article) => article.hidden);
    }
    for (const menu of all(".menu")) {
      menu.hidden = all("li", menu).every((item) => item.hidden);
      if (words.length) menu.open = true;
    }
    byID("found").textContent = words.length ? `${count} of ${endpoints.length}` : "";
  };
  byID("find").addEventListener("input", find);

  // The credential stays in this page's memory.
  let authorization = null;
  const use = (value, words) => {
    authorization = value;
    byID("who").textContent = words;
  };

  byID("sign-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { username: byID("username").value, password: byID("password").value };
    if (byID("code").value) body.code = byID("code").value;
    const answer = await send("POST", "/api/auth/obtain_token/", {}, JSON.stringify(body));
    byID("password").value = byID("code").value = "";
    if (answer.status === 200) {
      const { access } = JSON.parse(answer.text);
      use(`Bearer ${access}`, `Requests are sent as ${body.username}.`);
    } else {
      use(null, `Not signed in: ${answer.text || answer.words}`);
    }
  });

  byID("paste").addEventListener("submit", (event) => {
    event.preventDefault();
    const token = byID("token").value.trim();
    if (!token) return;
    byID("token").value = "";
    use(`${byID("scheme").value} ${token}`, "Requests are sent with the token.");
  });

  byID("forget").addEventListener("click", () => {
    use(null, "Requests are sent without a credential.");
  });

  // Sends without the browser's own cookies: what is tried proves itself by what stands above.
  async function send(method, address, headers, body) {
    const given = { ...headers };
    if (typeof body === "string" && !given["Content-Type"]) {
      given["Content-Type"] = "application/json";
    }
    if (authorization) given.Authorization = authorization;
    const began = performance.now();
    try {
      const response = await fetch(address, {
        method, headers: given, body, credentials: "omit", cache: "no-store", redirect: "manual",
      });
      const type = response.headers.get("Content-Type") ?? "";
      const blob = await response.blob();
      const isText = /json|text|^$/.test(type);
      return {
        status: response.status,
        words: response.type === "opaqueredirect" ? "It leads elsewhere." : response.statusText,
        headers: [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n"),
        text: isText ? pretty(await blob.text(), type) : `${blob.size} bytes of ${type}`,
        time: Math.round(performance.now() - began),
      };
    } catch (error) {
      return { status: 0, words: `No answer: ${error.message}`, headers: "", text: "", time: 0 };
    }
  }

  function pretty(text, type) {
    if (!type.includes("json") || text.length > 100_000) return text;
    // Whole numbers may be larger than JavaScript's; then the text stays as it came.
    if (/\d{16}/.test(text)) return text;
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }

  // A body in one of the three encodings; what is empty and not required is left out.
  function bodyOf(form, encoding) {
    const fields = all('[data-place="body"]', form).filter((field) => field.value !== "");
    const files = all('[data-place="file"]', form).filter((field) => field.files.length);
    if (files.length || encoding === "multipart/form-data") {
      const body = new FormData();
      const named = files.map((field) => field.dataset.name);
      for (const field of fields) {
        if (!named.includes(field.dataset.name)) body.append(field.dataset.name, field.value);
      }
      for (const field of files) body.append(field.dataset.name, field.files[0]);
      return body;
    }
    if (encoding === "application/x-www-form-urlencoded") {
      return new URLSearchParams(fields.map((field) => [field.dataset.name, field.value]));
    }
    // JSON values go in as they were written, digits and all.
    const members = fields.map((field) => {
      const value = field.dataset.kind === "json" ? field.value : JSON.stringify(field.value);
      return `${JSON.stringify(field.dataset.name)}:${value}`;
    });
    return `{${members.join(",")}}`;
  }

  function block(label, text) {
    const pre = document.createElement("pre");
    pre.tabIndex = 0;
    pre.setAttribute("role", "group");
    pre.setAttribute("aria-label", label);
    pre.textContent = text;
    return pre;
  }

  function show(result, answer) {
    const line = document.createElement("p");
    line.className = answer.status >= 200 && answer.status < 400 ? "good" : "bad";
    line.textContent = answer.status
      ? `${answer.status} ${answer.words} · ${answer.time} ms` : answer.words;
    result.replaceChildren(line);
    if (answer.headers) result.append(block("Headers", answer.headers));
    if (answer.text) result.append(block("Body", answer.text));
  }

  for (const form of all(".try form")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      let address = form.dataset.path;
      const query = new URLSearchParams();
      const headers = {};
      for (const field of all("[data-place]", form)) {
        const { name, place } = field.dataset;
        if (place === "path") {
          address = address.replace(`{${name}}`, encodeURIComponent(field.value));
        } else if (place === "query" && field.value !== "") {
          query.append(name, field.value);
        } else if (place === "header" && field.value !== "") {
          headers[name] = field.value;
        }
      }
      if (query.size) address += `?${query}`;
      const encoding = form.querySelector(".encoding")?.value;
      const body = encoding ? bodyOf(form, encoding) : undefined;
      const result = form.querySelector(".result");
      result.textContent = "Sending…";
      show(result, await send(form.dataset.method, address, headers, body));
    });
  }
})();
