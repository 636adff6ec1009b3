const Authorization = `Bearer ${token}`;
const headers = { Authorization, "Content-Type": "application/json" };

async function ask(query, variables) {
  const body = JSON.stringify({ query, variables });
  const response = await fetch(`${base}/graphql`, { method: "POST", headers, body });
  const { data, errors } = await response.json();
  if (errors) console.log(errors.map((error) => error.message));
  return data;
}

const eventId = "abc123";
const { event } = await ask(`query GetEvent($eventId: ID!) { event(id: $eventId) {
  name date location { address city coordinates }
  speakers { name bio photo sessions { title time } } attendeeCount } }`, { eventId });
console.log(event.name, "with", event.speakers.map((speaker) => speaker.name).join(", "));

// somebody registers while the subscription follows the number
const follow = "subscription Follow($eventId: ID!) { attendeeCount(eventId: $eventId) }";
const register = `mutation Register($input: RegisterAttendeeInput!) {
  registerAttendee(input: $input) { attendee { name } userErrors { code } } }`;
const input = { eventId, name: "Ada", email: `ada.${Date.now()}@example.com` };

const socket = new WebSocket(`${base}/graphql`, "graphql-transport-ws");
const send = (message) => socket.send(JSON.stringify(message));
const end = () => { send({ id: "1", type: "complete" }); socket.close(1000); };
let counts = 0;

socket.onopen = () => send({ type: "connection_init", payload: { Authorization } });
socket.onmessage = async ({ data }) => {
  const { type, payload } = JSON.parse(data);
  const subscription = { query: follow, variables: { eventId } };
  if (type === "connection_ack") send({ id: "1", type: "subscribe", payload: subscription });
  if (type !== "next") return;
  console.log("registered:", payload.data.attendeeCount);
  if (++counts === 2) return end();
  const answer = await ask(register, { input });
  if (!answer?.registerAttendee.attendee) end(); // refused: the number will not change
};
const { code } = await new Promise((resolve) => { socket.onclose = resolve; });
return `closed with ${code}`;
