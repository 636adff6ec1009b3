// Two editors of one document side by side, and whether they show the same. editors.py puts replica.js, line.js, dial.js
// and pane.js before this, as one module.

const QUIET = 1500; // ms without a change until the verdict is read out
const AROUND = 12; // code points that are quoted of a text from where it differs

const quoted = (points, from) => {
  const start = Math.max(0, from - 4);
  const piece = points.slice(start, from + AROUND).join("");
  return `“${start ? "…" : ""}${piece}${from + AROUND < points.length ? "…" : ""}”`;
};

const codes = (...texts) => texts.flatMap((text) => [" or ", element("code", {}, text)]).slice(1);

// Whether two editors agree, in a word and in a sentence.
function verdict(panes) {
  if (panes.some(({ replica }) => !replica)) return ["moving", "Connecting …"];
  const [left, right] = panes.map(({ replica }) => [...replica.text]);
  const { position, remove, content } = difference(left, right);
  if (!remove && !content.length) return ["same", "Both show the same text."];
  const away = panes.find(({ line }) => line.state.name !== "open");
  if (away) return ["moving", `The texts differ while ${away.user.name}’s line is not open.`];
  const unconfirmed = panes.reduce((sum, { replica }) => sum + replica.unconfirmed, 0);
  if (unconfirmed || panes[0].replica.seq !== panes[1].replica.seq)
    return ["moving", "The texts differ while edits are on their way."];
  const reads = panes.map(({ user }, index) => `${user.name} reads ${quoted([left, right][index], position)}`);
  return ["apart", `Every edit has arrived, and the texts differ from position ${position} on: ${reads.join(", ")}.`];
}

const SIGNS = { same: "✔", moving: "…", apart: "✖" };

class EditorsView {
  constructor(model, el) {
    this.model = model;
    const changed = () => this.draw();
    const [ada, grace] = model.get("users");
    this.panes = [];
    this.panes = [
      new Pane({ user: ada, way: "the kernel holds this line: websocket-client", dial: throughKernel(model), model, changed }),
      new Pane({ user: grace, way: "this page holds this line: the browser’s WebSocket", dial: fromPage(model), model, changed }),
    ];
    this.build(el);
    model.on("change:naive change:port change:token", this.restart);
    this.restart();
  }

  build(el) {
    el.classList.add("course-editors");
    this.heading = element("strong", { class: "heading" });
    const both = element("button", { type: "button", onclick: () => this.typeBoth() }, "Both type at once");
    this.naive = element("input", { type: "checkbox", onchange: () => this.turn() });
    this.python = element("code");
    this.sign = element("b", { "aria-hidden": "true" });
    this.words = element("span");
    this.verdict = element("p", { class: "verdict" }, this.sign, " ", this.words);
    this.spoken = element("p", { class: "spoken", role: "status" });
    el.append(
      this.heading,
      element("div", { class: "panes" }, ...this.panes.map((pane) => pane.el)),
      element("div", { class: "bar" }, both, element("label", {}, this.naive, " Naive: no transform"), this.python),
      this.verdict,
      element("p", { class: "python" }, "For all lines at once in Python: ", ...codes("backend.faults.cut()", "backend.faults.lag = 1.0")),
      this.spoken,
    );
    // JupyterLab takes plain keys from whatever is no text field: "dd" on a button would delete the notebook's cell
    el.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    });
  }

  // Both begin again with the service's text: what one rule has brought about is not left to the other.
  restart = () => {
    for (const pane of this.panes) pane.start();
  };

  turn() {
    this.model.set("naive", this.naive.checked);
    this.model.save_changes();
  }

  // Neither can have seen what the other types, because nothing has been sent yet.
  typeBoth() {
    for (const pane of this.panes) if (pane.replica) pane.insert(`${pane.user.name} `);
  }

  draw() {
    if (!this.verdict) return; // the first pane is built before the second
    const naive = this.model.get("naive");
    this.heading.textContent = `Two editors of ${this.model.get("document")}`;
    this.naive.checked = naive;
    this.python.textContent = `backend.app.state.transform = ${naive ? "False" : "True"}`;
    const [kind, words] = verdict(this.panes);
    this.verdict.dataset.kind = kind;
    this.sign.textContent = SIGNS[kind];
    this.words.textContent = words;
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => (this.spoken.textContent = words), QUIET);
  }

  remove() {
    clearTimeout(this.speaking);
    this.model.off("change:naive change:port change:token", this.restart);
    for (const pane of this.panes) pane.line.close();
  }
}

export default {
  render({ model, el }) {
    const view = new EditorsView(model, el);
    return () => view.remove();
  },
};
