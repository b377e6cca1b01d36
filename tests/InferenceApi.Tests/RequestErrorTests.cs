using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Factory.InferenceApi.Problems;
using Factory.Runtime;

namespace Factory.InferenceApi.Tests;

/// <summary>What a client does wrong, and the sentence that it gets.</summary>
public sealed class RequestErrorTests(ModelFixture model)
{
    [Theory]
    [InlineData("/generate", """{"max_new_tokens":4}""", "prompt", "expected a string of well-formed Unicode, found no such field or null.")]
    [InlineData("/generate", """{"prompt":null}""", "prompt", "expected a string of well-formed Unicode, found no such field or null.")]
    [InlineData("/generate", """{"prompt":5}""", "prompt", "expected a string of well-formed Unicode, found 5.")]
    [InlineData("/generate", """{"prompt":["a"]}""", "prompt", "expected a string of well-formed Unicode, found a list of 1.")]
    [InlineData("/generate", """{"prompt":"\ud800"}""", "prompt", "expected a string of well-formed Unicode, found a string with half a surrogate pair or a byte outside UTF-8.")]
    [InlineData("/generate", """{"prompt":"a","max_new_tokens":0}""", "max_new_tokens", "expected a whole number from 1 to 2147483647, found 0.")]
    [InlineData("/generate", """{"prompt":"a","max_new_tokens":-3}""", "max_new_tokens", "expected a whole number from 1 to 2147483647, found -3.")]
    [InlineData("/generate", """{"prompt":"a","max_new_tokens":2.5}""", "max_new_tokens", "expected a whole number from 1 to 2147483647, found 2.5.")]
    [InlineData("/generate", """{"prompt":"a","max_new_tokens":"4"}""", "max_new_tokens", "expected a whole number from 1 to 2147483647, found the string '4'.")]
    [InlineData("/generate", """{"prompt":"a","max_new_tokens":100000}""", "max_new_tokens", "expected a whole number from 1 to 32768 (the model's context length), found 100000.")]
    [InlineData("/generate", """{"prompt":"a","max_new_tokens":99999999999999999999}""", "max_new_tokens", "expected a whole number from 1 to 2147483647, found 99999999999999999999.")]
    [InlineData("/generate", """{"prompt":"a","temperature":-0.1}""", "temperature", "expected a number from 0 to 100, found -0.1.")]
    [InlineData("/generate", """{"prompt":"a","temperature":1e999}""", "temperature", "expected a number from 0 to 100, found a number beyond every limit.")]
    [InlineData("/generate", """{"prompt":"a","temperature":"NaN"}""", "temperature", "expected a number from 0 to 100, found the string 'NaN'.")]
    [InlineData("/generate", """{"prompt":"a","top_k":-1}""", "top_k", "expected a whole number from 0 to 2147483647, found -1.")]
    [InlineData("/generate", """{"prompt":"a","top_p":0}""", "top_p", "expected a number above 0 and at most 1, found 0.")]
    [InlineData("/generate", """{"prompt":"a","top_p":1.01}""", "top_p", "expected a number above 0 and at most 1, found 1.01.")]
    [InlineData("/generate", """{"prompt":"a","min_p":2}""", "min_p", "expected a number from 0 to 1, found 2.")]
    [InlineData("/generate", """{"prompt":"a","repetition_penalty":0}""", "repetition_penalty", "expected a number from 0.01 to 100, found 0.")]
    [InlineData("/generate", """{"prompt":"a","seed":-1}""", "seed", "expected a whole number from 0 to 18446744073709551615, found -1.")]
    [InlineData("/generate", """{"prompt":"a","seed":18446744073709551616}""", "seed", "expected a whole number from 0 to 18446744073709551615, found 18446744073709551616.")]
    [InlineData("/generate", """{"prompt":"a","stop":"x"}""", "stop", "expected a list of strings, found the string 'x'.")]
    [InlineData("/generate", """{"prompt":"a","stop":["x",null]}""", "stop", "expected strings of 1 to 256 characters, found null at [1].")]
    [InlineData("/generate", """{"prompt":"a","stop":["x",""]}""", "stop", "expected strings of 1 to 256 characters, found one of 0 characters at [1].")]
    [InlineData("/generate", """{"prompt":"a","stream":1}""", "stream", "expected true or false, found 1.")]
    [InlineData("/generate", """{"prompt":"a","stream":"true"}""", "stream", "expected true or false, found the string 'true'.")]
    [InlineData("/generate", """{"prompt":"a","temprature":1}""", "temprature", "unknown field; did you mean 'temperature'?")]
    [InlineData("/generate", """{"prompt":"a","Temperature":1}""", "Temperature", "unknown field; did you mean 'temperature'?")]
    [InlineData("/generate", """{"prompt":"a","maxNewTokens":1}""", "maxNewTokens", "unknown field; did you mean 'max_new_tokens'?")]
    [InlineData("/generate", """{"prompt":"a","$type":"x"}""", "$type", "unknown field; expected one of prompt, max_new_tokens, temperature, top_k, top_p, min_p, repetition_penalty, seed, stop, stream, parse_special, model.")]
    [InlineData("/generate", """{"prompt":"a","prompt":"b"}""", "prompt", "expected once, found twice.")]
    [InlineData("/generate", """{"prompt":"a","__proto__":{}}""", "__proto__", "unknown field; expected one of prompt, max_new_tokens, temperature, top_k, top_p, min_p, repetition_penalty, seed, stop, stream, parse_special, model.")]
    [InlineData("/eval", """{}""", "tasks", "expected a list of strings, found no such field or null.")]
    [InlineData("/eval", """{"tasks":"arc_easy"}""", "tasks", "expected a list of strings, found the string 'arc_easy'.")]
    [InlineData("/eval", """{"tasks":["arc_easy"],"limit":0}""", "limit", "expected a whole number from 1 to 2147483647, found 0.")]
    [InlineData("/eval", """{"tasks":["arc_easy"],"num_fewshot":65}""", "num_fewshot", "expected a whole number from 0 to 64, found 65.")]
    [InlineData("/eval", """{"tasks":["arc_easy"],"data":"/etc"}""", "data", "unknown field; expected one of tasks, limit, num_fewshot, wait, model.")]
    public async Task A_field_that_does_not_fit_is_named(string path, string body, string field, string sentence)
    {
        using HttpResponseMessage answer = await model.Server.PostAsync(path, body);
        Assert.Equal(sentence, await ProblemAssert.NamesAsync(field, answer));
    }

