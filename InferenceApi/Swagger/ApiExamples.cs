namespace Factory.InferenceApi.Swagger;

/// <summary>Examples by operation. The tests send every request to a server.</summary>
internal static class ApiExamples
{
    /// <summary>Bodies that the server takes.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<ApiExample>> Requests { get; } = new Dictionary<string, IReadOnlyList<ApiExample>>
    {
        ["generate"] =
        [
            new("Sampled", """{"prompt": "Once upon a time", "max_new_tokens": 64, "temperature": 0.8, "top_p": 0.95, "seed": 1}"""),
            new("Greedy", """{"prompt": "Once upon a time", "max_new_tokens": 64, "temperature": 0}"""),
            new("Until a blank line", """{"prompt": "ROMEO:\n", "top_k": 40, "min_p": 0.02, "repetition_penalty": 1.1, "stop": ["\n\n"]}"""),
            new("Streamed", """{"prompt": "Once upon a time", "max_new_tokens": 64, "stream": true}"""),
        ],
        ["eval"] =
        [
            new("A first look", """{"tasks": ["arc_easy", "winogrande"], "limit": 10}"""),
            new("With solved examples", """{"tasks": ["mmlu_philosophy"], "limit": 5, "num_fewshot": 5}"""),
        ],
        ["openai_completions"] =
        [
            new("Text", """{"model": "quickstart", "prompt": "Once upon a time", "max_tokens": 32, "temperature": 0}"""),
            new("Log-probabilities of a text", """{"model": "quickstart", "prompt": "Once upon a time", "max_tokens": 1, "echo": true, "logprobs": 1, "temperature": 0}"""),
            new("Streamed, two choices", """{"model": "quickstart", "prompt": "Once upon a time", "n": 2, "stream": true, "stream_options": {"include_usage": true}}"""),
        ],
        ["openai_chat"] =
        [
            new("A question", """{"model": "quickstart", "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who are you?"}], "max_completion_tokens": 32}"""),
            new("Streamed", """{"model": "quickstart", "messages": [{"role": "user", "content": "Tell me a story."}], "max_completion_tokens": 32, "stream": true}"""),
        ],
        ["tokenize"] = [new("With BOS", """{"prompt": "Once upon a time"}"""), new("As it is", """{"prompt": "Once upon a time", "add_special_tokens": false, "return_token_strs": true}""")],
        ["detokenize"] = [new("Tokens", """{"tokens": [1, 4, 5]}""")],
        ["score"] = [new("After a context, and alone", """{"items": [{"context": "The sky is", "continuation": " blue"}, {"continuation": "The sky is blue"}]}""")],
        ["load_model"] = [new("By name", """{"name": "small"}""")],
    };

