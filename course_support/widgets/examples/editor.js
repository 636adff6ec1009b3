// a page cannot set fields of a WebSocket's handshake: a ticket stands for the token
const headers = { Authorization: `Bearer ${token}` };
const answer = await fetch(`${base}/api/v1/tickets`, { method: "POST", headers });
const { ticket } = await answer.json();

const socket = new WebSocket(`${base}/edit/document-123?ticket=${ticket}`, "edit.v1");
const send = (message) => socket.send(JSON.stringify(message));
let text;

// positions count code points, JavaScript's strings count UTF-16 code units
const apply = ({ position, content, remove }) => {
  const points = [...text];
  text = points.slice(0, position).join("") + content + points.slice(position + remove).join("");
};

socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  console.log("received:", message);
  if (message.type === "document") {
    text = message.text;
    const signed = { timestamp: new Date().toISOString(), userId: username };
    send({ type: "text_update", position: 0, content: "Hello 🎂 ", ...signed });
  }
  if (message.type === "text_update") {
    apply(message);
    if (message.userId === username) socket.close(1000); // the echo says that it is in the document
  }
};

const { code } = await new Promise((resolve) => { socket.onclose = resolve; });
console.log("the text is now:", text);
return `closed with ${code}`;
