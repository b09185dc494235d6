// The fake's OpenAI, local and Anthropic APIs, through the official SDKs for JavaScript.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

const url = process.env.FAKE_LLM_URL;
const messages = [{ role: 'user', content: '[3] I walked to the lake.\n[5] Call Anna.' }];
const spoken = 'The day began so: I walked to the lake.';
const options = { maxRetries: 0, timeout: 5000 };
const chat = (api, more) =>
  new OpenAI({ baseURL: `${url}/${api}/v1`, apiKey: 'sk-fake', ...options, ...more }).chat.completions;
const claude = (more) =>
  new Anthropic({ baseURL: `${url}/anthropic`, apiKey: 'sk-ant-fake', ...options, ...more }).messages;
const schema = {
  type: 'object', additionalProperties: false, required: ['text', 'segments'],
  properties: { text: { type: 'string' }, segments: { type: 'array', items: { type: 'integer' } } },
};
const note = { text: 'I walked to the lake.', segments: [3] };

for (const api of ['openai', 'local']) {
  const model = 'gpt-5.4-mini';
  const failing = (fault) => chat(api).create({ model: `${model}@${fault}`, messages });

  test(`${api}: plain, streamed and structured`, async () => {
    const plain = await chat(api).create({ model, messages });
    assert.equal(plain.choices[0].message.content, spoken);
    const stream = chat(api).stream({ model: `${model}@odd_framing`, messages, stream_options: { include_usage: true } });
    assert.equal(await stream.finalContent(), spoken);
    assert.equal((await stream.totalUsage()).completion_tokens, 10);
    const response_format = { type: 'json_schema', json_schema: { name: 'note', strict: true, schema } };
    const structured = await chat(api).create({ model, messages, response_format });
    assert.deepEqual(JSON.parse(structured.choices[0].message.content), note);
  });

  test(`${api}: errors have their classes`, async () => {
    await assert.rejects(failing('rate_limited:seconds'), OpenAI.RateLimitError);
    await assert.rejects(failing('unauthorized'), OpenAI.AuthenticationError);
    await assert.rejects(failing('forbidden'), OpenAI.PermissionDeniedError);
    await assert.rejects(failing('model_not_found'), OpenAI.NotFoundError);
    await assert.rejects(failing('context_length'), OpenAI.BadRequestError);
    await assert.rejects(failing('bad_gateway'), OpenAI.InternalServerError);
    await assert.rejects(failing('cut_before_headers'), OpenAI.APIConnectionError);
    const hanging = chat(api, { timeout: 300 }).create({ model: `${model}@hang`, messages });
    await assert.rejects(hanging, OpenAI.APIConnectionTimeoutError);
  });
}

test('anthropic: plain, streamed and structured', async () => {
  const model = 'claude-haiku-4-5';
  const plain = await claude().create({ model, messages, max_tokens: 99 });
  assert.equal(plain.content[0].text, spoken);
  const stream = claude().stream({ model: `${model}@odd_framing`, messages, max_tokens: 99 });
  assert.equal(await stream.finalText(), spoken);
  assert.equal((await stream.finalMessage()).usage.output_tokens, 10);
  const output_config = { format: { type: 'json_schema', schema } };
  const structured = await claude().create({ model, messages, max_tokens: 99, output_config });
  assert.deepEqual(JSON.parse(structured.content[0].text), note);
  const tools = [{ name: 'note', input_schema: schema, strict: true }];
  const tool_choice = { type: 'tool', name: 'note' };
  const called = claude().stream({ model, messages, max_tokens: 99, tools, tool_choice });
  assert.deepEqual((await called.finalMessage()).content[0].input, note);
});

test('anthropic: errors have their classes', async () => {
  const failing = (fault) => claude().create({ model: `claude-haiku-4-5@${fault}`, messages, max_tokens: 99 });
  await assert.rejects(failing('rate_limited:date'), Anthropic.RateLimitError);
  await assert.rejects(failing('unauthorized'), Anthropic.AuthenticationError);
  await assert.rejects(failing('forbidden'), Anthropic.PermissionDeniedError);
  await assert.rejects(failing('model_not_found'), Anthropic.NotFoundError);
  await assert.rejects(failing('context_length'), Anthropic.BadRequestError);
  await assert.rejects(failing('overloaded'), (error) => error.status === 529);
  await assert.rejects(failing('cut_before_headers'), Anthropic.APIConnectionError);
  const hanging = claude({ timeout: 300 }).create({ model: 'm@hang', messages, max_tokens: 99 });
  await assert.rejects(hanging, Anthropic.APIConnectionTimeoutError);
  const broken = claude().stream({ model: 'm@overloaded_mid_stream', messages, max_tokens: 99 });
  await assert.rejects(broken.finalMessage(), Anthropic.APIError);
});
