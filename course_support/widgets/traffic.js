// The page's half of the live traffic table. A row is [number, request, status, words, sent, received, ms, note].

const ROWS_SHOWN = 500; // more of them in the page make every update slow
const ROWS_KEPT = 10_000; // as many as the recorder keeps
const PATIENCE = 400; // ms until we say that the kernel is busy
const QUIET = 1500; // ms without traffic until the totals are read out
const PAGE = 10; // rows that PageUp and PageDown go

const [NUMBER, REQUEST, STATUS, WORDS, SENT, RECEIVED, MS, NOTE] = Array(8).keys();
const COLUMNS = ["#", "Request", "Status", "Sent", "Received", "Time"];

const count = (value) => value.toLocaleString("en-US");
const bytes = (value) => `${count(value)} B`;
const time = (ms) => (ms >= 10_000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(1)} ms`);
const sum = (rows, column) => rows.reduce((total, row) => total + row[column], 0);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

function totals(rows, matching) {
  const failed = matching.filter((row) => row[STATUS] === null || row[STATUS] >= 400).length;
  const parts = [
    `${count(matching.length)} ${matching.length === 1 ? "exchange" : "exchanges"}`,
    `sent ${bytes(sum(matching, SENT))}`,
    `received ${bytes(sum(matching, RECEIVED))}`,
    `took ${time(sum(matching, MS))}`,
  ];
  if (failed) parts.push(`${count(failed)} ${failed === 1 ? "error" : "errors"}`);
  if (matching.length < rows.length) parts.push(`of ${count(rows.length)} in all`);
  if (matching.length > ROWS_SHOWN) parts.push(`the newest ${ROWS_SHOWN} are listed`);
  return parts.join(" · ");
}

function tableRow(row, choose) {
  const kind = `s${Math.floor((row[STATUS] ?? 0) / 100)}`;
  const made = element(
    "tr",
    { "data-number": row[NUMBER], tabindex: -1, "aria-selected": "false", title: row[NOTE], onclick: choose },
    element("td", { class: "number" }, String(row[NUMBER])),
    element("td", { class: "request" }, row[REQUEST]),
    element("td", {}, element("span", { class: `pill ${kind}` }, row[WORDS])),
    element("td", { class: "number" }, bytes(row[SENT])),
    element("td", { class: "number" }, bytes(row[RECEIVED])),
    element("td", { class: "number" }, time(row[MS])),
  );
  return made;
}

class TrafficView {
  rows = []; // sorted by number
  chosen = null;

  constructor(model, el) {
    this.model = model;
    this.build(el);
    this.listen = (message) => this.receive(message);
    model.on("msg:custom", this.listen);
    model.on("change:url", this.showUrl);
    this.showUrl();
    this.draw();
    model.send({ type: "backlog" });
  }

  build(el) {
    el.classList.add("course-traffic");
    this.url = element("code");
    this.filter = element("input", { type: "search", placeholder: "PUT, 404, /songs …", oninput: () => this.draw() });
    this.body = element("tbody", {
      onkeydown: (event) => this.move(event),
      onfocusin: (event) => this.enterAt(event.target.closest("tr")),
    });
    const head = element("tr", {}, ...COLUMNS.map((name) => element("th", { scope: "col" }, name)));
    const label = "Exchanges, newest last. Arrow keys move, Enter shows the whole exchange.";
    this.scroll = element(
      "div",
      { class: "scroll" },
      element("table", { role: "grid", "aria-label": label }, element("thead", {}, head), this.body),
    );
    this.empty = element("p", { class: "empty" }, "No exchanges yet: send a request and it appears here.");
    this.totals = element("p", { class: "totals" });
    this.spoken = element("p", { class: "spoken", "aria-live": "polite" });
    this.detail = element("section", { class: "detail", "aria-label": "Chosen exchange", hidden: "" });
    el.append(
      element(
        "div",
        { class: "bar" },
        element("strong", {}, "Live traffic"),
        this.url,
        element("label", {}, "Filter ", this.filter),
        element("button", { type: "button", onclick: () => this.clear() }, "Clear"),
        element("span", { class: "python" }, "in Python: ", element("code", {}, "backend.traffic")),
      ),
      this.scroll,
      this.empty,
      this.totals,
      this.spoken,
      this.detail,
    );
    // JupyterLab takes plain keys from whatever is no text field: "dd" on a row would delete the notebook's cell
    el.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    });
  }

  showUrl = () => {
    this.url.textContent = this.model.get("url");
  };

  receive(message) {
    if (message.type === "exchange") this.show(message);
    else {
      if (message.type === "all") this.rows = [];
      this.add(message.rows);
      this.draw();
      // an open WebSocket goes on after it was chosen
      const chosen = message.type === "rows" && message.rows.find((row) => row[NUMBER] === this.chosen);
      if (chosen && chosen[STATUS] === 101) this.model.send({ type: "show", number: this.chosen });
    }
  }

  add(rows) {
    const known = new Map(this.rows.map((row) => [row[NUMBER], row]));
    for (const row of rows) known.set(row[NUMBER], row);
    this.rows = [...known.values()].sort((a, b) => a[NUMBER] - b[NUMBER]).slice(-ROWS_KEPT);
  }

  draw() {
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (row) => words.every((word) => `${row[REQUEST]} ${row[WORDS]}`.toLowerCase().includes(word));
    const matching = words.length ? this.rows.filter(matches) : this.rows;
    this.place(matching.slice(-ROWS_SHOWN));
    this.empty.hidden = matching.length > 0;
    this.empty.textContent = this.rows.length
      ? "No exchange matches the filter."
      : "No exchanges yet: send a request and it appears here.";
    this.totals.textContent = totals(this.rows, matching);
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => (this.spoken.textContent = this.totals.textContent), QUIET);
  }

  // keeps the rows that stay, so that focus and the reader's place survive an update
  place(rows) {
    const bottom = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 30;
    const old = new Map([...this.body.children].map((tr) => [tr.dataset.number, tr]));
    const focused = this.body.contains(document.activeElement);
    const wanted = rows.map((row) => {
      const tr = old.get(String(row[NUMBER]));
      if (tr?.row === row || (tr && tr.row.join() === row.join())) return tr;
      const made = tableRow(row, () => this.choose(made));
      made.row = row;
      this.mark(made);
      return made;
    });
    const stay = new Set(wanted);
    for (const tr of old.values()) if (!stay.has(tr)) tr.remove();
    wanted.forEach((tr, index) => {
      if (this.body.children[index] !== tr) this.body.insertBefore(tr, this.body.children[index] ?? null);
    });
    if (!this.body.contains(document.activeElement)) {
      const entry = this.body.querySelector("tr[aria-selected='true']") ?? this.body.lastElementChild;
      this.enterAt(entry); // where Tab goes in: the chosen row, or the newest
      if (focused) entry?.focus();
    }
    if (bottom && !focused) this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  mark(tr) {
    tr.setAttribute("aria-selected", String(Number(tr.dataset.number) === this.chosen));
  }

  enterAt(row) {
    for (const tr of this.body.querySelectorAll("tr[tabindex='0']")) tr.setAttribute("tabindex", "-1");
    row?.setAttribute("tabindex", "0");
  }

  move(event) {
    const rows = [...this.body.children];
    const at = rows.indexOf(event.target.closest("tr"));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: Infinity };
    if (event.key === "Enter" || event.key === " ") this.choose(rows[at]);
    else if (event.key in to) rows[Math.max(0, Math.min(to[event.key], rows.length - 1))].focus();
    else return;
    event.preventDefault();
  }

  choose(tr) {
    this.chosen = Number(tr.dataset.number);
    for (const each of this.body.children) this.mark(each);
    this.detail.hidden = false;
    this.detail.replaceChildren();
    const busy = `Exchange ${this.chosen} is shown when the running cell has ended: the kernel does one thing at a time.`;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.detail.replaceChildren(element("p", { role: "status" }, busy)), PATIENCE);
    this.model.send({ type: "show", number: this.chosen });
  }

  show({ number, html, curl, hint }) {
    if (number !== this.chosen) return;
    clearTimeout(this.waiting);
    const said = element("span", { role: "status" });
    const copy = element("button", { type: "button", onclick: () => this.copy(curl, hint, said) }, "Copy as curl");
    const whole = element("div");
    whole.innerHTML = html; // made and escaped by views.exchange
    this.detail.replaceChildren(whole, ...(curl ? [element("p", { class: "actions" }, copy, said)] : []));
  }

  async copy(text, hint, said) {
    const actions = said.closest("p");
    actions.nextElementSibling?.remove();
    actions.after(element("pre", { class: "command", tabindex: 0 }, text));
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = `Copied. ${hint}`;
    } catch {
      said.textContent = `The browser does not let us copy: select the command below. ${hint}`;
    }
  }

  clear() {
    this.chosen = null;
    this.detail.hidden = true;
    this.model.send({ type: "clear" });
  }

  remove() {
    clearTimeout(this.speaking);
    clearTimeout(this.waiting);
    this.model.off("msg:custom", this.listen);
    this.model.off("change:url", this.showUrl);
  }
}

export default {
  render({ model, el }) {
    const view = new TrafficView(model, el);
    return () => view.remove();
  },
};
