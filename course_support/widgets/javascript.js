// Runs the learner's JavaScript in the page. `base` leads to the backend in the kernel by way of jupyter-server-proxy.

const MOST_LINES = 44;
let runs = 0;

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// JupyterLab's own base URL, which under a JupyterHub is /user/NAME/, or null where this page is no JupyterLab
function labUrl() {
  try {
    const { baseUrl } = JSON.parse(document.getElementById("jupyter-config-data").textContent);
    return new URL(baseUrl, location.href).href;
  } catch {
    return null;
  }
}

function shown(value) {
  if (typeof value === "string") return value;
  if (value instanceof Response) return `Response ${value.status} ${value.statusText}`.trimEnd();
  if (value instanceof Headers) return shown(Object.fromEntries(value));
  if (value instanceof Error) return String(value);
  try {
    return JSON.stringify(value, null, 2) ?? String(value);
  } catch {
    return String(value); // circular, or a BigInt
  }
}

// What JupyterLab says in the backend's place, told apart by the field that a proxied answer does not have.
function explained(response, asked, base) {
  if (!/tornado/i.test(response.headers.get("Server") ?? "") && !response.redirected) return null;
  if (!asked.startsWith(`${base}/`)) return `${asked} is not below base, so JupyterLab answered it: ${response.status}.`;
  if (response.redirected || response.status === 403) return "JupyterLab wants you to log in: reload this page.";
  if (response.status === 404)
    return "JupyterLab has no proxy: run “pip install jupyter-server-proxy” where it runs, then restart it.";
  if (response.status >= 500)
    return `No answer came through ${base}: the backend dropped the connection, or it is not running.`;
  return `JupyterLab answered ${response.status} in the backend's place.`;
}

// A classic script, because it alone tells the line of a syntax error. The code starts on its first line.
function compiled(code, names, url) {
  return new Promise((resolve, reject) => {
    const script = element("script", { src: url });
    const failed = (event) => {
      if (event.filename !== url) return;
      event.preventDefault();
      reject(Object.assign(new SyntaxError(event.message.replace(/^.*SyntaxError: /, "")), { line: event.lineno }));
    };
    const done = () => {
      removeEventListener("error", failed);
      script.remove();
      resolve(window[names.self]);
      delete window[names.self];
    };
    addEventListener("error", failed);
    script.addEventListener("load", done);
    script.addEventListener("error", done);
    document.head.append(script);
  });
}

// The page's WebSocket, whose address may start with `base`, as that of fetch may; `open` holds those to be closed.
function socketKeptIn(open) {
  return class extends WebSocket {
    constructor(address, protocols = []) {
      const url = new URL(address, location.href);
      url.protocol = url.protocol.replace("http", "ws");
      super(url, protocols);
      open.set(this, new Promise((resolve) => this.addEventListener("close", resolve)));
      this.addEventListener("close", () => open.delete(this));
    }
  };
}

function withLine(error, url) {
  const place = error?.stack?.split(`${url}:`)[1];
  return Object.assign(new Error(String(error)), { line: error?.line ?? (place && parseInt(place, 10)) });
}

