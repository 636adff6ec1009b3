// An editor's own copy of a document: backends/edits.py and backends/replica.py once more, for the page. Tests have both
// go through the same histories. Positions count Unicode code points, as Python does and JavaScript's strings do not.

const MOST_AT_ONCE = 1000; // code points in one update

const edited = (position, content = "", remove = 0) => ({ position, content, remove });
const lengthOf = (text) => [...text].length;

// The text after these edits, one after the other. A position behind the end means the end.
export function apply(text, ...edits) {
  for (const { position, content, remove } of edits) {
    const points = [...text];
    text = points.slice(0, position).join("") + content + points.slice(position + remove).join("");
  }
  return text;
}

// What `edit` becomes on a text in which `over` has been applied: edits to apply one after the other. Of two insertions at
// one place, the one that is earlier in the log stays left: that is `over`, or with `earlier` it is `edit`.
export function transform(edit, over, earlier = false) {
  if (over.content) return pastInsertion(edit, over.position, lengthOf(over.content), earlier);
  return [pastRemoval(edit, over.position, over.position + over.remove)];
}

function pastInsertion(edit, at, length, earlier) {
  const start = edit.position;
  const end = start + edit.remove;
  const staysLeft = edit.content && earlier;
  if (at < start || (at === start && !staysLeft)) return [{ ...edit, position: start + length }];
  if (at >= end) return [edit];
  return [edited(start, "", at - start), edited(start + length, "", end - at)];
}

function pastRemoval(edit, first, last) {
  const moved = (position) => position - (Math.min(Math.max(position, first), last) - first);
  const start = moved(edit.position);
  return edited(start, edit.content, moved(edit.position + edit.remove) - start);
}

// Two series of edits that start from the same text: each of them as it is to be applied after the other.
export function rebase(later, earlier) {
  if (!later.length || !earlier.length) return [later, earlier];
  if (later.length > 1) {
    const half = Math.floor(later.length / 2);
    const [first, meanwhile] = rebase(later.slice(0, half), earlier);
    const [second, after] = rebase(later.slice(half), meanwhile);
    return [[...first, ...second], after];
  }
  if (earlier.length > 1) {
    const half = Math.floor(earlier.length / 2);
    const [meanwhile, first] = rebase(later, earlier.slice(0, half));
    const [after, second] = rebase(meanwhile, earlier.slice(half));
    return [after, [...first, ...second]];
  }
  return [transform(later[0], earlier[0]), transform(earlier[0], later[0], true)];
}

// `text` is what the editor shows, its own edits included, and `seq` the newest update of the server in it. One update is
// under way at a time; later ones wait, and are moved along by what the others do meanwhile.
export class Replica {
  #name;
  #user;
  #number = 0; // of the update under way
  #sent = []; // the update under way: several edits if another's insertion has split it
  #waiting = [];
  #live = true;

  // With `user`, the `userId` that the server knows this editor by, an update of the same id that is another user's is
  // not taken for this copy's own. Without `transform` nothing is moved along, which shows why it is needed: copies
  // diverge.
  constructor(text, seq, { name = crypto.randomUUID(), user = "", transform = true } = {}) {
    Object.assign(this, { text, seq, transform });
    this.#name = name;
    this.#user = user;
  }

  get unconfirmed() {
    return this.#sent.length + this.#waiting.length;
  }

  // Remove so many code points at the position, then insert the content there: the messages to send now.
  edit(position, content = "", remove = 0) {
    const points = [...content];
    const edits = remove ? [edited(position, "", remove)] : [];
    for (let start = 0; start < points.length; start += MOST_AT_ONCE)
      edits.push(edited(position + start, points.slice(start, start + MOST_AT_ONCE).join("")));
    this.text = apply(this.text, ...edits);
    this.#waiting.push(...edits);
    return this.#next();
  }

  // Take in any message of the server: the messages to send now. Throws if updates are missing before this one.
  receive(message) {
    const { type, seq } = message;
    if (type === "text_update" && seq > this.seq) {
      if (seq !== this.seq + 1) throw new RangeError(`update ${seq} came, and those after ${this.seq} are missing`);
      this.seq = seq;
      this.#take(message);
      return this.#next();
    }
    if (type === "text_update" && this.#isMine(message)) {
      this.#retract(); // sent again, and the server had it already: it is in the document that came
      return this.#next();
    }
    if (type === "document") this.#startOver(message);
    return type === "document" || type === "resumed" ? this.#again() : [];
  }

  // The connection is lost: nothing is to be sent until a new one has brought what was missed. For without this call, an
  // update that was confirmed among these would have the next one sent twice: at once, and again at `resumed`.
  lost() {
    this.#live = false;
  }

  // What to send again on a new connection. One message tells of one edit: a second part of an update that was split goes
  // as an update of its own. It can only be a removal, and a removal that happens twice removes once.
  #again() {
    this.#live = true;
    if (!this.#sent.length) return this.#next();
    this.#waiting.unshift(...this.#sent.splice(1));
    return [this.#message()];
  }

  #isMine({ id, userId = this.#user }) {
    const byAnother = this.#user && userId !== this.#user;
    return this.#sent.length > 0 && id === `${this.#name}-${this.#number}` && !byAnother;
  }

  #message() {
    return { type: "text_update", ...this.#sent[0], base: this.seq, id: `${this.#name}-${this.#number}` };
  }

  // Start the next update, unless one is under way or the connection is lost. One that others have left nothing to remove
  // is none any more.
  #next() {
    while (this.#live && this.#waiting.length && !this.#sent.length) {
      const edit = this.#waiting.shift();
      if (!edit.content && !edit.remove) continue;
      this.#number++;
      this.#sent = [edit];
      return [this.#message()];
    }
    return [];
  }

  #take(message) {
    if (this.#isMine(message)) {
      this.#sent.shift(); // our own, confirmed: the text has it already
      return;
    }
    const { position, content, remove } = message;
    let theirs = [edited(position, content, remove)];
    if (this.transform) {
      [this.#sent, theirs] = rebase(this.#sent, theirs);
      [this.#waiting, theirs] = rebase(this.#waiting, theirs);
    }
    this.text = apply(this.text, ...theirs);
  }

  // Take the update under way out of the text, where it stands twice.
  #retract() {
    const [sent] = this.#sent.splice(0);
    let undo = [edited(sent.position, "", lengthOf(sent.content))];
    [this.#waiting, undo] = rebase(this.#waiting, undo);
    this.text = apply(this.text, ...undo);
  }

  // Go on from a whole document: insertions are kept, removals given up, as what they meant is not known.
  #startOver({ text, seq }) {
    this.seq = seq;
    this.text = text;
    const kept = (edits) =>
      edits
        .filter(({ content }) => content)
        .map(({ position, content }) => {
          const edit = edited(Math.min(position, lengthOf(this.text)), content);
          this.text = apply(this.text, edit);
          return edit;
        });
    this.#sent = kept(this.#sent);
    this.#waiting = kept(this.#waiting);
  }
}
