// node openai.mjs URL MODEL: what OpenAI's own client for JavaScript gets from the server, as one line of JSON.
import OpenAI, { BadRequestError, NotFoundError } from 'openai';

const [url, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
const greedy = { model, temperature: 0, max_tokens: 8 };
const messages = [{ role: 'user', content: 'the quiz' }];

const models = [];
for await (const entry of client.models.list()) models.push(entry.id);

const completion = await client.completions.create({ ...greedy, prompt: 'the', logprobs: 2 });
let streamed = '';
let usage = null;
for await (const event of await client.completions.create({ ...greedy, prompt: 'the', stream: true, stream_options: { include_usage: true } })) {
  streamed += event.choices[0]?.text ?? '';
  usage = event.usage ?? usage;
}

const chat = await client.chat.completions.create({ ...greedy, messages, logprobs: true, top_logprobs: 2 });
const runner = client.chat.completions.stream({ ...greedy, messages });
const chatStreamed = (await runner.finalChatCompletion()).choices[0].message.content;

// Leaving a stream of endless text closes its connection.
let pieces = 0;
for await (const _ of await client.completions.create({ ...greedy, prompt: 'the', max_tokens: 100, ignore_eos: true, stream: true })) {
  if (++pieces === 3) break;
}

async function refused(kind, request) {
  try {
    await request;
  } catch (error) {
    if (error instanceof kind) return { status: error.status, param: error.param, type: error.type, code: error.code };
    throw error;
  }
  throw new Error('not refused');
}
const badValue = await refused(BadRequestError, client.completions.create({ model, prompt: 'a', temperature: -1 }));
const badRole = await refused(BadRequestError, client.chat.completions.create({ model, messages: [{ role: 'wizard', content: 'a' }] }));
const unknownModel = await refused(NotFoundError, client.completions.create({ model: 'nobody', prompt: 'a' }));

console.log(JSON.stringify({
  models, text: completion.choices[0].text, logprobs: completion.choices[0].logprobs.token_logprobs, streamed, usage,
  chat: chat.choices[0].message.content, chatLogprobs: chat.choices[0].logprobs.content.map(entry => entry.logprob), chatStreamed, pieces,
  badValue, badRole, unknownModel,
}));
