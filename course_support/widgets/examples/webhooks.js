const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };

async function call(method, path, content) {
  const body = content && JSON.stringify(content);
  const response = await fetch(base + path, { method, headers, body });
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(`${response.status}: ${JSON.stringify(answer.errors ?? answer.detail)}`);
  return answer;
}

const webhook = await call("POST", "/api/webhooks/register", {
  event_types: ["payment.completed", "payment.failed", "payment.disputed"],
  target_url: "https://yourstore.com/webhooks/payments",
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
});
console.log(webhook);

const card = "4242424242424242";
const payment = await call("POST", "/api/payments", { order_id: "order-1", amount: "49.90", currency: "EUR", card });
console.log(payment.status);

// a course reaches no public address: each attempt fails, later ones too, and then the delivery is given up
const deliveries = async () => (await call("GET", `/api/webhooks/${webhook.id}/deliveries`)).deliveries;
await call("POST", "/api/test-clock/advance", { seconds: 5 * 60 });
for (const { event_type, status, attempts } of await deliveries()) console.log(event_type, status, attempts);

await call("POST", "/api/test-clock/advance", { seconds: 4 * 24 * 60 * 60 });
const [{ status, attempts }] = await deliveries();
await call("DELETE", `/api/webhooks/${webhook.id}`);
return `${status} after ${attempts.length} attempts`;
