"""The HTTP API, for curl and any language: JSON in, JSON out, errors as `{"detail": "..."}` with a status that fits."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from qa import ArticleQAError, IndexBusy, QuestionError
from ui import uploads
from ui.api import Api, NoArticle
from ui.rates import TooMany
from ui.turns import Busy, Stopping

_STATUS = {QuestionError: 400, NoArticle: 404, TooMany: 429, Busy: 503, Stopping: 503, IndexBusy: 503}


class WrongType(ArticleQAError):
    """A body of a kind that the endpoint does not read."""


class _Limits(BaseModel):
    model_config = ConfigDict(extra="forbid")

    k: int | None = None
    since: str | None = None
    until: str | None = None
    source: str | list[str] | None = None
    articles: list[str] | None = None


class _Question(_Limits):
    question: str


class _Search(_Limits):
    query: str


class _Added(BaseModel):
    model_config = ConfigDict(extra="forbid")

    urls: list[str] = []
    articles: list[dict[str, Any]] = []


def rest(api: Api, *, max_file_bytes: int) -> APIRouter:
    """The routes of the HTTP API."""
    router = APIRouter(prefix="/api")

    @router.post("/ask")
    def ask(asked: _Question) -> dict[str, Any]:
        """Answer a question: the object of `qa ask --json`."""
        return api.ask(**asked.model_dump())

    @router.post("/search")
    def search(asked: _Search) -> dict[str, Any]:
        """The nearest passages, best first."""
        return api.search(**asked.model_dump())

    @router.get("/articles")
    def articles(text: str = "", limit: Annotated[int, Query()] = 50, offset: int = 0) -> dict[str, Any]:
        """The articles, the latest first."""
        return api.list_articles(text, limit, offset)

    @router.get("/articles/{article_id}")
    def article(article_id: str) -> dict[str, Any]:
        """One article with its text."""
        return api.get_article(article_id)

    @router.delete("/articles/{article_id}")
    def remove(article_id: str) -> dict[str, Any]:
        """Remove an article."""
        return api.remove_article(article_id)

    @router.post("/index")
    async def index(request: Request) -> dict[str, Any]:
        """Add articles: files in a form, or `urls` and `articles` in JSON."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/json":
            try:
                added = _Added.model_validate_json(await request.body())
            except ValidationError as error:
                raise RequestValidationError(error.errors()) from error
            return await run_in_threadpool(api.add, **added.model_dump())
        if kind != "multipart/form-data":
            raise WrongType("send application/json with urls or articles, or files as multipart/form-data")
        with tempfile.TemporaryDirectory(dir=uploads.receiving_folder()) as folder:
            files = await _receive(request, Path(folder), max_file_bytes)
            return await run_in_threadpool(api.add, files=files)

    return router


async def _receive(request: Request, folder: Path, max_bytes: int) -> list[str]:
    """The files of a form, each kept under its own name."""
    paths: list[str] = []
    async with request.form(max_files=uploads.MAX_FILES, max_fields=10) as form:
        sent = [file for file in form.getlist("files") if isinstance(file, UploadFile)]
        for number, file in enumerate(sent):
            name = uploads.safe_name(file.filename or "article")
            if (file.size or 0) > max_bytes:
                raise QuestionError(f"{name} has more than {max_bytes / 1e6:g} MB. Raise --max-file-mb to allow it")
            path = folder / str(number) / name
            path.parent.mkdir()
            path.write_bytes(await file.read())
            paths.append(str(path))
    if not paths:
        raise QuestionError("the form has no files. Send them as: -F files=@story.txt")
    return paths


def add_errors(app: FastAPI) -> None:
    """Say errors in words."""

    @app.exception_handler(ArticleQAError)
    async def known(_: Request, error: ArticleQAError) -> JSONResponse:
        status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
        seconds = error.seconds if isinstance(error, TooMany) else 2 if status == 503 else None
        return _error(str(error), status, {"retry-after": str(seconds)} if seconds else None)

    @app.exception_handler(WrongType)
    async def wrong_type(_: Request, error: WrongType) -> JSONResponse:
        return _error(str(error), 415)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        return _error(f"{where or 'the body'}: {first['msg'].lower()}", 422)


def _error(detail: str, status: int, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"detail": detail}, status, headers)
