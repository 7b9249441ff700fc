"""Why a rendering cannot be planned or does not finish.

    RenderError
    ├── PlanError            the plan is refused before any work, permanent
    │   ├── MissingMedia       missing_media
    │   ├── MediaFactsUnknown  media_facts_unknown
    │   ├── UnsupportedMedia   unsupported_media
    │   ├── SourceOutOfRange   source_out_of_range
    │   ├── BadCrop            bad_crop
    │   ├── BadOutput          bad_output
    │   └── EmptyTimeline      empty_timeline
    ├── Canceled             canceled
    ├── SourceUnreadable     source_unreadable, permanent: the file is not what its facts say
    ├── TransferFailed       transfer_failed, retryable
    ├── TransferRefused      transfer_refused, permanent: the signed address does not work
    ├── OutputInvalid        output_invalid, permanent: the finished file fails its own check
    ├── EngineCrashed        engine_crashed, retryable: the rendering process died
    ├── RendererUnavailable  renderer_unavailable, retryable
    ├── RendererMisconfigured renderer_misconfigured, permanent
    └── RenderTimedOut       render_timed_out, retryable

The class docstring is the message; `code` is stable; `details` is JSON.
"""

from typing import Any, ClassVar


class RenderError(Exception):
    """The rendering failed."""

    code: ClassVar[str] = "render_failed"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None, **details: Any) -> None:
        self.message = message or " ".join((type(self).__doc__ or "").split())
        self.details = details
        super().__init__(self.message, details)

    def as_dict(self) -> dict[str, Any]:
        """The form that travels between processes and into a job's record."""
        return {"code": self.code, "message": self.message, "retryable": self.retryable, "details": self.details}


class PlanError(RenderError):
    """The timeline cannot be rendered as it is."""

    code = "plan_refused"


class MissingMedia(PlanError):
    """A clip has no media. Replace its media or disable the clip, then export again."""

    code = "missing_media"


class MediaFactsUnknown(PlanError):
    """The size, rate or duration of a clip's media is not known yet."""

    code = "media_facts_unknown"


class UnsupportedMedia(PlanError):
    """A clip's media is of a kind that the renderer does not draw yet."""

    code = "unsupported_media"


class SourceOutOfRange(PlanError):
    """A clip begins outside its media."""

    code = "source_out_of_range"


class BadCrop(PlanError):
    """A crop keyframe has no area or an unknown interpolation."""

    code = "bad_crop"


class BadOutput(PlanError):
    """The output size is not possible."""

    code = "bad_output"


class EmptyTimeline(PlanError):
    """The timeline has no clips, so there is nothing to render."""

    code = "empty_timeline"


class Canceled(RenderError):
    """The rendering was canceled."""

    code = "canceled"


class SourceUnreadable(RenderError):
    """A source file cannot be decoded, or is not what its facts say."""

    code = "source_unreadable"


class TransferFailed(RenderError):
    """A source could not be fetched or the result not be stored."""

    code = "transfer_failed"
    retryable = True


class TransferRefused(RenderError):
    """A source may not be fetched or the result not be stored: the signed address is wrong or has expired."""

    code = "transfer_refused"


class OutputInvalid(RenderError):
    """The finished file did not pass its check."""

    code = "output_invalid"


class EngineCrashed(RenderError):
    """The rendering process died."""

    code = "engine_crashed"
    retryable = True


class RendererUnavailable(RenderError):
    """The renderer cannot be reached at the moment."""

    code = "renderer_unavailable"
    retryable = True


class RendererMisconfigured(RenderError):
    """The renderer refuses our credentials, or is not deployed."""

    code = "renderer_misconfigured"


class RenderTimedOut(RenderError):
    """The rendering took longer than allowed."""

    code = "render_timed_out"
    retryable = True
