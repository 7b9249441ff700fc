"""Errors on the wire: one envelope, stable codes, nothing of what was sent.

{"error": {"code", "message", "details", "correlation_id", "retryable"}}
"""

from http import HTTPStatus
from typing import Annotated, Any, Final

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from timeline_service.api import shell
from timeline_service.kit import errors, expected

RETRY_AFTER_S: Final = "1"
MAX_PROBLEMS: Final = 20

log = structlog.get_logger(__name__)


class RouteMissing(errors.NotFound):
    """There is no such address."""

    code = "route_missing"


class MethodNotAllowed(errors.ServiceError):
    """This address does not take this method."""

    code = "method_not_allowed"
    status = 405


class BadRequest(errors.ServiceError):
    """The request is not HTTP as it should be."""

    code = "bad_request"
    status = 400


# What Starlette and FastAPI refuse themselves.
_FRAMEWORK: Final[dict[int, type[errors.ServiceError]]] = {
    404: RouteMissing,
    405: MethodNotAllowed,
    413: errors.TooLarge,
}


class ErrorDetail(BaseModel):
    """What went wrong. `code` is stable; `message` is for people and may change."""

    model_config = ConfigDict(title="ErrorDetail")
    code: Annotated[str, Field(examples=["clip_missing"])]
    message: str
    details: dict[str, Any] = Field(default_factory=dict, description="what a program may act on, by code")
    correlation_id: str = Field(description="also in the X-Request-ID header and in the service's log")
    retryable: bool = Field(description="whether the same request may succeed a moment later")


class ErrorBody(BaseModel):
    """Every error has this body."""

    error: ErrorDetail


def body(error: errors.ServiceError, correlation_id: str) -> bytes:
    """The envelope of an error, encoded."""
    detail = {
        "code": error.stable_code,
        "message": error.message,
        "details": error.details,
        "correlation_id": correlation_id,
        "retryable": error.retryable,
    }
    return orjson.dumps({"error": detail}, default=str)


def response(error: errors.ServiceError, request: Request) -> Response:
    """The HTTP answer of an error."""
    headers = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if error.retryable:
        seconds = error.details.get("retry_after_s")
        headers["Retry-After"] = str(seconds) if seconds is not None else RETRY_AFTER_S
    content = body(error, shell.correlation_id(request.scope))
    return Response(content, error.status, headers, media_type="application/json")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: these, and what any route may answer."""
    return {status: {"model": ErrorBody, "description": HTTPStatus(status).phrase} for status in statuses}


def install(app: FastAPI) -> None:
    """Every error that leaves the app goes through here."""
    app.add_exception_handler(errors.ServiceError, _service_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)


async def _service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.ServiceError)
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("request_failed", code=error.stable_code, exc_info=error)
    return response(error, request)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = response(_FRAMEWORK.get(error.status_code, BadRequest)(), request)
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = [_problem(found) for found in error.errors()[:MAX_PROBLEMS]]
    return response(errors.Invalid("The request is not as this endpoint asks.", problems=problems), request)


def _problem(found: dict[str, Any]) -> dict[str, str]:
    """Where, which rule, what is expected. Not the message, nor the name of an unknown field: both may repeat input."""
    place = list(found["loc"])
    if found["type"] in {"extra_forbidden", "invalid_key"}:
        place = place[:-1]
    said = {"path": ".".join(str(part) for part in place), "problem": str(found["type"])}
    right = expected.words(found)
    return said if right is None else {**said, "expected": right}
