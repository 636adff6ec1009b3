const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };

async function batch(method, content) {
  const body = JSON.stringify(content);
  const response = await fetch(`${base}/api/v1/contacts/batch`, { method, headers, body });
  return response.json();
}

const contacts = [
  { name: "Ada Lovelace", email: `ada.${Date.now()}@analytical-engines.example`, company: "Analytical Engines" },
  { name: "", email: "nobody@analytical-engines.example" },
];
const options = { skip_duplicates: true, send_welcome_email: false };
const answer = await batch("POST", { operation: "create", contacts, options });
console.log("created:", answer.created);

// the status was 200: what became of each contact stands inside
for (const { index, code, message } of answer.errors) console.log(contacts[index], code, message);

const updates = [{ id: 123, company: "New Company Name" }, { id: 124, tags: ["premium", "enterprise"] }];
return batch("PATCH", { operation: "update", updates });
