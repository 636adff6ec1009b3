"""First cells of the generated notebooks: a small backend, so that the widgets' tests stand on no lesson."""

BACKEND = """
import time, requests
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from course_support.server import serve

WANTED = "Bearer ada-secret"

async def playlists(request):
    if request.headers.get("authorization") != WANTED:
        return JSONResponse({"title": "Unauthorized"}, 401, {"WWW-Authenticate": "Bearer"})
    return JSONResponse({"playlists": [{"id": 1, "name": "Workout Mix", "songs": 12}]})

async def playlist(request):
    if request.method == "DELETE":
        return Response(status_code=204)
    return JSONResponse({"id": request.path_params["id"], **await request.json()})

async def talk(socket):
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)

app = Starlette(routes=[
    WebSocketRoute("/talk", talk),
    Route("/api/v1/playlists", playlists, methods=["GET", "POST"]),
    Route("/api/v1/playlists/{id:int}", playlist, methods=["PUT", "DELETE"]),
])
app.state.name = "small"
app.state.credentials = {"ada": "ada-secret", "eve": "eve-secret"}
backend = serve(app)
session = requests.Session()

def get(n=1, path="/api/v1/playlists", pause=0.0):
    for _ in range(n):
        session.get(backend.url + path, headers={"Authorization": WANTED})
        time.sleep(pause)
"""
