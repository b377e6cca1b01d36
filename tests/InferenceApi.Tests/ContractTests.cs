using System.Globalization;
using System.Text.Json.Nodes;

namespace Factory.InferenceApi.Tests;

/// <summary>The document and the server say the same: what the one allows the other takes, what the one forbids the other refuses by the field's name.</summary>
public sealed class ContractTests(ModelFixture model)
{
    private const string Committed = "InferenceApi/openapi.json";
    private const string Update = "FACTORY_UPDATE_OPENAPI";

    /// <summary>Beside which other field's value a field's limits hold.</summary>
    private static readonly Dictionary<string, (string Field, JsonNode Value)> Beside = new()
    {
        ["/v1/completions max_tokens"] = ("echo", true),
        ["/v1/completions min_tokens"] = ("max_tokens", 128),
        ["/v1/chat/completions min_tokens"] = ("max_completion_tokens", 128),
        ["/v1/chat/completions top_logprobs"] = ("logprobs", true),
    };

    /// <summary>Fields whose values depend on data or models that only the server knows, and one that needs an array of objects.</summary>
    private static readonly HashSet<string> Data = ["model", "num_fewshot", "tasks", "items", "messages", "name"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_committed_document_is_the_one_served()
    {
        await using TestServer server = await TestServer.StartAsync(model.ShortChat);
        string served = await server.Client.GetStringAsync("/swagger/v1/swagger.json", Ct);
        string file = Path.Combine(GoldenData.Repository, Committed);
        if (Environment.GetEnvironmentVariable(Update) is not null)
        {
            await File.WriteAllTextAsync(file, served, Ct);
        }
        Assert.True(served == await File.ReadAllTextAsync(file, Ct), $"{Committed} is not what the server says. If that is meant, run this test once with {Update}=1 and commit the file.");
    }

    [Fact]
    public async Task Every_field_takes_what_the_document_allows_and_nothing_else()
    {
        await using TestServer server = await TestServer.StartAsync(model.ShortChat);
        JsonNode document = JsonNode.Parse(await server.Client.GetStringAsync("/swagger/v1/swagger.json", Ct))!;
        var failures = new List<string>();
        int sent = 0;
        foreach ((string path, JsonNode? operations) in document["paths"]!.AsObject())
        {
            if (operations!["post"]?["requestBody"]?["content"]?["application/json"] is not JsonNode content || path == "/models")
            {
                continue;
            }
            JsonObject schema = Resolve(document, content["schema"]!);
            JsonNode example = content["examples"]!.AsObject().First().Value!["value"]!;
            JsonObject valid = Small(path, example.DeepClone().AsObject());
            foreach ((string field, JsonNode? property) in schema["properties"]!.AsObject())
            {
                JsonObject start = valid.DeepClone().AsObject();
                if (Beside.TryGetValue($"{path} {field}", out (string Field, JsonNode Value) other))
                {
                    start[other.Field] = other.Value.DeepClone();
                }
                foreach ((JsonNode? value, bool allowed) in Values(document, property!.AsObject(), Data.Contains(field)))
                {
                    JsonObject body = start.DeepClone().AsObject();
                    body[field] = value?.DeepClone();
                    sent++;
                    await CheckAsync(server, path, body, allowed, field, failures);
                }
            }
            foreach (JsonNode? required in schema["required"]?.AsArray() ?? [])
            {
                JsonObject body = valid.DeepClone().AsObject();
                body.Remove(required!.GetValue<string>());
                await CheckAsync(server, path, body, allowed: false, required.GetValue<string>(), failures);
            }
            JsonObject more = valid.DeepClone().AsObject();
            more["no_such_field"] = 1;
            await CheckAsync(server, path, more, allowed: false, "no_such_field", failures);
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.True(sent > 200);
    }

    private static async Task CheckAsync(TestServer server, string path, JsonObject body, bool allowed, string field, List<string> failures)
    {
        using HttpResponseMessage answer = await server.PostAsync(path, body.ToJsonString());
        string text = await answer.Content.ReadAsStringAsync(Ct);
        string? named = (int)answer.StatusCode != 400 ? null
            : path.StartsWith("/v1/", StringComparison.Ordinal) ? JsonNode.Parse(text)!["error"]!["param"]?.GetValue<string>()
            : JsonNode.Parse(text)!["errors"]?.AsObject().First().Key;
        if (allowed ? !answer.IsSuccessStatusCode : named?.StartsWith(field, StringComparison.Ordinal) != true)
        {
            failures.Add($"{path} {field} {(allowed ? "allowed" : "forbidden")}: {(int)answer.StatusCode} {text[..Math.Min(300, text.Length)]} for {body.ToJsonString()[..Math.Min(200, body.ToJsonString().Length)]}");
        }
    }

    /// <summary>A request that is answered in no time.</summary>
    private static JsonObject Small(string path, JsonObject body)
    {
        (string Field, JsonNode Value)[] limits = path switch
        {
            "/generate" => [("max_new_tokens", 1)],
            "/eval" => [("tasks", new JsonArray("arc_easy")), ("limit", 1)],
            "/v1/completions" => [("max_tokens", 1)],
            "/v1/chat/completions" => [("max_completion_tokens", 1)],
            _ => [],
        };
        foreach ((string field, JsonNode value) in limits)
        {
            body[field] = value;
        }
        return body;
    }

    /// <summary>Values at the edges of what a schema allows, and beyond them.</summary>
    /// <param name="data">Only what no server takes.</param>
    private static IEnumerable<(JsonNode? Value, bool Allowed)> Values(JsonNode document, JsonObject property, bool data)
    {
        bool nullable = property["nullable"]?.GetValue<bool>() == true;
        JsonObject schema = Resolve(document, property);
        if (!data || !nullable)
        {
            yield return (null, nullable);
        }
        switch (schema["type"]?.GetValue<string>())
        {
            case "integer":
                foreach ((JsonNode?, bool) edge in Edges(schema, whole: true, data))
                {
                    yield return edge;
                }
                yield return (JsonNode.Parse("1.5"), false);
                yield return ("1", false);
                break;
            case "number":
                foreach ((JsonNode?, bool) edge in Edges(schema, whole: false, data))
                {
                    yield return edge;
                }
                yield return ("1", false);
                break;
            case "boolean":
                foreach (bool value in (bool[])[true, false])
                {
                    yield return (value, schema["enum"]?.AsArray().Any(allowed => allowed?.GetValue<bool>() == value) ?? true);
                }
                yield return (1, false);
                yield return ("true", false);
                break;
            case "string":
                yield return (5, false);
                yield return (new JsonArray(), false);
                if (!data && schema["enum"] is null)
                {
                    yield return ("", schema["minLength"]?.GetValue<int>() is null or 0);
                }
                if (schema["maxLength"]?.GetValue<int>() is int longest)
                {
                    yield return (new string('a', longest), true);
                    yield return (new string('a', longest + 1), false);
                }
                break;
            case "array":
                yield return ("x", false);
                yield return (new JsonArray((JsonNode?)null), false);
                if (schema["minItems"]?.GetValue<int>() is > 0)
                {
                    yield return (new JsonArray(), false);
                }
                if (!data && schema["maxItems"]?.GetValue<int>() is int most && most <= 1000 && Resolve(document, schema["items"]!)["type"]?.GetValue<string>() is string kind)
                {
                    JsonNode Item() => kind == "string" ? JsonValue.Create("a") : kind == "integer" ? JsonValue.Create(1) : new JsonObject();
                    yield return (new JsonArray([.. Enumerable.Range(0, most).Select(_ => Item())]), true);
                    yield return (new JsonArray([.. Enumerable.Range(0, most + 1).Select(_ => Item())]), false);
                }
                break;
            case "object":
                yield return (5, false);
                yield return (new JsonArray(), false);
                break;
            default:
                // Of many kinds: none of them is true or an object.
                yield return (true, false);
                yield return (new JsonObject(), false);
                break;
        }
    }

    private static IEnumerable<(JsonNode?, bool)> Edges(JsonObject schema, bool whole, bool data)
    {
        bool exclusive = schema["exclusiveMinimum"]?.GetValue<bool>() == true;
        foreach ((string edge, int beyond) in ((string, int)[])[("minimum", -1), ("maximum", 1)])
        {
            if (schema[edge] is not JsonNode limit)
            {
                continue;
            }
            decimal value = decimal.Parse(limit.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
            if (!data)
            {
                yield return (limit, !(exclusive && beyond < 0));
            }
            yield return (JsonNode.Parse((value + (whole ? beyond : beyond * 0.5m)).ToString(CultureInfo.InvariantCulture)), false);
        }
    }

    private static JsonObject Resolve(JsonNode document, JsonNode schema) => schema["allOf"]?[0] is JsonNode only ? Resolve(document, only)
        : schema["$ref"]?.GetValue<string>() is string reference
        ? document["components"]!["schemas"]![reference.Split('/')[^1]]!.AsObject()
        : schema.AsObject();
}
