"""The fake's OpenAI and local APIs, through the official OpenAI SDK."""

import openai
import pytest
from conftest import PROMPT, URL, Note, calls, is_told, post

MODEL = "gpt-5.4-mini"
SAY = {"messages": [{"role": "user", "content": PROMPT}]}
SPOKEN = "The day began so: I walked to the lake this morning."


def client(api="openai", **options):
    settings = {"api_key": "sk-fake", "max_retries": 0, "timeout": 20} | options
    return openai.OpenAI(base_url=f"{URL}/{api}/v1", **settings)


@pytest.fixture(params=["openai", "local"])
def api(request):
    return request.param


def test_plain(api):
    answer = client(api).chat.completions.create(model=MODEL, **SAY)
    assert answer.choices[0].message.content == SPOKEN
    assert answer.choices[0].finish_reason == "stop"
    assert answer.object == "chat.completion"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.completion_tokens == -(-len(SPOKEN) // 4)


def test_stream(api):
    usage = {"include_usage": True}
    with client(api).chat.completions.create(
        model=MODEL, stream=True, stream_options=usage, **SAY
    ) as stream:
        chunks = list(stream)
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == SPOKEN
    assert chunks[0].choices[0].delta.role == "assistant"
    assert len({c.id for c in chunks}) == 1
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == -(-len(SPOKEN) // 4)
    assert all(c.usage is None for c in chunks[:-1])


def test_stream_without_usage(api):
    chunks = list(client(api).chat.completions.create(model=MODEL, stream=True, **SAY))
    assert all(c.usage is None for c in chunks)


def test_parse(api):
    answer = client(api).chat.completions.parse(model=MODEL, response_format=Note, **SAY)
    assert is_told(answer.choices[0].message.parsed)


def test_parse_stream(api):
    with client(api).chat.completions.stream(model=MODEL, response_format=Note, **SAY) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert is_told(final.choices[0].message.parsed)
    assert {"chunk", "content.delta", "content.done"} <= kinds


def test_odd_framing(api, fault):
    fault("odd_framing")
    chunks = list(client(api).chat.completions.create(model=MODEL, stream=True, **SAY))
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == SPOKEN


def test_tool(api):
    tool = openai.pydantic_function_tool(Note, name="note")
    choice = {"type": "function", "function": {"name": "note"}}
    answer = client(api).chat.completions.parse(model=MODEL, tools=[tool], tool_choice=choice, **SAY)
    assert is_told(answer.choices[0].message.tool_calls[0].function.parsed_arguments)
    with client(api).chat.completions.stream(
        model=MODEL, tools=[tool], tool_choice=choice, **SAY
    ) as stream:
        final = stream.get_final_completion()
    assert is_told(final.choices[0].message.tool_calls[0].function.parsed_arguments)


def test_headers():
    raw = client().chat.completions.with_raw_response.create(model=MODEL, **SAY)
    assert raw.headers["x-ratelimit-remaining-requests"] == "499"
    assert raw.request_id.startswith("req_")
    assert raw.parse().service_tier == "default"


def test_models(api):
    assert [model.object for model in client(api).models.list()] == ["model"]


OPENAI_ERRORS = [
    ("unauthorized", openai.AuthenticationError, "invalid_api_key"),
    ("forbidden", openai.PermissionDeniedError, "unsupported_country_region_territory"),
    ("model_not_found", openai.NotFoundError, "model_not_found"),
    ("context_length", openai.BadRequestError, "context_length_exceeded"),
    ({"rate_limited": "seconds"}, openai.RateLimitError, "rate_limit_exceeded"),
    ("insufficient_quota", openai.RateLimitError, "insufficient_quota"),
    ("server_error", openai.InternalServerError, None),
    ("bad_gateway", openai.InternalServerError, None),
    ("unavailable", openai.InternalServerError, None),
    ("overloaded", openai.InternalServerError, None),
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name, error, code", OPENAI_ERRORS)
def test_errors(fault, name, error, code, stream):
    fault(name)
    with pytest.raises(error) as raised:
        client().chat.completions.create(model=MODEL, stream=stream, **SAY)
    assert raised.value.code == code
    if name != "bad_gateway":
        assert raised.value.request_id.startswith("req_") and raised.value.body["message"]


@pytest.mark.parametrize("name, error, _", OPENAI_ERRORS)
def test_local_errors(fault, name, error, _):
    fault(name)
    with pytest.raises(error) as raised:
        client("local").chat.completions.create(model=MODEL, **SAY)
    if name != "bad_gateway":
        assert raised.value.body["message"] and int(raised.value.code) == raised.value.status_code


def test_wrong_key(api):
    with pytest.raises(openai.AuthenticationError):
        client(api, api_key="sk-wrong").chat.completions.create(model=MODEL, **SAY)
    assert "sk-wrong" not in str(calls())


@pytest.mark.parametrize("form", ["date", "millis", "fraction", "none", "garbage", "past_date"])
def test_a_limited_call_is_tried_again(fault, form):
    fault({"rate_limited": form})
    answer = client(max_retries=1).chat.completions.create(model=MODEL, **SAY)
    assert answer.choices[0].message.content == SPOKEN and calls()["count"] == 2


def test_an_absurd_wait_is_not_waited_for(fault):
    fault({"rate_limited": "absurd"})
    with pytest.raises(openai.RateLimitError) as raised:
        client(max_retries=1).chat.completions.create(model=MODEL, **SAY)
    assert raised.value.response.headers["retry-after"] == "31536000" and calls()["count"] == 1


@pytest.mark.parametrize("model", ["m@hang", "m@hang_mid_stream", "m@slow_first_token:5000"])
@pytest.mark.parametrize("stream", [False, True])
def test_timeouts(api, model, stream):
    with pytest.raises(openai.APITimeoutError):
        answer = client(api, timeout=0.5).chat.completions.create(model=model, stream=stream, **SAY)
        list(answer)


@pytest.mark.parametrize("model", ["m@cut_before_headers", "m@cut_stream"])
@pytest.mark.parametrize("stream", [False, True])
def test_cuts(api, model, stream):
    with pytest.raises(openai.APIConnectionError) as raised:
        list(client(api).chat.completions.create(model=model, stream=stream, **SAY))
    assert not isinstance(raised.value, openai.APITimeoutError)


def test_an_error_inside_a_stream(api, fault):
    fault("overloaded_mid_stream")
    heard = []
    with pytest.raises(openai.APIError) as raised:
        for chunk in client(api).chat.completions.create(model=MODEL, stream=True, **SAY):
            heard.append(chunk)
    assert heard and raised.value.type == "server_error"


def test_no_json(api, fault):
    fault("malformed_body", 2)
    with pytest.raises(Exception) as raised:
        list(client(api).chat.completions.create(model=MODEL, stream=True, **SAY))
    assert "JSON" in type(raised.value).__name__
    with pytest.raises(Exception) as raised:
        client(api).chat.completions.create(model=MODEL, **SAY)
    assert "JSON" in type(raised.value).__name__


def test_refusal(fault):
    fault("refusal", 2)
    answer = client().chat.completions.parse(model=MODEL, response_format=Note, **SAY)
    message = answer.choices[0].message
    assert message.parsed is None and message.content is None and message.refusal.startswith("I'm")
    with client().chat.completions.stream(model=MODEL, response_format=Note, **SAY) as stream:
        kinds = {event.type for event in stream}
        message = stream.get_final_completion().choices[0].message
    assert "refusal.delta" in kinds and message.refusal.startswith("I'm sorry")


def test_length_and_filter(api, fault):
    fault("length_cut")
    with pytest.raises(openai.LengthFinishReasonError):
        client(api).chat.completions.parse(model=MODEL, response_format=Note, **SAY)
    fault("content_filter")
    with pytest.raises(openai.ContentFilterFinishReasonError):
        client(api).chat.completions.parse(model=MODEL, response_format=Note, **SAY)
    with pytest.raises(openai.LengthFinishReasonError):
        client(api).chat.completions.parse(
            model=MODEL, response_format=Note, max_completion_tokens=5, **SAY
        )


@pytest.mark.parametrize("name", ["malformed_content", "fenced_content", "wrong_schema"])
def test_content_that_does_not_parse(api, fault, name):
    fault(name)
    with pytest.raises(ValueError):
        client(api).chat.completions.parse(model=MODEL, response_format=Note, **SAY)


@pytest.mark.parametrize("stream", [False, True])
def test_what_nobody_knows_is_borne(api, fault, stream):
    fault("unknown_values")
    answer = client(api).chat.completions.create(model=MODEL, stream=stream, **SAY)
    answers = list(answer) if stream else [answer]
    assert [a.choices[0].finish_reason for a in answers if a.choices][-1] == "ran_out_of_ink"
    assert answers[0].service_tier == "hyperspace"


def test_little_or_nothing(api, fault):
    fault("empty_choices")
    assert client(api).chat.completions.create(model=MODEL, **SAY).choices == []
    fault("empty_content")
    answer = client(api).chat.completions.create(model=MODEL, **SAY)
    assert answer.choices[0].message.content == ""
    fault("usage_missing")
    assert client(api).chat.completions.create(model=MODEL, **SAY).usage is None
    fault("end_early")
    chunks = list(client(api).chat.completions.create(model=MODEL, stream=True, **SAY))
    assert chunks and all(c.choices[0].finish_reason is None for c in chunks)


def test_thinking(fault):
    fault("thinking", 2)
    usage = client().chat.completions.create(model=MODEL, **SAY).usage
    assert usage.completion_tokens_details.reasoning_tokens > 0
    message = client("local").chat.completions.create(model=MODEL, **SAY).choices[0].message
    assert message.reasoning_content.startswith("The speaker") and message.content == SPOKEN


@pytest.mark.parametrize(
    "more, param, code",
    [
        ({"extra_body": {"top_k": 3}}, "top_k", "unknown_parameter"),
        ({"messages": []}, "messages", "empty_array"),
        ({"max_tokens": 9}, "max_tokens", "unsupported_parameter"),
        ({"temperature": 0.2}, "temperature", "unsupported_value"),
        ({"response_format": {"type": "yaml"}}, "response_format.type", "invalid_value"),
        ({"response_format": {"type": "json_object"}}, "messages", None),
        ({"stream_options": {"include_usage": True}}, "stream_options", None),
    ],
)
def test_bad_requests(more, param, code):
    with pytest.raises(openai.BadRequestError) as raised:
        client().chat.completions.create(**({"model": MODEL} | SAY | more))
    assert (raised.value.param, raised.value.code) == (param, code)


def test_a_schema_outside_strict_mode():
    schema = {"type": "object", "properties": {"title": {"type": "string"}}}
    wanted = {"name": "note", "strict": True, "schema": schema}
    with pytest.raises(openai.BadRequestError) as raised:
        client().chat.completions.create(
            model=MODEL, response_format={"type": "json_schema", "json_schema": wanted}, **SAY
        )
    assert raised.value.param == "response_format"
    assert "'additionalProperties' is required to be supplied and to be false" in str(raised.value)


def test_a_scripted_answer(api):
    post("/_script", {"answer": {"title": "Mine"}})
    answer = client(api).chat.completions.create(model=MODEL, **SAY)
    assert answer.choices[0].message.content == '{"title":"Mine"}'
