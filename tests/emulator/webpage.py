"""Web page: serves the files of `page/`, and nothing from elsewhere."""

from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).with_name("page")
# The browser itself enforces these.
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'"


async def _index(_: web.Request) -> web.FileResponse:
    return web.FileResponse(FOLDER / "index.html")


async def _guard(request: web.Request, response: web.StreamResponse) -> None:
    if not request.path.startswith("/api/"):
        response.headers["Content-Security-Policy"] = POLICY
        # The browser asks every time, so a new version shows at once and an unchanged one is not sent again.
        response.headers["Cache-Control"] = "no-cache"


def add_to(application: web.Application) -> None:
    application.router.add_get("/", _index)
    application.router.add_static("/page", FOLDER)
    application.on_response_prepare.append(_guard)
