// The page's own half of operational transform: node replica.mjs takes histories on its standard input, each a list of
// calls of one Replica, and prints what each call returned and how the replica stood after it.
import { readFileSync } from "node:fs";

const file = new URL("../../course_support/widgets/replica.js", import.meta.url);
const { Replica } = await import(`data:text/javascript,${encodeURIComponent(readFileSync(file, "utf8"))}`);

function replay([{ text, seq, ...options }, ...calls]) {
  const replica = new Replica(text, seq, options);
  return calls.map(([method, ...given]) => {
    const sent = replica[method](...given) ?? [];
    return { sent, text: replica.text, seq: replica.seq, unconfirmed: replica.unconfirmed };
  });
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(replay)));
