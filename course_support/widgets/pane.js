// One editor: a text, the others' cursors in it, and the switches of its line.

const CURSOR = 80; // ms in which any number of moves of the cursor are one message
const DELAYS = [0, 1, 3]; // seconds
const LARGEST = 20_000; // of the text, in what a textarea counts

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

const pointsIn = (text, units) => [...text.slice(0, units)].length;
const unitsIn = (text, points) => [...text].slice(0, points).join("").length;
const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

// What makes the one text the other, both as code points. Where equal characters leave a choice, the part that differs
// ends no later than `caret`, up to where the learner has typed.
export function difference(old, now, caret = now.length) {
  const most = Math.min(old.length, now.length);
  let after = 0;
  let before = 0;
  const endsAlike = () => old.at(-1 - after) === now.at(-1 - after);
  while (after < Math.min(most, now.length - caret) && endsAlike()) after++;
  while (before < most - after && old[before] === now[before]) before++;
  while (after < most - before && endsAlike()) after++;
  return { position: before, remove: old.length - before - after, content: now.slice(before, now.length - after) };
}

// where a cursor is after such a change; what is inserted at its place comes behind it
export function moved(at, { position, remove, content }) {
  return at <= position ? at : Math.max(position, at - remove) + content.length;
}

export class Pane {
  replica = null;
  since = "";
  others = new Map(); // from a user's id to {name, at}; `at` is null until the cursor has moved
  held = []; // messages that came while an input method was composing

  constructor({ user, way, dial, model, changed }) {
    Object.assign(this, { user, model, changed });
    this.line = new Line({
      dial,
      target: () => `/edit/${model.get("document")}${this.replica ? `?after=${(this.after = this.replica.seq)}` : ""}`,
      receive: (message) => this.receive(message),
      changed: () => this.draw(),
    });
    this.build(way);
  }

  build(way) {
    const id = `course-editors-${crypto.randomUUID()}`;
    const title = `${this.user.name}’s editor`;
    this.text = element("textarea", {
      id,
      rows: 6,
      spellcheck: "false",
      autocapitalize: "off",
      autocomplete: "off",
      readonly: "",
      maxlength: LARGEST,
      oninput: () => this.typed(),
      onscroll: () => (this.mirror.scrollTop = this.text.scrollTop),
      oncompositionstart: () => (this.composing = true),
      oncompositionend: () => this.composed(),
      onselectionchange: () => this.turned(),
    });
    this.mirror = element("div", { class: "mirror", "aria-hidden": "true" }); // `presence` says it in words
    this.progress = element("p");
    this.presence = element("p");
    this.pill = element("span", { class: "pill" });
    this.switch = element("button", { type: "button", onclick: () => this.switchLine() });
    const choices = DELAYS.map((seconds) => element("option", { value: seconds }, `${seconds} s`));
    const delay = element("select", { onchange: ({ target }) => (this.line.delay = Number(target.value)) }, ...choices);
    this.el = element(
      "section",
      { class: "pane", "aria-label": title, "data-user": this.user.id },
      element("div", { class: "title" }, element("label", { for: id }, title), this.pill, element("span", {}, way)),
      element("div", { class: "page" }, this.text, this.mirror),
      element("div", { class: "facts" }, this.progress, this.presence),
      element("div", { class: "bar" }, this.switch, element("label", {}, "Delay ", delay)),
    );
  }

  switchLine() {
    if (this.line.state.code) this.start();
    else this.line.drop(!this.line.down);
  }

  // Gets the whole text anew and forgets what was not confirmed.
  start() {
    this.replica = null;
    this.line.open();
  }

  receive(message) {
    if (this.composing) this.held.push(message);
    else this[`on_${message.type}`]?.(message); // a service may learn to say more
    this.draw();
  }

  on_document(message) {
    this.since = this.replica ? " (got the whole text anew)" : ""; // the log may not reach back as far as asked
    const options = { user: this.user.id, transform: !this.model.get("naive") };
    this.replica ??= new Replica(message.text, message.seq, options);
    this.text.readOnly = false;
    this.line.ready();
    this.update(message);
    this.meet(message.users);
  }

  on_resumed(message) {
    this.since = ` (resumed from ${this.after})`;
    this.line.ready();
    this.update(message);
    this.meet(message.users);
  }

  on_text_update(message) {
    const change = this.update(message);
    const author = this.others.get(message.userId);
    if (author && change) author.at = change.position + change.content.length;
  }

  // The replica takes it in and the page shows what comes of it: the change, or null.
  update(message) {
    try {
      this.send(this.replica.receive(message));
    } catch (error) {
      this.line.lost(error.message); // an update is missing: the next attempt resumes
    }
    return this.show();
  }

