// node greedy.mjs FOLDER DTYPE PROMPT COUNT: the ids that transformers.js gives the prompt and the COUNT likeliest tokens after it, as one line of JSON.
import path from 'node:path';
import { AutoModelForCausalLM, AutoTokenizer, env } from '@huggingface/transformers';

const [folder, dtype, prompt, count] = process.argv.slice(2);
env.allowRemoteModels = false;
env.localModelPath = path.dirname(path.resolve(folder)) + path.sep;
const name = path.basename(folder);
const tokenizer = await AutoTokenizer.from_pretrained(name);
const model = await AutoModelForCausalLM.from_pretrained(name, { dtype, device: 'cpu' });
const inputs = tokenizer(prompt);
const output = await model.generate({ ...inputs, max_new_tokens: Number(count), do_sample: false });
const ids = tensor => Array.from(tensor.data, Number);
const length = inputs.input_ids.dims.at(-1);
console.log(JSON.stringify({
  prompt: ids(inputs.input_ids),
  tokens: ids(output).slice(length),
  text: tokenizer.batch_decode(output, { skip_special_tokens: true })[0],
}));
