// A line to a service that may be slow or break. It comes back by itself, after longer and longer pauses (backoff), each
// drawn at random (jitter), so that a thousand clients of a service that has restarted do not all return at once.

const FIRST_PAUSE = 500; // ms of the first pause, at most
const LONGEST_PAUSE = 4000;
const STEADY = 5000; // ms that a line must hold before the pauses begin anew
const FINAL = [1000, 1008, 1009]; // close codes of a service (RFC 6455, section 7.4.1) that would only come again

// Lets one thing after the other through, each so many ms after it came.
class Queue {
  waiting = [];

  add(ms, act) {
    this.waiting.push({ due: performance.now() + ms, act });
    this.plan();
  }

  plan() {
    const [next] = this.waiting;
    if (this.timer || !next) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.waiting.shift();
      this.plan();
      next.act();
    }, Math.max(0, next.due - performance.now()));
  }

  clear() {
    clearTimeout(this.timer);
    this.timer = null;
    this.waiting = [];
  }
}

// `dial(target, {opened, message, closed})` opens a connection and returns its {send, close, drop}; `closed` gets the
// reason, and the close code if there is one. `target()` is where to, asked anew each time; `receive` gets each message;
// `changed` is called when `state` has changed.
export class Line {
  state = { name: "closed" };
  delay = 0; // seconds, in either direction
  down = false; // kept broken: each attempt to come back fails
  attempts = 0;
  going = new Queue();
  coming = new Queue();

  constructor({ dial, target, receive, changed }) {
    Object.assign(this, { dial, target, receive, changed });
  }

  open() {
    this.end("close");
    if (this.down) return this.lost("the line is down");
    this.show({ name: "connecting" });
    const connection = this.dial(this.target(), {
      opened: () => (this.since = performance.now()),
      message: (text) => this.arrive(connection, () => this.receive(JSON.parse(text))),
      closed: (reason, code) => this.arrive(connection, () => this.lost(reason, code)),
    });
    this.connection = connection;
  }

  arrive(connection, act) {
    this.coming.add(this.delay * 1000, () => this.connection === connection && act());
  }

  // to be called once the service has said how far it is: before that, nothing is sent
  ready() {
    this.show({ name: "open" });
  }

  send(message) {
    if (this.state.name !== "open") return;
    const { connection } = this;
    this.going.add(this.delay * 1000, () => connection.send(JSON.stringify(message)));
  }

  // as when a cable is pulled: what is on its way is lost
  drop(down) {
    this.down = down;
    if (!down) return;
    this.end("drop");
    this.lost("the line is down");
  }

  lost(reason, code) {
    if (FINAL.includes(code)) return this.stop(reason, code);
    if (this.since && performance.now() - this.since > STEADY) this.attempts = 0;
    this.end("close");
    const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.attempts++);
    const pause = most * (0.5 + Math.random() / 2);
    this.show({ name: "waiting", seconds: (pause / 1000).toFixed(1), reason });
    this.timer = setTimeout(() => this.open(), pause);
  }

  // for good, as what was sent would be sent again and refused again
  stop(reason, code) {
    this.end("close");
    this.attempts = 0;
    this.show({ name: "closed", code, reason });
  }

  close() {
    this.end("close");
    this.show({ name: "closed" });
  }

  end(how) {
    clearTimeout(this.timer);
    this.going.clear();
    this.coming.clear();
    const { connection } = this;
    this.connection = this.since = null;
    connection?.[how]();
  }

  show(state) {
    this.state = state;
    this.changed();
  }
}
