const isbn = "9780000000019";
const headers = { Authorization: `Bearer ${token}` };

const post = (path, body, fields) => fetch(base + path, { method: "POST", headers: { ...headers, ...fields }, body });

async function postJson(path, content) {
  const response = await post(path, JSON.stringify(content), { "Content-Type": "application/json" });
  return response.json();
}

const updates = [{ isbn, stock: Math.floor(Math.random() * 100), note: "counted in a page" }];
console.log(await postJson("/api/v1/books/batch", { operation: "update", updates }));

const rest = await (await fetch(`${base}/api/v1/books/${isbn}`, { headers })).json();

const query = "query ($isbn: String!) { book(isbn: $isbn) { stock } }";
const graphql = await postJson("/graphql", { query, variables: { isbn } });

const envelope = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
  <GetBook xmlns="http://bookshop.example/stock-service"><isbn>${isbn}</isbn></GetBook>
</s:Body></s:Envelope>`;
const answer = await post("/soap", envelope, { "Content-Type": "text/xml", SOAPAction: '"GetBook"' });
const document = new DOMParser().parseFromString(await answer.text(), "text/xml");
const soap = document.getElementsByTagNameNS("*", "stock")[0];

return { REST: rest.stock, GraphQL: graphql.data.book.stock, SOAP: Number(soap.textContent) };
