using System.Net;
using System.Text.Json;
using Factory.Core.Text;
using Factory.Runtime;

namespace Factory.InferenceApi.Tests;

/// <summary>/v1/completions against the runtime itself.</summary>
public sealed class OpenAiCompletionsTests(ModelFixture model)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TextTokenizer Tokenizer => model.Model.Bundle.Tokenizer!;

    private string Name => model.Model.Bundle.Name;

    [Fact]
    public async Task Texts_lists_and_ids_give_the_runtimes_continuations_in_order()
    {
        int[] ids = Tokenizer.Encode("the hound", addBos: true);
        foreach ((object prompt, string[] texts) in ((object, string[])[])
            [("the man", ["the man"]), (new[] { "the man", "a" }, ["the man", "a"]), (ids, ["the hound"]), (new[] { ids, Tokenizer.Encode("a", addBos: true) }, ["the hound", "a"])])
        {
            JsonElement answer = await model.Server.AskAsync("/v1/completions", new { model = Name, prompt, max_tokens = 12, temperature = 0 });
            Assert.Equal(texts.Select(text => model.Greedy(text, 12)), answer.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()));
            Assert.Equal(Enumerable.Range(0, texts.Length), answer.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()));
            Assert.All(answer.GetProperty("choices").EnumerateArray(), choice => Assert.Equal("length", choice.GetProperty("finish_reason").GetString()));
            Assert.Equal((12 * texts.Length, texts.Sum(text => Tokenizer.Encode(text, addBos: true).Length)), (Usage(answer, "completion_tokens"), Usage(answer, "prompt_tokens")));
        }
    }

    /// <summary>What lm-evaluation-harness asks: the prompt's log-probabilities and those of one token more.</summary>
    [Fact]
    public async Task Echoed_log_probabilities_are_the_scorers_and_name_the_likeliest()
    {
        int[] context = Tokenizer.Encode("the man ran", addBos: true), continuation = [.. Tokenizer.EncodePlain("to the quiz", continues: true)];
        LogLikelihood expected = new Scorer(model.Model).Score(context, continuation);
        JsonElement answer = await model.Server.AskAsync("/v1/completions", new { model = Name, prompt = new[] { (int[])[.. context, .. continuation] }, max_tokens = 1, temperature = 0, echo = true, logprobs = 1 });
        JsonElement choice = answer.GetProperty("choices")[0], logprobs = choice.GetProperty("logprobs");
        float?[] own = [.. logprobs.GetProperty("token_logprobs").EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? (float?)null : value.GetSingle())];
        JsonElement[] top = [.. logprobs.GetProperty("top_logprobs").EnumerateArray()];

        Assert.Equal(context.Length + continuation.Length + 1, own.Length);
        Assert.Equal((null, JsonValueKind.Null), (own[0], top[0].ValueKind));
        Assert.Equal(expected.Value, own[context.Length..^1].Sum(value => (double)value!), 1e-4);
        bool greedy = Enumerable.Range(context.Length, continuation.Length).All(i => own[i] == top[i].EnumerateObject().Max(entry => entry.Value.GetSingle()));
        Assert.Equal(expected.IsGreedy, greedy);
        // The new token is the likeliest, to the last bit.
        Assert.Equal(own[^1], top[^1].EnumerateObject().Max(entry => entry.Value.GetSingle()));
        string text = choice.GetProperty("text").GetString()!;
        int[] offsets = [.. logprobs.GetProperty("text_offset").EnumerateArray().Select(value => value.GetInt32())];
        Assert.Equal(offsets.Order(), offsets);
        Assert.InRange(offsets[^1], 1, text.Length);
        Assert.StartsWith("the man ran", text, StringComparison.Ordinal);
    }

    /// <summary>Clients in Python cut the text there.</summary>
    [Fact]
    public async Task Offsets_count_code_points()
    {
        JsonElement answer = await model.Server.AskAsync("/v1/completions", new { model = Name, prompt = "a \U0001F600 man", max_tokens = 0, echo = true, logprobs = 0 });
        JsonElement choice = answer.GetProperty("choices")[0], logprobs = choice.GetProperty("logprobs");
        Assert.Equal("a \U0001F600 man", choice.GetProperty("text").GetString());
        string last = logprobs.GetProperty("tokens").EnumerateArray().Last().GetString()!;
        Assert.Equal("a \U0001F600 man".EnumerateRunes().Count() - last.Length, logprobs.GetProperty("text_offset").EnumerateArray().Last().GetInt32());
    }

    [Fact]
    public async Task A_prompt_alone_can_be_echoed()
    {
        JsonElement answer = await model.Server.AskAsync("/v1/completions", new { model = Name, prompt = "the man", max_tokens = 0, echo = true, logprobs = 0 });
        JsonElement choice = answer.GetProperty("choices")[0];
        Assert.Equal(("the man", "length"), (choice.GetProperty("text").GetString(), choice.GetProperty("finish_reason").GetString()));
        Assert.Equal(Tokenizer.Encode("the man", addBos: true).Select(Tokenizer.TokenText).First(), choice.GetProperty("logprobs").GetProperty("tokens")[0].GetString());
    }

    [Fact]
    public async Task A_stream_says_what_the_whole_answer_says()
    {
        var request = new { model = Name, prompt = new[] { "the man", "a" }, max_tokens = 20, n = 2, seed = 5, temperature = 1.1, logprobs = 2 };
        JsonElement whole = await model.Server.AskAsync("/v1/completions", request);
        string[] data = await EventsAsync(new { request.model, request.prompt, request.max_tokens, request.n, request.seed, request.temperature, request.logprobs, stream = true, stream_options = new { include_usage = true } });

        Assert.Equal("[DONE]", data[^1]);
        JsonElement[] events = [.. data[..^1].Select(text => JsonElement.Parse(text))];
        Assert.Equal(whole.GetProperty("usage").GetRawText(), events[^1].GetProperty("usage").GetRawText());
        Assert.Single(events.Select(each => each.GetProperty("id").GetString()).Distinct());
        ILookup<int, JsonElement> choices = events.SelectMany(each => each.GetProperty("choices").EnumerateArray()).ToLookup(choice => choice.GetProperty("index").GetInt32());
        Assert.Equal(4, choices.Count);
        foreach (JsonElement choice in whole.GetProperty("choices").EnumerateArray())
        {
            JsonElement[] pieces = [.. choices[choice.GetProperty("index").GetInt32()]];
            Assert.Equal(choice.GetProperty("text").GetString(), string.Concat(pieces.Select(piece => piece.GetProperty("text").GetString())));
            Assert.Equal(choice.GetProperty("finish_reason").GetString(), pieces[^1].GetProperty("finish_reason").GetString());
            Assert.All(pieces[..^1], piece => Assert.Equal(JsonValueKind.Null, piece.GetProperty("finish_reason").ValueKind));
            Assert.Equal(
                choice.GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Select(value => value.GetRawText()),
                pieces.SelectMany(piece => piece.GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray()).Select(value => value.GetRawText()));
        }
    }

    [Fact]
    public async Task The_best_of_many_are_answered()
    {
        var request = new { model = Name, prompt = "the", max_tokens = 10, n = 6, seed = 1, temperature = 1.5, logprobs = 0 };
        JsonElement all = await model.Server.AskAsync("/v1/completions", request);
        JsonElement best = await model.Server.AskAsync("/v1/completions", new { request.model, request.prompt, request.max_tokens, n = 2, best_of = 6, request.seed, request.temperature, request.logprobs });
        string?[] expected = [.. all.GetProperty("choices").EnumerateArray()
            .OrderByDescending(choice => choice.GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Average(value => value.GetSingle()))
            .Take(2).Select(choice => choice.GetProperty("text").GetString())];
        Assert.Equal(expected, best.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()));
        Assert.Equal(60, Usage(best, "completion_tokens"));
    }

    [Theory]
    [InlineData("""{"model":"MODEL","prompt":"a","max_tokens":0}""", "max_tokens")]
    [InlineData("""{"model":"MODEL","prompt":"a","max_tokens":40000}""", "max_tokens")]
    [InlineData("""{"model":"MODEL","prompt":[1,"a"]}""", "prompt")]
    [InlineData("""{"model":"MODEL","prompt":[]}""", "prompt")]
    [InlineData("""{"model":"MODEL","prompt":[[1],[99999999]]}""", "prompt[1]")]
    [InlineData("""{"model":"MODEL","prompt":["a",null]}""", "prompt")]
    [InlineData("""{"model":"MODEL"}""", "prompt")]
    [InlineData("""{"prompt":"a"}""", "model")]
    [InlineData("""{"model":"MODEL","prompt":"a","n":2,"best_of":1}""", "best_of")]
    [InlineData("""{"model":"MODEL","prompt":"a","best_of":2,"stream":true}""", "best_of")]
    [InlineData("""{"model":"MODEL","prompt":"a","stop":[""]}""", "stop")]
    [InlineData("""{"model":"MODEL","prompt":"a","stop":[1]}""", "stop")]
    [InlineData("""{"model":"MODEL","prompt":"a","logit_bias":{"x":1}}""", "logit_bias")]
    [InlineData("""{"model":"MODEL","prompt":"a","logit_bias":{"1":101}}""", "logit_bias")]
    [InlineData("""{"model":"MODEL","prompt":"a","logit_bias":{"1":"x"}}""", "logit_bias.1")]
    [InlineData("""{"model":"MODEL","prompt":"a","suffix":"b"}""", "suffix")]
    [InlineData("""{"model":"MODEL","prompt":"a","temprature":1}""", "temprature")]
    [InlineData("""{"model":"MODEL","prompt":"a","stream_options":{"include":1}}""", "stream_options.include")]
    [InlineData("""{"model":"MODEL","prompt":"a","logprobs":101}""", "logprobs")]
    [InlineData("""{"model":"MODEL","prompt":"a","stop_token_ids":[-1]}""", "stop_token_ids")]
    public async Task A_bad_value_is_named_in_OpenAIs_shape(string body, string field)
    {
        using HttpResponseMessage answer = await model.Server.PostAsync("/v1/completions", body.Replace("MODEL", Name, StringComparison.Ordinal));
        JsonElement error = await ErrorAsync(HttpStatusCode.BadRequest, answer);
        Assert.Equal((field, "invalid_request_error"), (error.GetProperty("param").GetString(), error.GetProperty("type").GetString()));
    }

    [Theory]
    [InlineData("POST", "/v1/completions")]
    [InlineData("GET", "/v1/models/nobody")]
    public async Task An_unknown_model_is_not_found(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = method == "POST" ? new StringContent("""{"model":"nobody","prompt":"a"}""", null, "application/json") : null;
        using HttpResponseMessage answer = await model.Server.Client.SendAsync(request, Ct);
        JsonElement error = await ErrorAsync(HttpStatusCode.NotFound, answer);
        Assert.Equal(("model", "model_not_found"), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Models_are_listed_by_their_folders_names()
    {
        JsonElement list = JsonElement.Parse(await model.Server.Client.GetStringAsync("/v1/models", Ct));
        Assert.Equal(("list", Name), (list.GetProperty("object").GetString(), list.GetProperty("data")[0].GetProperty("id").GetString()));
        JsonElement one = JsonElement.Parse(await model.Server.Client.GetStringAsync($"/v1/models/{Name}", Ct));
        Assert.Equal(list.GetProperty("data")[0].GetRawText(), one.GetRawText());
    }

    [Fact]
    public async Task Control_tokens_in_strings_are_parsed_here_and_text_in_generate()
    {
        int plain = Tokenizer.Encode("a <s> b", addBos: true, parseSpecial: false).Length, parsed = Tokenizer.Encode("a <s> b", addBos: true).Length;
        Assert.NotEqual(plain, parsed);
        Assert.Equal(parsed, Usage(await model.Server.AskAsync("/v1/completions", new { model = Name, prompt = "a <s> b", max_tokens = 1 }), "prompt_tokens"));
        Assert.Equal(plain, Usage(await model.Server.AskAsync("/v1/completions", new { model = Name, prompt = "a <s> b", max_tokens = 1, parse_special = false }), "prompt_tokens"));
        Assert.Equal(plain, (await model.Server.AskAsync("/generate", new { prompt = "a <s> b", max_new_tokens = 1 })).GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(parsed, (await model.Server.AskAsync("/generate", new { prompt = "a <s> b", max_new_tokens = 1, parse_special = true })).GetProperty("prompt_tokens").GetInt32());
    }

    private static int Usage(JsonElement answer, string field) => answer.GetProperty("usage").GetProperty(field).GetInt32();

    private static async Task<JsonElement> ErrorAsync(HttpStatusCode status, HttpResponseMessage answer)
    {
        string text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(status == answer.StatusCode, text);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        return JsonElement.Parse(text).GetProperty("error");
    }

    private async Task<string[]> EventsAsync(object body)
    {
        using HttpResponseMessage answer = await model.Server.Client.PostAsync("/v1/completions", new StringContent(JsonSerializer.Serialize(body), null, "application/json"), Ct);
        string text = await answer.Content.ReadAsStringAsync(Ct);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(each => each["data: ".Length..])];
    }
}