  on_cursor_move({ userId, position }) {
    const other = this.others.get(userId);
    if (other) other.at = position;
  }

  on_user_joined({ user }) {
    if (user.id !== this.user.id) this.others.set(user.id, { name: user.name, at: null });
  }

  on_user_left({ user }) {
    this.others.delete(user.id);
  }

  meet(users) {
    const others = users.filter(({ id }) => id !== this.user.id);
    this.others = new Map(others.map(({ id, name }) => [id, { name, at: this.others.get(id)?.at ?? null }]));
    this.told = null; // whoever is here has not seen this cursor yet
    this.turned();
  }

  send(messages) {
    const timestamp = new Date().toISOString();
    for (const message of messages) this.line.send({ ...message, timestamp, userId: this.user.id });
  }

  // an edit of this editor's own, in code points
  edit({ position, remove, content }) {
    this.send(this.replica.edit(position, content.join(""), remove));
    for (const other of this.others.values()) other.at &&= moved(other.at, { position, remove, content });
    this.draw();
  }

  typed() {
    if (this.composing) return;
    const { value, selectionEnd } = this.text;
    this.edit(difference([...this.replica.text], [...value], pointsIn(value, selectionEnd)));
  }

  composed() {
    this.composing = false;
    this.typed();
    for (const message of this.held.splice(0)) this.receive(message);
  }

  // Types at the cursor, as the learner would.
  insert(word) {
    const position = this.at;
    this.edit({ position, remove: 0, content: [...word] });
    this.show();
    this.place(position + [...word].length);
  }

  get at() {
    return pointsIn(this.text.value, this.text.selectionEnd);
  }

  place(from, to = from) {
    this.text.setSelectionRange(unitsIn(this.text.value, from), unitsIn(this.text.value, to));
  }

  // Puts the replica's text into the page; cursors stay with the words that they stand at.
  show() {
    const { value, selectionStart, selectionEnd, scrollTop } = this.text;
    if (value === this.replica.text) return null;
    const change = difference([...value], [...this.replica.text]);
    const [from, to] = [selectionStart, selectionEnd].map((units) => moved(pointsIn(value, units), change));
    this.text.value = this.replica.text;
    this.place(from, to);
    this.text.scrollTop = scrollTop;
    for (const other of this.others.values()) other.at &&= moved(other.at, change);
    return change;
  }

  // The others are told where the cursor is: not of each step, but of where it has come to.
  turned() {
    this.telling ??= setTimeout(() => {
      this.telling = null;
      const position = this.at;
      if (position === this.told || this.line.state.name !== "open") return;
      this.told = position;
      this.line.send({ type: "cursor_move", position });
    }, CURSOR);
  }

  draw() {
    const { state } = this.line;
    const more = state.name === "waiting" ? ` ${state.seconds} s` : state.code ? ` ${state.code}` : "";
    this.pill.textContent = state.name + more;
    this.pill.dataset.state = state.name;
    this.switch.textContent = state.code ? "Start over" : this.line.down ? "Mend the line" : "Drop the line";
    this.progress.textContent = this.howFar();
    this.presence.textContent = this.whoIsHere();
    this.drawCursors();
    this.changed();
  }

  howFar() {
    if (!this.replica) return "No text yet.";
    const { seq, unconfirmed } = this.replica;
    const edits = unconfirmed ? `${count(unconfirmed, "edit")} unconfirmed` : "all edits confirmed";
    return `At update ${seq}${this.since}, ${edits}.`;
  }

  whoIsHere() {
    const { name, code, reason } = this.line.state;
    const why = reason?.replace(/\.$/, "");
    if (code) return `The service has closed the line: ${why}. “Start over” takes its text, without what is unconfirmed.`;
    if (name === "waiting") return `Attempt ${this.line.attempts} is next: ${why}.`;
    if (name !== "open") return "Who else is here is not known yet.";
    const where = ({ name, at }) => (at === null ? name : `${name} at ${at}`);
    return `Also here: ${[...this.others.values()].map(where).join(", ") || "nobody"}.`;
  }

  drawCursors() {
    const points = [...this.text.value];
    const shown = this.line.state.name === "open" ? [...this.others] : [];
    const cursors = shown.filter(([, { at }]) => at !== null).sort(([, a], [, b]) => a.at - b.at);
    const parts = [];
    let from = 0;
    for (const [id, { name, at }] of cursors) {
      parts.push(points.slice(from, at).join(""), element("i", { "data-user": id }, element("b", {}, name)));
      from = Math.max(from, at);
    }
    this.mirror.replaceChildren(...parts, points.slice(from).join(""), "\n");
    this.mirror.scrollTop = this.text.scrollTop;
  }
}
