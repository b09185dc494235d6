"""The fake's Anthropic API, through the official Anthropic SDK."""

import anthropic
import pytest
from conftest import PROMPT, URL, Note, calls, is_told
from pydantic import ValidationError

MODEL = "claude-haiku-4-5"
SAY = {"max_tokens": 4000, "messages": [{"role": "user", "content": PROMPT}]}
SPOKEN = "The day began so: I walked to the lake this morning."


def client(**options):
    settings = {"api_key": "sk-ant-fake", "max_retries": 0, "timeout": 20} | options
    return anthropic.Anthropic(base_url=f"{URL}/anthropic", **settings)


def test_plain():
    message = client().messages.create(model=MODEL, **SAY)
    assert message.content[0].text == SPOKEN and message.stop_reason == "end_turn"
    assert message.usage.output_tokens == -(-len(SPOKEN) // 4)
    assert message.usage.input_tokens > 0 and message.usage.service_tier == "standard"
    assert message._request_id.startswith("req_")


def test_events_come_in_their_order():
    kinds = [event.type for event in client().messages.create(model=MODEL, stream=True, **SAY)]
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert set(kinds[2:-3]) == {"content_block_delta"}


@pytest.mark.parametrize("name", [None, "odd_framing", {"slow_tokens": 2}])
def test_stream(fault, name):
    if name:
        fault(name)
    with client().messages.stream(model=MODEL, **SAY) as stream:
        text = "".join(stream.text_stream)
        message = stream.get_final_message()
    assert text == SPOKEN == message.content[0].text
    assert message.stop_reason == "end_turn" and message.usage.output_tokens == 13


def test_parse():
    message = client().messages.parse(model=MODEL, output_format=Note, **SAY)
    assert is_told(message.parsed_output)
    assert calls()["calls"][0]["body"]["output_config"]["format"]["type"] == "json_schema"


def test_parse_stream():
    with client().messages.stream(model=MODEL, output_format=Note, **SAY) as stream:
        message = stream.get_final_message()
    assert is_told(message.parsed_output)


def tool(strict=True):
    schema = anthropic.transform_schema(Note)
    return {"name": "note", "description": "The note.", "input_schema": schema, "strict": strict}


@pytest.mark.parametrize("choice", [{"type": "tool", "name": "note"}, {"type": "any"}])
def test_tool(choice):
    asked = {"model": MODEL, "tools": [tool()], "tool_choice": choice}
    message = client().messages.create(**asked, **SAY)
    with client().messages.stream(**asked, **SAY) as stream:
        streamed = stream.get_final_message()
    for message in (message, streamed):
        assert message.stop_reason == "tool_use" and message.content[0].name == "note"
        assert is_told(Note.model_validate(message.content[0].input))


def test_headers():
    raw = client().messages.with_raw_response.create(model=MODEL, **SAY)
    for kind in ("requests", "tokens", "input-tokens", "output-tokens"):
        assert int(raw.headers[f"anthropic-ratelimit-{kind}-remaining"]) > 0
        assert raw.headers[f"anthropic-ratelimit-{kind}-reset"].endswith("Z")


def test_models():
    assert [model.id for model in client().models.list()] == [MODEL]


ERRORS = [
    ("unauthorized", anthropic.AuthenticationError, "authentication_error"),
    ("forbidden", anthropic.PermissionDeniedError, "permission_error"),
    ("model_not_found", anthropic.NotFoundError, "not_found_error"),
    ("context_length", anthropic.BadRequestError, "invalid_request_error"),
    ("insufficient_quota", anthropic.BadRequestError, "invalid_request_error"),
    ({"rate_limited": "seconds"}, anthropic.RateLimitError, "rate_limit_error"),
    ("overloaded", anthropic.OverloadedError, "overloaded_error"),
    ("server_error", anthropic.InternalServerError, "api_error"),
    ("bad_gateway", anthropic.InternalServerError, None),
    ("unavailable", anthropic.ServiceUnavailableError, "api_error"),
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name, error, kind", ERRORS)
def test_errors(fault, name, error, kind, stream):
    fault(name)
    with pytest.raises(error) as raised:
        client().messages.create(model=MODEL, stream=stream, **SAY)
    assert raised.value.type == kind
    if name != "bad_gateway":
        assert raised.value.request_id == raised.value.body["request_id"]


def test_wrong_key():
    with pytest.raises(anthropic.AuthenticationError) as raised:
        client(api_key="sk-ant-wrong").messages.create(model=MODEL, **SAY)
    assert raised.value.api_message == "invalid x-api-key"
    assert "sk-ant-wrong" not in str(calls())


@pytest.mark.parametrize("form", ["date", "millis", "fraction", "none", "garbage", "past_date"])
def test_a_limited_call_is_tried_again(fault, form):
    fault({"rate_limited": form})
    assert client(max_retries=1).messages.create(model=MODEL, **SAY).content[0].text == SPOKEN
    assert calls()["count"] == 2


@pytest.mark.parametrize("model", ["m@hang", "m@hang_mid_stream", "m@slow_first_token:5000"])
@pytest.mark.parametrize("stream", [False, True])
def test_timeouts(model, stream):
    # While a stream is read, this SDK lets the timeout of its HTTP client through.
    with pytest.raises(Exception) as raised:
        list(client(timeout=0.5).messages.create(model=model, stream=stream, **SAY))
    assert "Timeout" in type(raised.value).__name__


@pytest.mark.parametrize("model", ["m@cut_before_headers", "m@cut_stream"])
@pytest.mark.parametrize("stream", [False, True])
def test_cuts(model, stream):
    with pytest.raises(Exception) as raised:
        list(client().messages.create(model=model, stream=stream, **SAY))
    error = type(raised.value).__name__
    assert error in ("APIConnectionError", "RemoteProtocolError", "ReadError")


def test_overloaded_inside_a_stream(fault):
    fault("overloaded_mid_stream")
    heard = []
    with pytest.raises(anthropic.APIStatusError) as raised:
        for event in client().messages.create(model=MODEL, stream=True, **SAY):
            heard.append(event)
    assert heard and raised.value.type == "overloaded_error" and raised.value.status_code == 200


@pytest.mark.parametrize("name", ["refusal", "content_filter"])
def test_refusal(fault, name):
    fault(name, 2)
    message = client().messages.create(model=MODEL, **SAY)
    with client().messages.stream(model=MODEL, **SAY) as stream:
        streamed = stream.get_final_message()
    for message in (message, streamed):
        assert message.stop_reason == "refusal" and message.stop_details.type == "refusal"


def test_length(fault):
    fault("length_cut")
    assert client().messages.create(model=MODEL, **SAY).stop_reason == "max_tokens"
    short = SAY | {"max_tokens": 5}
    message = client().messages.create(model=MODEL, **short)
    assert message.stop_reason == "max_tokens" and message.usage.output_tokens == 5


@pytest.mark.parametrize("name", ["malformed_content", "fenced_content", "wrong_schema"])
def test_content_that_does_not_parse(fault, name):
    fault(name)
    with pytest.raises(ValidationError):
        client().messages.parse(model=MODEL, output_format=Note, **SAY)


@pytest.mark.parametrize("stream", [False, True])
def test_what_nobody_knows_is_borne(fault, stream):
    fault("unknown_values")
    if stream:
        with client().messages.stream(model=MODEL, **SAY) as stream:
            message = stream.get_final_message()
    else:
        message = client().messages.create(model=MODEL, **SAY)
    assert message.stop_reason == "ran_out_of_ink" and message.usage.service_tier == "hyperspace"
    assert [block.type for block in message.content] == ["hologram", "text"]


@pytest.mark.parametrize("stream", [False, True])
def test_thinking(fault, stream):
    fault("thinking")
    if stream:
        with client().messages.stream(model=MODEL, **SAY) as stream:
            message = stream.get_final_message()
    else:
        message = client().messages.create(model=MODEL, **SAY)
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert message.content[0].thinking.startswith("The speaker") and message.content[0].signature
    assert message.content[1].text == SPOKEN


def test_little_or_nothing(fault):
    fault("empty_choices")
    assert client().messages.create(model=MODEL, **SAY).content == []
    fault("empty_content")
    assert client().messages.create(model=MODEL, **SAY).content[0].text == ""
    fault("end_early")
    kinds = [event.type for event in client().messages.create(model=MODEL, stream=True, **SAY)]
    assert "message_start" in kinds and "message_stop" not in kinds


@pytest.mark.parametrize(
    "more, words",
    [
        ({"messages": []}, "messages: at least one message is required"),
        ({"messages": [{"role": "system", "content": "x"}]}, "top-level `system` parameter"),
        ({"max_tokens": 900_000, "stream": True}, "maximum allowed number of output tokens"),
        ({"extra_body": {"response_format": {}}}, "response_format: Extra inputs are not permitted"),
        ({"extra_body": {"temperature": 1}}, "temperature: Extra inputs are not permitted"),
        (
            {
                "model": "claude-opus-5",
                "extra_body": {"temperature": 0},
                "extra_headers": {"anthropic-version": "2023-06-01"},
            },
            "`temperature` is deprecated",
        ),
        ({"tool_choice": {"type": "any"}}, "may only be specified while providing tools"),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
            "output_config.format.schema: For 'object' type, 'additionalProperties'",
        ),
    ],
)
def test_bad_requests(more, words):
    with pytest.raises(anthropic.BadRequestError) as raised:
        client().messages.create(**({"model": MODEL} | SAY | more))
    assert words in raised.value.api_message
