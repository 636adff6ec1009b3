// The two ways to a document: by way of the kernel, whose websocket-client holds the WebSocket and passes on each message
// as it is, and from the page, by the browser's own WebSocket.

// JupyterLab's own base URL, which under a JupyterHub is /user/NAME/, or null where this page is no JupyterLab
function labUrl() {
  try {
    const { baseUrl } = JSON.parse(document.getElementById("jupyter-config-data").textContent);
    return new URL(baseUrl, location.href).href;
  } catch {
    return null;
  }
}

const ENDED = "the connection ended";

// what the kernel tells of an end, which begins with the close code if the service sent one
function ending(told) {
  const [, code, reason] = /^(\d{4})(?: (.*))?$/s.exec(told) ?? [];
  return code ? [reason || ENDED, Number(code)] : [told];
}

export function throughKernel(model) {
  return (target, events) => {
    const line = crypto.randomUUID();
    const listen = ({ line: of, type, value }) => {
      if (of === line) events[type](...(type === "closed" ? ending(value) : [value]));
    };
    const end = (type) => {
      model.off("msg:custom", listen);
      model.send({ line, type });
    };
    model.on("msg:custom", listen);
    model.send({ line, type: "open", value: target });
    return {
      send: (value) => model.send({ line, type: "send", value }),
      close: () => end("close"),
      drop: () => end("drop"),
    };
  };
}

// A browser lets no page set a field of the handshake: instead of a token it sends a ticket, got over HTTP.
async function ticket(base, token) {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(`${base}/api/v1/tickets`, { method: "POST", headers });
  if (!response.ok) throw new Error(`no ticket, the answer was ${response.status}`);
  return (await response.json()).ticket;
}

export function fromPage(model) {
  return (target, events) => {
    let socket = null;
    let over = false;
    const connect = async () => {
      if (!labUrl()) throw new Error("this page is not JupyterLab and has no way to the backend");
      const base = `${labUrl()}proxy/${model.get("port")}`;
      const url = new URL(base + target);
      url.protocol = url.protocol.replace("http", "ws");
      url.searchParams.set("ticket", await ticket(base, model.get("token")));
      if (over) return;
      socket = new WebSocket(url, "edit.v1");
      socket.onopen = () => events.opened();
      socket.onmessage = ({ data }) => events.message(data);
      // jupyter-server-proxy passes no code on: from behind it every end is 1005, and is taken for one to come back from
      socket.onclose = ({ code, reason }) => events.closed(reason || ENDED, code);
    };
    const end = () => {
      over = true;
      socket?.close();
    };
    connect().catch((error) => events.closed(error.message));
    return { send: (text) => socket.send(text), close: end, drop: end };
  };
}
