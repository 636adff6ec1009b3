// Subscribes with the client of graphql-ws. Arguments: the address, the query, how many results to wait for; standard
// input: {connectionParams, mutation}, the mutation being sent after each result but the last. Prints what came:
// {results, close}, close being [code, reason] if the server ended it.
import { text } from "node:stream/consumers";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, query, count] = process.argv.slice(2);
const { connectionParams, mutation } = JSON.parse(await text(process.stdin));
const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams });
const seen = { results: [], close: null };
client.on("closed", (event) => (seen.close = [event.code, event.reason]));
try {
  for await (const result of client.iterate({ query })) {
    seen.results.push(result);
    if (seen.results.length >= Number(count)) break;
    for await (const _ of client.iterate({ query: mutation.replace("NUMBER", seen.results.length) }));
  }
} catch (error) {
  seen.error = Array.isArray(error) ? error : String(error.message ?? error.reason ?? error);
}
await client.dispose();
console.log(JSON.stringify(seen));
