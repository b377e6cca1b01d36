using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Factory.InferenceApi.Keys;

namespace Factory.InferenceApi.Tests;

/// <summary>API keys: who gets in, with what, and how often.</summary>
public sealed class KeyTests(ModelFixture model)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_scope_opens_its_endpoints_and_no_others()
    {
        using var state = new TemporaryFolder();
        string generate = Add(state.Path, Scope.Generate), eval = Add(state.Path, Scope.Eval), admin = Add(state.Path, Scope.Admin);
        await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { State = state.Path });
        (string Path, string? Body, string[] Keys)[] endpoints =
        [
            ("/generate", """{"prompt":"a","max_new_tokens":1}""", [generate, admin]),
            ("/eval", """{"tasks":["arc_easy"],"limit":1}""", [eval, admin]),
            ("/models", null, [generate, eval, admin]),
            ("/models", """{"name":"x"}""", [admin]),
        ];
        foreach ((string path, string? body, string[] keys) in endpoints)
        {
            foreach (string key in (string[])[generate, eval, admin])
            {
                using HttpResponseMessage answer = await SendAsync(server, path, body, $"Bearer {key}");
                Assert.Equal(keys.Contains(key), answer.StatusCode != HttpStatusCode.Forbidden);
            }
            foreach (string? header in (string?[])[null, "Bearer ", "Bearer fk-00000000-x", $"Basic {generate}", $"Bearer {generate}x", generate])
            {
                using HttpResponseMessage answer = await SendAsync(server, path, body, header);
                JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.Unauthorized, answer);
                Assert.StartsWith("Expected an API key", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
                Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
            }
        }
        using HttpResponseMessage health = await SendAsync(server, "/health/ready", null, null);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task A_key_made_or_revoked_beside_the_running_server_counts_at_once()
    {
        using var state = new TemporaryFolder();
        string first = Add(state.Path, Scope.Generate);
        await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { State = state.Path });
        string second = Add(state.Path, Scope.Generate);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(second));

        KeyFile.Change(state.Path, keys => [.. keys.Select(key => key with { Revoked = DateTimeOffset.UnixEpoch })]);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (await StatusAsync(first), await StatusAsync(second)));
        File.Delete(KeyFile.At(state.Path));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(first));

        async Task<HttpStatusCode> StatusAsync(string key)
        {
            using HttpResponseMessage answer = await SendAsync(server, "/models", null, $"Bearer {key}");
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Without_keys_the_header_is_not_looked_at()
    {
        using HttpResponseMessage answer = await SendAsync(model.Server, "/models", null, "Bearer anything");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task One_request_more_than_the_limit_is_told_when_to_come_back()
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { RateLimit = 2 });
        for (int i = 0; i < 2; i++)
        {
            await server.AskAsync("/generate", new { prompt = "a", max_new_tokens = 1 });
        }
        using HttpResponseMessage refused = await server.PostAsync("/generate", """{"prompt":"a"}""");
        await ProblemAssert.IsAsync(HttpStatusCode.TooManyRequests, refused);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        using HttpResponseMessage health = await server.Client.GetAsync("/health/ready", Ct);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task Keys_are_made_listed_and_revoked_on_the_command_line_and_kept_as_hashes()
    {
        using var folder = new TemporaryFolder();
        (int code, string output, _) = await RunAsync("create", "--name", "laptop", "--scopes", "generate,eval");
        string key = output.Trim();
        Assert.Equal(0, code);
        string file = await File.ReadAllTextAsync(KeyFile.At(folder.At("server")), Ct);
        Assert.DoesNotContain(key, file, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Split('-')[^1], file, StringComparison.Ordinal);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(KeyFile.At(folder.At("server"))) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        string id = key.Split('-')[1];
        Assert.Contains($"{id}  laptop  generate,eval", (await RunAsync("list")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("revoke", id)).Code);
        Assert.Contains("revoked", (await RunAsync("list")).Output, StringComparison.Ordinal);
        (code, _, string error) = await RunAsync("revoke", "nobody");
        Assert.Equal(2, code);
        Assert.Contains("expected the id of a key", error, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("create", "--name", "x", "--scopes", "root")).Code);

        async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
        {
            await using ServerProcess process = ServerProcess.Start(folder.Path, ["keys", .. arguments]);
            (int code, string output) = await process.EndAsync();
            return (code, output, string.Join('\n', process.Errors));
        }
    }

    private static string Add(string state, Scope scope)
    {
        (ApiKey kept, string key) = ApiKey.Create(scope.ToString(), [scope], DateTimeOffset.UnixEpoch);
        KeyFile.Change(state, keys => [.. keys, kept]);
        return key;
    }

    private static async Task<HttpResponseMessage> SendAsync(TestServer server, string path, string? body, string? authorization)
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        }
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }
        return await server.Client.SendAsync(request, Ct);
    }
}
