"""Errors of the service that are not refusals of a gesture.

    ServiceError
    ├── Unauthenticated      401   who are you
    ├── Forbidden            403   you may not
    ├── NotFound             404   it is not there, or not yours
    ├── Conflict             409   it is in another state than you think
    ├── Invalid              422   the request is wrong in itself
    ├── TooLarge             413
    ├── RateLimited          429   retryable
    └── Unavailable          503   retryable

The class docstring is the message; `code` is stable and goes to the wire; `details` is JSON.
"""

from typing import Any, ClassVar


class ServiceError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None, *, code: str | None = None, **details: Any) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.stable_code = code or type(self).code
        self.details = details
        super().__init__(self.message)


class Unauthenticated(ServiceError):
    """The request carries no valid credentials. Send `Authorization: Bearer <token>`."""

    code = "unauthenticated"
    status = 401


class Forbidden(ServiceError):
    """Your role does not allow this."""

    code = "forbidden"
    status = 403


class NotFound(ServiceError):
    """There is no such thing, or it is not yours."""

    code = "not_found"
    status = 404


class Conflict(ServiceError):
    """It is not in the state that the request needs."""

    code = "conflict"
    status = 409


class Invalid(ServiceError):
    """The request is wrong in itself."""

    code = "invalid"
    status = 422


class TooLarge(ServiceError):
    """The request body is larger than this endpoint takes."""

    code = "too_large"
    status = 413


class RateLimited(ServiceError):
    """Too many requests; `details` or the Retry-After header say how long to wait."""

    code = "rate_limited"
    status = 429
    retryable = True


class Unavailable(ServiceError):
    """The service cannot answer at the moment; try again."""

    code = "unavailable"
    status = 503
    retryable = True
