using System.Net;
using System.Text.Json;
using Factory.InferenceApi.Swagger;

namespace Factory.InferenceApi.Tests;

[Collection("evaluations on the shared server")]
public sealed class SwaggerTests(ModelFixture model)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_endpoint_is_described_with_examples_for_every_body()
    {
        JsonElement paths = (await DescriptionAsync()).GetProperty("paths");
        Assert.Equal(["/detokenize", "/eval", "/eval/{id}", "/eval/{id}/events", "/generate", "/health/live", "/health/ready", "/models", "/models/{name}", "/score", "/tokenize", "/tokenizer_info", "/v1/chat/completions", "/v1/completions", "/v1/models", "/v1/models/{model}"], paths.EnumerateObject().Select(path => path.Name).Order());
        foreach (JsonElement operation in paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Select(method => method.Value))
        {
            Assert.NotEqual("", operation.GetProperty("summary").GetString());
            IEnumerable<JsonElement> bodies = operation.GetProperty("responses").EnumerateObject().Select(answer => answer.Value);
            bodies = operation.TryGetProperty("requestBody", out JsonElement request) ? bodies.Append(request) : bodies;
            foreach (JsonProperty content in bodies.Where(body => body.TryGetProperty("content", out _)).SelectMany(body => body.GetProperty("content").EnumerateObject()))
            {
                Assert.NotEmpty(content.Value.GetProperty("examples").EnumerateObject());
            }
        }
    }

    [Fact]
    public async Task Generate_is_described_in_both_media_types()
    {
        JsonElement generate = (await DescriptionAsync()).GetProperty("paths").GetProperty("/generate").GetProperty("post");
        Assert.Equal(
            ["application/json", "text/event-stream"],
            generate.GetProperty("responses").GetProperty("200").GetProperty("content").EnumerateObject().Select(content => content.Name).Order());
        Assert.Equal("string", generate.GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("text/event-stream").GetProperty("schema").GetProperty("type").GetString());
        Assert.Equal(["200", "400", "401", "403", "404", "405", "408", "413", "414", "415", "429", "431", "500", "501", "503"], generate.GetProperty("responses").EnumerateObject().Select(answer => answer.Name).Order());
    }

    [Fact]
    public async Task Fields_are_described_as_they_are_on_the_wire()
    {
        JsonElement request = (await DescriptionAsync()).GetProperty("components").GetProperty("schemas").GetProperty("GenerateRequest");
        JsonElement fields = request.GetProperty("properties");
        Assert.Equal(
            ["max_new_tokens", "min_p", "model", "parse_special", "prompt", "repetition_penalty", "seed", "stop", "stream", "temperature", "top_k", "top_p"],
            fields.EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal(["prompt"], request.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        Assert.All(fields.EnumerateObject(), field => Assert.NotEqual("", field.Value.GetProperty("description").GetString()));
        Assert.False(fields.GetProperty("prompt").TryGetProperty("nullable", out _));
        Assert.True(fields.GetProperty("seed").GetProperty("nullable").GetBoolean());
        JsonElement temperature = fields.GetProperty("temperature");
        Assert.Equal((0, 100, 0.8), (temperature.GetProperty("minimum").GetDouble(), temperature.GetProperty("maximum").GetDouble(), temperature.GetProperty("default").GetDouble()));
    }

    [Fact]
    public async Task The_server_takes_every_request_that_is_shown()
    {
        foreach (JsonProperty path in (await DescriptionAsync()).GetProperty("paths").EnumerateObject())
        {
            if (!path.Value.TryGetProperty("post", out JsonElement post) || post.GetProperty("operationId").GetString() is "load_model" or "openai_chat")
            {
                continue;
            }
            foreach (JsonProperty example in post.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("examples").EnumerateObject())
            {
                string body = example.Value.GetProperty("value").GetRawText().Replace("quickstart", model.Model.Bundle.Name, StringComparison.Ordinal);
                using HttpResponseMessage answer = await model.Server.PostAsync(path.Name, body);
                Assert.True(answer.IsSuccessStatusCode, $"{example.Name}: {await answer.Content.ReadAsStringAsync(Ct)}");
            }
        }
    }

    /// <summary>An answer and its example have the same fields, all the way down.</summary>
    [Theory]
    [InlineData("generate", "/generate", """{"prompt":"the","max_new_tokens":3}""")]
    [InlineData("eval", "/eval", """{"tasks":["arc_easy"],"limit":2}""")]
    [InlineData("openai_completions", "/v1/completions", """{"model":"MODEL","prompt":"the","max_tokens":2}""")]
    [InlineData("openai_models", "/v1/models", null)]
    [InlineData("openai_model", "/v1/models/MODEL", null)]
    [InlineData("tokenize", "/tokenize", """{"prompt":"the"}""")]
    [InlineData("detokenize", "/detokenize", """{"tokens":[1]}""")]
    [InlineData("tokenizer_info", "/tokenizer_info", null)]
    [InlineData("score", "/score", """{"items":[{"continuation":"the"}]}""")]
    [InlineData("models", "/models", null)]
    [InlineData("live", "/health/live", null)]
    [InlineData("ready", "/health/ready", null)]
    public async Task Answers_look_like_the_ones_that_are_shown(string operation, string path, string? body)
    {
        path = path.Replace("MODEL", model.Model.Bundle.Name, StringComparison.Ordinal);
        using HttpResponseMessage answer = body is null
            ? await model.Server.Client.GetAsync(path, Ct)
            : await model.Server.PostAsync(path, body.Replace("MODEL", model.Model.Bundle.Name, StringComparison.Ordinal));
        JsonElement real = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Ct));
        ApiExample shown = ApiExamples.Answers(operation, "200").First(example => !example.IsText);
        Assert.Equal(Shape(JsonElement.Parse(shown.Text)), Shape(real));
    }

    [Fact]
    public async Task The_pages_come_with_the_server()
    {
        using HttpResponseMessage root = await model.Server.Client.GetAsync("/", Ct);
        Assert.Equal("/swagger/index.html", root.RequestMessage?.RequestUri?.AbsolutePath);
        string page = await root.Content.ReadAsStringAsync(Ct);
        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        using HttpResponseMessage script = await model.Server.Client.GetAsync("/swagger/swagger-ui-bundle.js", Ct);
        Assert.Equal(HttpStatusCode.OK, script.StatusCode);
    }

    private async Task<JsonElement> DescriptionAsync() => JsonElement.Parse(await model.Server.Client.GetStringAsync("/swagger/v1/swagger.json", Ct));

    private static IEnumerable<string> Shape(JsonElement json, string at = "") => json.ValueKind switch
    {
        // Maps whose keys are data.
        JsonValueKind.Object when at is ".packages" or ".tasks[].data_sha256" or ".tasks[].metrics" => [at],
        JsonValueKind.Object => json.EnumerateObject().SelectMany(field => Shape(field.Value, $"{at}.{field.Name}")),
        JsonValueKind.Array => json.GetArrayLength() == 0 ? [at] : Shape(json[0], $"{at}[]"),
        _ => [at],
    };
}