    [Fact]
    public async Task Every_field_out_of_range_is_named_at_once()
    {
        using HttpResponseMessage answer = await model.Server.PostAsync("/generate", """{"top_k":-1,"stop":[""],"top_p":7}""");
        JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, answer);
        Assert.Equal(["prompt", "stop", "top_k", "top_p"], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order());
    }

    [Theory]
    [InlineData("", "Expected a JSON object, found an empty body or null.")]
    [InlineData("[]", "Expected a JSON object, found a list of 0.")]
    [InlineData("null", "Expected a JSON object, found an empty body or null.")]
    [InlineData("\"prompt\"", "Expected a JSON object, found the string 'prompt'.")]
    [InlineData("""{"prompt":"a",}""", "Expected JSON nested at most 64 deep, found something else at line 1, byte 15.")]
    [InlineData("""{"prompt":"a"} {}""", "Expected JSON nested at most 64 deep, found something else at line 1, byte 16.")]
    [InlineData("{\n \"prompt\": NaN}", "Expected JSON nested at most 64 deep, found something else at line 2, byte 12.")]
    [InlineData("""{"\udfff":1}""", "Expected field names in well-formed Unicode, found half a surrogate pair or a byte outside UTF-8.")]
    public async Task What_is_not_an_object_is_refused_with_its_place(string body, string detail)
    {
        using HttpResponseMessage answer = await model.Server.PostAsync("/generate", body);
        JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, answer);
        Assert.Equal(detail, problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Deep_nesting_is_refused()
    {
        const int Depth = 100_000;
        using HttpResponseMessage answer = await model.Server.PostAsync("/generate", $$"""{"stop":{{new string('[', Depth)}}{{new string(']', Depth)}}}""");
        JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, answer);
        Assert.Contains("nested at most 64 deep", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_thousand_unknown_fields_get_a_short_answer()
    {
        string body = $"{{{string.Join(",", Enumerable.Range(0, 80_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"f{i}\":1")))}}}";
        using HttpResponseMessage answer = await model.Server.PostAsync("/generate", body);
        JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, answer);
        Assert.InRange(problem.GetRawText().Length, 1, 10_000);
    }

    [Fact]
    public async Task Bytes_outside_utf8_are_refused()
    {
        using var content = new ByteArrayContent([.. "{\"prompt\":\""u8, 0xC3, 0x28, .. "\"}"u8]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage answer = await model.Server.Client.PostAsync("/generate", content, TestContext.Current.CancellationToken);
        await ProblemAssert.NamesAsync("prompt", answer);
    }

    [Fact]
    public async Task A_prompt_longer_than_the_context_window_is_refused_with_both_numbers()
    {
        await using TestServer server = await TestServer.StartAsync(model.Short);
        using HttpResponseMessage answer = await server.PostAsync("/generate", JsonSerializer.Serialize(new { prompt = new string('q', 200) }));
        // BOS and the space in front count.
        Assert.Equal("expected at most 127 tokens (the context window holds 128 with at least one new token), found 202.", await ProblemAssert.NamesAsync("prompt", answer));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_refused(bool announced)
    {
        byte[] body = Encoding.UTF8.GetBytes($$"""{"prompt":"{{new string('a', 1 << 20)}}"}""");
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/generate") { Content = content };
        request.Headers.TransferEncodingChunked = !announced;
        // The client waits for the server's word before it sends what the server may refuse to read.
        request.Headers.ExpectContinue = announced;
        using HttpResponseMessage answer = await model.Server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.RequestEntityTooLarge, answer);
        Assert.Contains("at most 1048576 bytes", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData(null)]
    public async Task Another_content_type_is_refused(string? contentType)
    {
        using var content = new ByteArrayContent("""{"prompt":"a"}"""u8.ToArray());
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        using HttpResponseMessage answer = await model.Server.Client.PostAsync("/generate", content, TestContext.Current.CancellationToken);
        JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.UnsupportedMediaType, answer);
        string found = contentType is null ? "none" : $"'{contentType}'";
        Assert.Equal($"Expected content-type application/json in UTF-8, found {found}.", problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("GET", "/generate", HttpStatusCode.MethodNotAllowed, "Expected POST for /generate, found GET.")]
    [InlineData("DELETE", "/models", HttpStatusCode.MethodNotAllowed, "Expected GET, POST for /models, found DELETE.")]
    [InlineData("GET", "/generat", HttpStatusCode.NotFound, "Expected a path that /swagger lists, found '/generat'.")]
    public async Task A_wrong_path_or_method_gets_a_problem_whatever_the_client_accepts(string method, string path, HttpStatusCode status, string detail)
    {
        foreach (string accept in (string[])["*/*", "text/event-stream", "text/html"])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.Accept.ParseAdd(accept);
            using HttpResponseMessage answer = await model.Server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            JsonElement problem = await ProblemAssert.IsAsync(status, answer);
            Assert.Equal(detail, problem.GetProperty("detail").GetString());
        }
    }

    public static TheoryData<Exception> LacksOfMemory =>
    [
        new InsufficientMemoryError("KV cache"),
        new TypeInitializationException("first use", new InsufficientMemoryError("KV cache")),
        new AggregateException(new InvalidOperationException("step", new InsufficientMemoryError("KV cache"))),
    ];

    [Theory]
    [MemberData(nameof(LacksOfMemory))]
    public void Lack_of_memory_wherever_it_strikes_is_an_answer_for_later(Exception error)
    {
        RefusedException refused = ApiExceptionHandler.For(error, "request");
        Assert.Equal(503, refused.Problem.Status);
        Assert.NotNull(refused.RetryAfter);
    }
}
