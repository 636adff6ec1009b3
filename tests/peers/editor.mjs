// Edits a document with the client of npm's ws. Arguments: the address of the WebSocket, the letter to type, how many
// times. Standard input: {token}. Types each letter once the one before has come back, loses the line without a close
// half way, resumes, and sends again what was not acknowledged. Prints {protocol, text, seq, users, close}.
import { text } from "node:stream/consumers";
import WebSocket from "ws";

const [url, letter, count] = process.argv.slice(2);
const { token } = JSON.parse(await text(process.stdin));
const seen = { text: [], seq: 0, users: [], acknowledged: 0, protocol: null };

function apply({ position, content, remove }) {
  seen.text.splice(position, remove, ...content); // an array of code points, as positions count them
}

function connect(query) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url + query, ["edit.v1"], { headers: { authorization: `Bearer ${token}` } });
    const type = () => {
      const id = `${letter}-${seen.acknowledged}`;
      socket.send(JSON.stringify({ type: "text_update", position: 0, content: letter, base: seen.seq, id }));
    };
    socket.on("message", (data, binary) => {
      const message = JSON.parse(data);
      if (binary) reject(new Error("a binary message"));
      if (message.type === "document") seen.text = [...message.text];
      if (message.type === "document" || message.type === "resumed") {
        Object.assign(seen, { seq: message.seq, users: message.users });
        type();
      }
      if (message.type !== "text_update" || message.seq <= seen.seq) return;
      if (message.seq !== seen.seq + 1) reject(new Error(`a gap before ${message.seq}`));
      apply(message);
      seen.seq = message.seq;
      if (message.id !== `${letter}-${seen.acknowledged}`) return;
      seen.acknowledged += 1;
      if (seen.acknowledged === Number(count)) socket.close(1000, "Done.");
      else type();
      if (seen.acknowledged === Math.floor(count / 2)) socket.terminate();
    });
    socket.on("open", () => (seen.protocol = socket.protocol));
    socket.on("error", reject);
    socket.on("close", (code, reason) => resolve([code, String(reason)]));
  });
}

const close = [await connect(""), await connect(`?after=${seen.seq}`)];
console.log(JSON.stringify({ ...seen, text: seen.text.join(""), close }));
