"""Spans by OpenTelemetry, where the standard OTEL_* variables ask for them; nothing of it is loaded otherwise.

A span has the names of routes, use cases and kinds of errors, ids that the log has too, and nothing else: no address,
header, body, statement or message. What a client says of its own trace is believed where a trusted proxy passes it on;
else the trace begins here and is linked to it, so that nobody outside decides what is recorded.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.util import Finalize
from typing import Any, Protocol

SERVICE = "scim-server"
WANTED = ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""Whoever sets one of these wants traces, unless it says none."""
EXPORTERS: Mapping[str, tuple[str, str]] = {
    "otlp": ("opentelemetry.exporter.otlp.proto.http.trace_exporter", "OTLPSpanExporter"),
    "console": ("opentelemetry.sdk.trace.export", "ConsoleSpanExporter"),
}
PARENT, STATE = "traceparent", "tracestate"

Value = str | int | bool
MakeProcessor = Callable[[], Any]


class Span(Protocol):
    """What happens between two moments."""

    def set_attribute(self, key: str, value: Value) -> None: ...

    def update_name(self, name: str) -> None: ...


class _Nothing:
    """The span of whoever is not traced."""

    def set_attribute(self, key: str, value: Value) -> None: ...

    def update_name(self, name: str) -> None: ...


class Untraceable(Exception):
    """The variables ask for what is not installed or not known; the message says so, in one sentence."""


_UNTRACED: AbstractContextManager[Span] = nullcontext(_Nothing())


def wanted(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the variables ask for traces."""
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    return any(environ.get(name) for name in WANTED) and environ.get("OTEL_TRACES_EXPORTER", "").lower() != "none"


def exporting(environ: Mapping[str, str] = os.environ) -> MakeProcessor:
    """What the variables ask for. Raises Untraceable."""
    named = environ.get("OTEL_TRACES_EXPORTER") or "otlp"
    if named not in EXPORTERS:
        raise Untraceable(f"OTEL_TRACES_EXPORTER is to be one of {', '.join(EXPORTERS)} or none.")
    module, name = EXPORTERS[named]
    try:
        exporter, processor = getattr(import_module(module), name), import_module("opentelemetry.sdk.trace.export")
    except ImportError as error:
        raise Untraceable("Traces need their libraries: pip install 'scim-server[tracing]'.") from error
    return lambda: processor.BatchSpanProcessor(exporter())


@dataclass
class _Tracing:
    """A provider for each process: its thread does not survive a fork."""

    make_processor: MakeProcessor
    providers: dict[int, Any] = field(default_factory=dict)
    api: Any = field(default_factory=lambda: import_module("opentelemetry.trace"))
    w3c: Any = field(
        default_factory=lambda: import_module(
            "opentelemetry.trace.propagation.tracecontext"
        ).TraceContextTextMapPropagator()
    )

    def tracer(self) -> Any:
        process = os.getpid()
        if process not in self.providers:
            self.providers = {process: self._provider()}
        return self.providers[process].get_tracer(SERVICE)

    def _provider(self) -> Any:
        sdk, resources = import_module("opentelemetry.sdk.trace"), import_module("opentelemetry.sdk.resources")
        named = {} if "OTEL_SERVICE_NAME" in os.environ else {"service.name": SERVICE}
        provider = sdk.TracerProvider(resource=resources.Resource.create(named))
        provider.add_span_processor(self.make_processor())
        # A worker made by multiprocessing ends without the handlers of atexit, which would send what is left.
        Finalize(provider, provider.shutdown, exitpriority=0)
        return provider

    @contextmanager
    def span(
        self, name: str, kind: str, attributes: Mapping[str, Value], said: Mapping[str, str] | None, *, trusted: bool
    ) -> Iterator[Span]:
        context, links = self._origin(said, trusted=trusted)
        opened = self.tracer().start_as_current_span(
            name,
            context,
            kind=self.api.SpanKind[kind],
            attributes=dict(attributes),
            links=links,
            record_exception=False,
            set_status_on_exception=False,
        )
        with opened as span:
            try:
                yield span
            except Exception as error:
                fail(span, type(error).__name__)
                raise

    def _origin(self, said: Mapping[str, str] | None, *, trusted: bool) -> tuple[Any, list[Any]]:
        """The context that a span stands in, None for that of the thread, and what it is linked to."""
        if not said:
            return None, []
        context = self.w3c.extract(dict(said))
        found = self.api.get_current_span(context).get_span_context()
        if not found.is_valid:
            return None, []
        return (context, []) if trusted else (None, [self.api.Link(found)])


class _State:
    tracing: _Tracing | None = None


def begin(make_processor: MakeProcessor) -> None:
    """Trace from now on; the processor is made in each process as it has its first span."""
    _State.tracing = _Tracing(make_processor)


def end() -> None:
    """Trace no more, and send what was not sent."""
    tracing, _State.tracing = _State.tracing, None
    for provider in tracing.providers.values() if tracing else ():
        provider.shutdown()


def is_on() -> bool:
    """Whether anything is traced."""
    return _State.tracing is not None


def span(
    name: str,
    kind: str = "INTERNAL",
    said: Mapping[str, str] | None = None,
    *,
    trusted: bool = False,
    **attributes: Value,
) -> AbstractContextManager[Span]:
    """A span for the block, in the one that is open. `said` are the headers of a request that it answers.

    Names of attributes have `__` for each dot.
    """
    if _State.tracing is None:
        return _UNTRACED
    dotted = {key.replace("__", "."): value for key, value in attributes.items()}
    return _State.tracing.span(name, kind, dotted, said, trusted=trusted)


def fail(span: Span, reason: str) -> None:
    """Say that what the span is of failed, and why in a word."""
    tracing = _State.tracing
    if tracing is not None:
        span.set_attribute("error.type", reason)
        span.set_status(tracing.api.Status(tracing.api.StatusCode.ERROR))  # type: ignore[attr-defined]


def outgoing() -> dict[str, str]:
    """The headers that let whoever is asked go on with the trace (W3C Trace Context): its ids, and nothing of ours."""
    headers: dict[str, str] = {}
    if _State.tracing is not None:
        _State.tracing.w3c.inject(headers)
        headers.pop(STATE, None)
    return headers


def ids() -> dict[str, str]:
    """The ids of the trace and the span that are open, as the log has them."""
    if _State.tracing is None:
        return {}
    found = _State.tracing.api.get_current_span().get_span_context()
    return {"trace_id": f"{found.trace_id:032x}", "span_id": f"{found.span_id:016x}"} if found.is_valid else {}