    private static readonly Dictionary<string, IReadOnlyList<ApiExample>> Successes = new()
    {
        ["generate"] =
        [
            new("Whole", """
                {
                  "text": ", there was a little girl named Lily.",
                  "finish_reason": "length", "prompt_tokens": 5, "generated_tokens": 64, "seed": 1,
                  "timings": {"waiting": 0, "first_token": 0.0041, "total": 0.212, "tokens_per_second": 301.9}
                }
                """),
            new("Streamed", """
                event: text
                data: {"text":", there was"}

                event: text
                data: {"text":" a little girl"}

                event: end
                data: {"finish_reason":"length","prompt_tokens":5,"generated_tokens":64,"seed":1,"timings":{"waiting":0,"first_token":0.0041,"total":0.212,"tokens_per_second":301.9}}


                """, "text/event-stream"),
        ],
        ["eval"] =
        [
            new("Scores", """
                {
                  "format_version": 1, "date": "2026-01-31T12:00:00+00:00",
                  "model": {"name": "quickstart", "bundle_sha256": "9f2c…", "norm_scheme": "lns", "provider": "cpu", "tokenizer_sha256": "41ab…", "endpoint": null},
                  "data": "sample", "limit": 10, "shard": null, "samples": null,
                  "tasks": [{
                    "name": "arc_easy", "version": 1, "num_fewshot": 0, "n": 10,
                    "metrics": {
                      "acc": {"value": 0.3, "stderr": 0.1528, "higher_is_better": true},
                      "acc_norm": {"value": 0.4, "stderr": 0.1633, "higher_is_better": true}
                    },
                    "request_sha256": "77d0…", "data_sha256": {"arc/ARC-Easy-Test.jsonl": "0c1e…"}
                  }],
                  "groups": [], "packages": {"Factory": "0.1.0"}, "git_commit": null
                }
                """),
        ],
        ["models"] =
        [
            new("One model", """
                {
                  "models": [{
                    "name": "quickstart", "state": "ready", "reason": null,
                    "architecture": {"vocabulary_size": 2048, "hidden_size": 192, "intermediate_size": 512, "blocks": 8, "heads": 6, "key_value_heads": 6, "head_size": 32},
                    "parameters": 4328640, "norm_scheme": "lns", "precision": "fp32", "provider": "cpu", "context_length": 512, "content_hash": "9f2c…"
                  }]
                }
                """),
        ],
        ["openai_completions"] =
        [
            new("Whole", """
                {
                  "id": "cmpl-0f9c", "object": "text_completion", "created": 1769860800, "model": "quickstart",
                  "choices": [{"index": 0, "text": ", there was a little girl", "logprobs": null, "finish_reason": "length"}],
                  "usage": {"prompt_tokens": 5, "completion_tokens": 32, "total_tokens": 37}
                }
                """),
            new("Streamed", """
                data: {"id":"cmpl-0f9c","object":"text_completion","created":1769860800,"model":"quickstart","choices":[{"index":0,"text":", there","logprobs":null,"finish_reason":null}],"usage":null}

                data: [DONE]


                """, "text/event-stream"),
        ],
        ["openai_chat"] =
        [
            new("Whole", """
                {
                  "id": "chatcmpl-0f9c", "object": "chat.completion", "created": 1769860800, "model": "quickstart",
                  "choices": [{"index": 0, "message": {"role": "assistant", "content": "A small model.", "refusal": null}, "logprobs": null, "finish_reason": "stop"}],
                  "usage": {"prompt_tokens": 21, "completion_tokens": 5, "total_tokens": 26}
                }
                """),
            new("Streamed", """
                data: {"id":"chatcmpl-0f9c","object":"chat.completion.chunk","created":1769860800,"model":"quickstart","choices":[{"index":0,"delta":{"content":"A small"},"logprobs":null,"finish_reason":null}],"usage":null}

                data: [DONE]


                """, "text/event-stream"),
        ],
        ["eval_jobs"] = [new("One job", """
                {"jobs": [{
                  "id": "019c1f0e6f7b7c1f9d1f6a1b2c3d4e5f", "state": "running", "created": "2026-01-31T12:00:00+00:00", "finished": null, "attempts": 1,
                  "request": {"tasks": ["arc_easy"], "limit": 10, "num_fewshot": null, "wait": false, "model": null},
                  "progress": {"task": "arc_easy", "done": 12, "total": 40}, "tasks": [], "report": null, "error": null
                }]}
                """)],
        ["eval_job"] = [new("Running", """
                {
                  "id": "019c1f0e6f7b7c1f9d1f6a1b2c3d4e5f", "state": "running", "created": "2026-01-31T12:00:00+00:00", "finished": null, "attempts": 1,
                  "request": {"tasks": ["arc_easy"], "limit": 10, "num_fewshot": null, "wait": false, "model": null},
                  "progress": {"task": "arc_easy", "done": 12, "total": 40}, "tasks": [], "report": null, "error": null
                }
                """)],
        ["cancel_eval_job"] = [new("Running", """
                {
                  "id": "019c1f0e6f7b7c1f9d1f6a1b2c3d4e5f", "state": "running", "created": "2026-01-31T12:00:00+00:00", "finished": null, "attempts": 1,
                  "request": {"tasks": ["arc_easy"], "limit": 10, "num_fewshot": null, "wait": false, "model": null},
                  "progress": {"task": "arc_easy", "done": 12, "total": 40}, "tasks": [], "report": null, "error": null
                }
                """)],
        ["eval_job_events"] = [new("Events", """
                event: progress
                data: {"id":"019c1f0e6f7b7c1f9d1f6a1b2c3d4e5f","state":"running"}


                """, "text/event-stream")],
        ["openai_models"] = [new("One model", """{"object": "list", "data": [{"id": "quickstart", "object": "model", "created": 1769860800, "owned_by": "factory", "max_model_len": 512}]}""")],
        ["openai_model"] = [new("A model", """{"id": "quickstart", "object": "model", "created": 1769860800, "owned_by": "factory", "max_model_len": 512}""")],
        ["tokenize"] = [new("Tokens", """{"count": 3, "max_model_len": 512, "tokens": [1, 4, 5], "token_strs": null}""")],
        ["detokenize"] = [new("Text", """{"prompt": "Once upon"}""")],
        ["tokenizer_info"] =
        [
            new("A LLaMA's", """
                {
                  "tokenizer_class": "FactoryTokenizer", "model": "quickstart", "model_max_length": 512, "vocab_size": 2048,
                  "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": null, "add_bos_token": true, "chat_template": null
                }
                """),
        ],
        ["score"] = [new("Scores", """{"model": "quickstart", "scores": [{"log_likelihood": -2.31, "is_greedy": false, "tokens": 1}, {"log_likelihood": -14.7, "is_greedy": null, "tokens": 5}]}""")],
        ["load_model"] =
        [
            new("Loaded", """
                {
                  "name": "small", "state": "ready", "reason": null,
                  "architecture": {"vocabulary_size": 2048, "hidden_size": 192, "intermediate_size": 512, "blocks": 8, "heads": 6, "key_value_heads": 6, "head_size": 32},
                  "parameters": 4328640, "norm_scheme": "lns", "precision": "fp32", "provider": "cpu", "context_length": 512, "content_hash": "9f2c…"
                }
                """),
        ],
        ["live"] = [new("Live", """{"status": "live"}""")],
        ["ready"] = [new("Ready", """{"status": "ready"}""")],
    };

    /// <summary>What an operation may answer with a status.</summary>
    public static IReadOnlyList<ApiExample> Answers(string operation, string status) => status switch
    {
        "200" => Successes.GetValueOrDefault(operation, []),
        "202" => Successes["eval_job"],
        _ => [.. ApiProblems.For(operation, status)],
    };
}
