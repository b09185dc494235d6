"""The fake's Mistral API, through the official Mistral SDK."""

import httpx2
import pytest
from conftest import PROMPT, URL, Note, calls, is_told
from mistralai.client import Mistral
from mistralai.client.errors import HTTPValidationError, MistralError, SDKError
from mistralai.client.utils import BackoffStrategy, RetryConfig

MODEL = "mistral-small-latest"
SAY = {"messages": [{"role": "user", "content": PROMPT}]}
SPOKEN = "The day began so: I walked to the lake this morning."


def client(key="fake", retries=None, timeout_ms=20_000):
    return Mistral(
        api_key=key, server_url=f"{URL}/mistral", retry_config=retries, timeout_ms=timeout_ms
    )


def told(events):
    return "".join(event.data.choices[0].delta.content or "" for event in events)


def test_plain():
    answer = client().chat.complete(model=MODEL, **SAY)
    assert answer.choices[0].message.content == SPOKEN and answer.choices[0].finish_reason == "stop"
    assert answer.usage.completion_tokens == 13 and answer.usage.total_tokens > 13


@pytest.mark.parametrize("name", [None, "odd_framing"])
def test_stream(fault, name):
    if name:
        fault(name)
    with client().chat.stream(model=MODEL, **SAY) as stream:
        events = list(stream)
    assert told(events) == SPOKEN
    last = events[-1].data
    assert last.choices[0].finish_reason == "stop" and last.usage.completion_tokens == 13
    assert all(event.data.usage is None for event in events[:-1])


def test_parse():
    answer = client().chat.parse(Note, model=MODEL, **SAY)
    assert is_told(answer.choices[0].message.parsed)


def test_parse_stream():
    with client().chat.parse_stream(Note, model=MODEL, **SAY) as stream:
        assert is_told(Note.model_validate_json(told(stream)))


def test_tool():
    function = {"name": "note", "parameters": Note.model_json_schema()}
    asked = {"tools": [{"type": "function", "function": function}], "tool_choice": "any"}
    answer = client().chat.complete(model=MODEL, **asked, **SAY)
    with client().chat.stream(model=MODEL, **asked, **SAY) as stream:
        streamed = [event.data.choices[0] for event in stream]
    assert answer.choices[0].finish_reason == streamed[-1].finish_reason == "tool_calls"
    calls = [answer.choices[0].message.tool_calls, streamed[-1].delta.tool_calls]
    for (call,) in calls:
        assert is_told(Note.model_validate_json(call.function.arguments))


@pytest.mark.parametrize(
    "name, status",
    [
        ("unauthorized", 401),
        ("forbidden", 403),
        ("model_not_found", 400),
        ("context_length", 400),
        ({"rate_limited": "seconds"}, 429),
        ("insufficient_quota", 429),
        ("overloaded", 429),
        ("server_error", 500),
        ("bad_gateway", 502),
        ("unavailable", 503),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_errors(fault, name, status, stream):
    fault(name)
    chat = client().chat
    with pytest.raises(SDKError) as raised:
        (chat.stream if stream else chat.complete)(model=MODEL, **SAY)
    assert raised.value.status_code == status


def test_wrong_key():
    with pytest.raises(MistralError) as raised:
        client(key="wrong").chat.complete(model=MODEL, **SAY)
    assert raised.value.status_code == 401


@pytest.mark.parametrize("form", ["date", "millis", "fraction", "none"])
def test_a_limited_call_is_tried_again(fault, form):
    fault({"rate_limited": form})
    backoff = BackoffStrategy(50, 100, 1.5, 5_000)
    answer = client(retries=RetryConfig("backoff", backoff, False)).chat.complete(model=MODEL, **SAY)
    assert answer.choices[0].message.content == SPOKEN and calls()["count"] == 2


@pytest.mark.parametrize("model", ["m@hang", "m@hang_mid_stream", "m@slow_first_token:5000"])
@pytest.mark.parametrize("stream", [False, True])
def test_timeouts(model, stream):
    chat = client(timeout_ms=500).chat
    with pytest.raises(httpx2.TimeoutException):
        list((chat.stream if stream else chat.complete)(model=model, **SAY))


@pytest.mark.parametrize("model", ["m@cut_before_headers", "m@cut_stream"])
@pytest.mark.parametrize("stream", [False, True])
def test_cuts(model, stream):
    chat = client().chat
    with pytest.raises(httpx2.TransportError):
        list((chat.stream if stream else chat.complete)(model=model, **SAY))


def test_thinking(fault):
    fault("thinking", 2)
    chunks = client().chat.complete(model=MODEL, **SAY).choices[0].message.content
    assert [chunk.type for chunk in chunks] == ["thinking", "text"] and chunks[1].text == SPOKEN
    with client().chat.stream(model=MODEL, **SAY) as stream:
        contents = [event.data.choices[0].delta.content for event in stream]
    assert "".join(content for content in contents if isinstance(content, str)) == SPOKEN
    assert any(isinstance(content, list) for content in contents)


def test_what_nobody_knows_is_borne(fault):
    fault("unknown_values")
    assert client().chat.complete(model=MODEL, **SAY).choices[0].finish_reason == "ran_out_of_ink"


def test_ends(fault):
    for name, finish in [("length_cut", "length"), ("content_filter", "error")]:
        fault(name)
        assert client().chat.complete(model=MODEL, **SAY).choices[0].finish_reason == finish
    fault("empty_choices")
    assert client().chat.complete(model=MODEL, **SAY).choices == []


def test_bad_requests():
    with pytest.raises(HTTPValidationError) as raised:
        client().chat.complete(model=MODEL, messages=SAY["messages"], response_format={"type": "yaml"})
    assert raised.value.data.detail[0].type == "enum"
