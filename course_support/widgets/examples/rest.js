const playlists = `${base}/api/v1/playlists`;
const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };

const list = await fetch(`${playlists}?limit=2`, { headers });
console.log(await list.json());

const body = JSON.stringify({ name: "Road Trip Hits", description: "Perfect songs for long drives" });
const created = await fetch(playlists, { method: "POST", headers, body });
if (!created.ok) return await created.json();
const playlist = base + created.headers.get("Location");
console.log(created.status, created.headers.get("Location"));

const name = JSON.stringify({ name: "Updated Playlist Name" });
const updated = await fetch(playlist, { method: "PUT", headers, body: name });
console.log(await updated.json());

const deleted = await fetch(playlist, { method: "DELETE", headers });
return deleted.status;
