// What the npm package standardwebhooks makes of deliveries, and a shop that is written in JavaScript:
//   node webhooks.mjs verify     reads [{secret, fields, body}, …], prints for each the payload or the name of the error
//   node webhooks.mjs sign       reads [{secret, id, timestamp, body}, …] (Unix seconds), prints the signatures
//   node webhooks.mjs receive    reads {secret}, prints {port} and from then on a line for each delivery, until killed
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

async function* lines(stream) {
  let rest = "";
  for await (const chunk of stream.setEncoding("utf8")) {
    const [...whole] = (rest + chunk).split("\n");
    rest = whole.pop();
    yield* whole;
  }
  if (rest) yield rest;
}

const { value } = await lines(process.stdin).next();
const given = JSON.parse(value);

function verified({ secret, fields, body }) {
  try {
    return new Webhook(secret).verify(body, fields);
  } catch (error) {
    return error.message;
  }
}

function receive({ secret }) {
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const payload = verified({ secret, fields: request.headers, body: Buffer.concat(chunks) });
      const good = typeof payload === "object";
      response.writeHead(good ? 200 : 401).end(good ? "Webhook processed" : "Invalid signature");
      console.log(JSON.stringify(payload));
    });
  });
  server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
}

switch (process.argv[2]) {
  case "verify":
    console.log(JSON.stringify(given.map(verified)));
    process.exit();
  case "sign":
    console.log(
      JSON.stringify(
        given.map(({ secret, id, timestamp, body }) => new Webhook(secret).sign(id, new Date(timestamp * 1000), body)),
      ),
    );
    process.exit();
  case "receive":
    receive(given);
}
