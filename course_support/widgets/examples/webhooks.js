const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };

async function call(method, path, content) {
  const body = content && JSON.stringify(content);
  const response = await fetch(base + path, { method, headers, body });
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

const webhook = await call("POST", "/api/webhooks/register", {
  event_types: ["payment.completed", "payment.failed", "payment.disputed"],
  target_url: "https://yourstore.com/webhooks/payments",
  secret: "whsec_d2hhdCB0aGUgc2hvcCBhbmQgd2UgYWxvbmUga25vdyE=",
});
console.log(webhook);

const card = "4242424242424242";
const order = { order_id: "order-1", amount: "49.90", currency: "EUR", card };
const payment = await call("POST", "/api/payments", order);
console.log("the payment has", payment.status);

// a course reaches no public address: each attempt fails, until the delivery is given up
const minutes = (count) => call("POST", "/api/test-clock/advance", { seconds: 60 * count });
const log = `/api/webhooks/${webhook.id}/deliveries`;

await minutes(5);
for (const delivery of (await call("GET", log)).deliveries) console.log(delivery);

await minutes(4 * 24 * 60);
const [{ status, attempts }] = (await call("GET", log)).deliveries;
await call("DELETE", `/api/webhooks/${webhook.id}`);
return `${status} after ${attempts.length} attempts`;
