using System.Net;
using System.Text.Json;
using Factory.Runtime;

namespace Factory.InferenceApi.Tests;

public sealed class GenerateTests(ModelFixture model)
{
    [Theory]
    [InlineData("the man ran")]
    [InlineData("")]
    [InlineData("naïve 🙂 \u0000 text\n\n")]
    public async Task Greedy_text_is_the_runtimes(string prompt)
    {
        JsonElement answer = await model.Server.AskAsync("/generate", new { prompt, max_new_tokens = 40, temperature = 0 });

        Assert.Equal(model.Greedy(prompt, 40), answer.GetProperty("text").GetString());
        Assert.Equal("length", answer.GetProperty("finish_reason").GetString());
        Assert.Equal(model.Model.Bundle.Tokenizer!.Encode(prompt, addBos: true).Length, answer.GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(40, answer.GetProperty("generated_tokens").GetInt32());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("seed").ValueKind);
        Assert.InRange(answer.GetProperty("timings").GetProperty("first_token").GetDouble(), 0, answer.GetProperty("timings").GetProperty("total").GetDouble());
    }

    [Fact]
    public async Task The_seed_that_an_answer_names_repeats_it()
    {
        JsonElement first = await model.Server.AskAsync("/generate", new { prompt = "the", max_new_tokens = 30 });
        ulong seed = first.GetProperty("seed").GetUInt64();
        Assert.InRange(seed, 0ul, (1ul << 53) - 1);

        JsonElement again = await model.Server.AskAsync("/generate", new { prompt = "the", max_new_tokens = 30, seed });
        JsonElement other = await model.Server.AskAsync("/generate", new { prompt = "the", max_new_tokens = 30, seed = seed + 1 });

        Assert.Equal(first.GetProperty("text").GetString(), again.GetProperty("text").GetString());
        Assert.NotEqual(first.GetProperty("text").GetString(), other.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Sampling_options_reach_the_sampler()
    {
        var sampling = new SamplingOptions { Temperature = 1.5, TopK = 40, TopP = 0.9, MinP = 0.01, RepetitionPenalty = 1.3, Seed = 7 };
        string expected = RuntimeText.Generate(model.Model, "the", new GenerationOptions { MaxNewTokens = 30, Sampling = sampling }, TestContext.Current.CancellationToken);

        JsonElement answer = await model.Server.AskAsync("/generate", new
        {
            prompt = "the",
            max_new_tokens = 30,
            temperature = 1.5,
            top_k = 40,
            top_p = 0.9,
            min_p = 0.01,
            repetition_penalty = 1.3,
            seed = 7,
        });

        Assert.Equal(expected, answer.GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_stop_string_ends_the_text_before_it()
    {
        string whole = model.Greedy("the", 40);
        string stop = whole[10..13];

        JsonElement answer = await model.Server.AskAsync("/generate", new { prompt = "the", max_new_tokens = 40, temperature = 0, stop = new[] { stop } });

        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], answer.GetProperty("text").GetString());
        Assert.Equal("stop", answer.GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task A_full_context_window_is_the_finish_reason()
    {
        await using TestServer server = await TestServer.StartAsync(model.Short);
        string prompt = new('q', 100);

        JsonElement answer = await server.AskAsync("/generate", new { prompt, max_new_tokens = 100 });

        Assert.Equal("context", answer.GetProperty("finish_reason").GetString());
        Assert.Equal(128, answer.GetProperty("prompt_tokens").GetInt32() + answer.GetProperty("generated_tokens").GetInt32());
    }

    [Fact]
    public async Task Optional_fields_may_be_null()
    {
        using HttpResponseMessage answer = await model.Server.PostAsync("/generate",
            """{"prompt":"the","max_new_tokens":null,"temperature":0,"top_k":null,"top_p":null,"min_p":null,"repetition_penalty":null,"seed":null,"stop":null,"stream":null}""");
        JsonElement json = JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(model.Greedy("the", 128), json.GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_model_without_a_tokenizer_says_so()
    {
        await using TestServer server = await TestServer.StartAsync(model.Wordless);
        foreach ((string path, string body) in ((string, string)[])[("/generate", """{"prompt":"the"}"""), ("/eval", """{"tasks":["arc_easy"]}""")])
        {
            JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.NotImplemented, await server.PostAsync(path, body));
            Assert.Contains("came without a tokenizer", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }
}