// What the code returns. Until `ended`, `report` is told of what fails later, such as in `onmessage` of a socket.
async function run(code, given, report, ended) {
  const self = `courseRun${++runs}`;
  const head = `window.${self} = async (${Object.keys(given).join(", ")}) => {"use strict";{`; // may declare them anew
  const url = URL.createObjectURL(new Blob([head, code, "\n}}"], { type: "text/javascript" }));
  const late = (event) => {
    const error = event.error ?? event.reason;
    if (!error?.stack?.includes(url)) return;
    event.preventDefault();
    report(withLine(error, url));
  };
  try {
    const call = await compiled(code, { self }, url);
    for (const type of ["error", "unhandledrejection"]) addEventListener(type, late, { signal: ended });
    return await call(...Object.values(given));
  } catch (error) {
    throw withLine(error, url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

class JavaScriptView {
  constructor(model, el) {
    this.model = model;
    this.original = model.get("code");
    this.lab = labUrl();
    this.base = this.lab && `${this.lab}proxy/${model.get("port")}`;
    this.build(el);
    this.grow();
    if (!this.lab)
      this.say("error", "This page is not JupyterLab and has no way to the backend: open it with “make lab”.");
  }

  build(el) {
    const id = `course-javascript-${crypto.randomUUID()}`;
    el.classList.add("course-javascript");
    this.code = element("textarea", {
      id,
      spellcheck: "false",
      autocapitalize: "off",
      autocomplete: "off",
      "aria-describedby": `${id}-hint`,
      oninput: () => this.grow(),
      onchange: () => this.keep(),
      onkeydown: (event) => this.key(event),
    });
    this.code.value = this.original;
    this.who = element("select", { id: `${id}-token` });
    const labels = Object.keys(this.model.get("credentials"));
    this.who.append(...labels.map((label) => element("option", {}, label)));
    // a backend's credentials are tokens or passwords: the code says which it takes
    const secret = /\bpassword\b/.test(this.original) ? ["username", "password"] : ["token"];
    const names = secret.flatMap((name) => [" and ", element("code", {}, name)]).slice(1);
    const who = element("label", { for: this.who.id }, ...names, " of ");
    this.button = element("button", { type: "button", class: "primary", onclick: () => this.run() }, "Run");
    this.button.disabled = !this.lab;
    const reset = element("button", { type: "button", onclick: () => this.reset() }, "Reset");
    this.output = element("div", { class: "output", role: "log", "aria-label": "Output", tabindex: 0, hidden: "" });
    const path = this.base ? new URL(this.base).pathname : "the backend";
    el.append(
      element("label", { for: id, class: "heading" }, "JavaScript, run in this page"),
      this.code,
      element(
        "p",
        { id: `${id}-hint`, class: "hint" },
        element("code", {}, "base"),
        " is ",
        element("code", {}, path),
        ", the backend's address for this page. Ctrl+Enter runs the code, Tab goes on to the next control.",
      ),
      element(
        "div",
        { class: "bar" },
        this.button,
        reset,
        ...(labels.length ? [who, this.who] : []),
        element("span", { class: "python" }, "recorded in ", element("code", {}, "backend.traffic")),
      ),
      this.output,
    );
    // JupyterLab takes plain keys from whatever is no text field: "dd" on a button would delete the notebook's cell
    el.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    });
  }

  grow() {
    this.code.rows = Math.min(MOST_LINES, Math.max(3, this.code.value.split("\n").length));
  }

  keep() {
    this.model.set("code", this.code.value);
    this.model.save_changes();
  }

  reset() {
    this.code.value = this.original;
    if (!this.stop) {
      this.output.replaceChildren();
      this.output.hidden = true;
    }
    this.grow();
    this.keep();
    this.code.focus();
  }

  key(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation(); // else JupyterLab runs the notebook's cell
    this.run();
  }

  say(kind, text) {
    this.output.hidden = false;
    this.output.append(element("pre", { class: kind }, text));
  }

  async run() {
    if (this.stop) return this.stop();
    if (!this.lab) return;
    this.keep();
    this.output.replaceChildren();
    const abort = new AbortController();
    const stopped = new Promise((_, reject) => abort.signal.addEventListener("abort", () => reject(abort.signal.reason)));
    const ended = new AbortController();
    const report = (error) => this.say("error", `${error.line ? `Line ${error.line}: ` : ""}${error.message}`);
    const open = new Map(); // from a socket to the promise of its end: the code may be through while it still listens
    this.stop = () => abort.abort(new Error("stopped"));
    this.button.textContent = "Stop";
    try {
      const running = run(this.code.value, this.given(abort.signal, open), report, ended.signal);
      const value = await Promise.race([running, stopped]);
      if (value !== undefined) this.say("value", shown(value));
      else if (!this.output.childElementCount && !open.size) this.say("note", "Done. Nothing was logged or returned.");
      await Promise.race([Promise.all(open.values()), stopped]);
    } catch (error) {
      report(error);
    } finally {
      ended.abort();
      for (const socket of open.keys()) socket.close(1000, "stopped");
      this.stop = null;
      this.button.textContent = "Run";
    }
  }

  given(signal, open) {
    const log = (kind) => (...values) => this.say(kind, values.map(shown).join(" "));
    const base = new URL(this.base).pathname;
    const secret = this.model.get("credentials")[this.who.value];
    return {
      base,
      token: secret,
      username: this.who.value,
      password: secret,
      WebSocket: socketKeptIn(open),
      console: { ...console, log: log("line"), info: log("line"), warn: log("line"), error: log("error") },
      fetch: async (input, options) => {
        const response = await window.fetch(input, { signal, ...options });
        const asked = new URL(input.url ?? input, location.href).pathname;
        const reason = explained(response, asked, base);
        if (reason) throw new Error(reason);
        return response;
      },
    };
  }
}

export default {
  render({ model, el }) {
    const view = new JavaScriptView(model, el);
    return () => view.stop?.();
  },
};
