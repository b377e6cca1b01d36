using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Factory.InferenceApi.Tests;

/// <summary>What HTTP itself asks of a server: encodings, methods, hosts, limits.</summary>
public sealed class HttpRulesTests(ModelFixture model)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate, gzip")]
    public async Task A_compressed_body_is_refused_by_the_name_of_its_encoding(string encoding)
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync("""{"prompt":"a","max_new_tokens":1}"""u8.ToArray(), Ct);
        }
        using var content = new ByteArrayContent(packed.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using HttpResponseMessage answer = await model.Server.Client.PostAsync("/generate", content, Ct);
        JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.UnsupportedMediaType, answer);
        Assert.Equal($"Expected a body without content-encoding, found '{encoding}'.", problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("application/json;charset=UTF-8")]
    [InlineData("APPLICATION/JSON")]
    public async Task A_media_type_may_be_spelt_in_every_way_that_HTTP_allows(string contentType)
    {
        using var content = new ByteArrayContent("""{"prompt":"a","max_new_tokens":1}"""u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using HttpResponseMessage answer = await model.Server.Client.PostAsync("/generate", content, Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("/health/live", 200)]
    [InlineData("/health/ready", 200)]
    [InlineData("/models", 200)]
    [InlineData("/swagger/v1/swagger.json", 200)]
    [InlineData("/", 302)]
    [InlineData("/generate", 405)]
    [InlineData("/nowhere", 404)]
    public async Task HEAD_is_GET_without_its_body(string path, int status)
    {
        (int found, string head, string body) = await RawHttp.SendAsync(model.Server.Url, $"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.Equal((status, ""), (found, body));
        (int get, string getHead, _) = await RawHttp.SendAsync(model.Server.Url, $"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.Equal(status, get);
        Assert.Equal(ContentType(getHead), ContentType(head));
    }

    [Theory]
    [InlineData("*", "GET, HEAD, POST, DELETE, OPTIONS")]
    [InlineData("/generate", "POST")]
    public async Task OPTIONS_lists_the_methods(string target, string methods)
    {
        (int status, string head, string body) = await RawHttp.SendAsync(model.Server.Url, $"OPTIONS {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.Equal((204, ""), (status, body));
        Assert.Contains($"Allow: {methods}", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("attacker.example", 400)]
    [InlineData("localhost.attacker.example:5080", 400)]
    [InlineData("127.0.0.1.nip.io", 400)]
    [InlineData("localhost", 200)]
    [InlineData("LOCALHOST.:80", 200)]
    [InlineData("factory.localhost", 200)]
    [InlineData("192.168.0.7:5080", 200)]
    [InlineData("[::1]:5080", 200)]
    [InlineData("factory", 200)]
    public async Task A_strangers_name_for_this_machine_is_refused(string host, int status)
    {
        (int found, _, string body) = await RawHttp.SendAsync(model.Server.Url, $"GET /models HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        Assert.Equal(status, found);
        Assert.Equal(status == 400, body.Contains("Expected a Host header", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("models.example")]
    [InlineData("*")]
    public async Task An_allowed_host_is_answered(string allowed)
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { AllowedHosts = [allowed] });
        (int found, _, _) = await RawHttp.SendAsync(server.Url, "GET /models HTTP/1.1\r\nHost: models.example\r\nConnection: close\r\n\r\n");
        Assert.Equal(200, found);
    }

    [Fact]
    public async Task A_target_or_headers_beyond_the_limits_get_a_problem()
    {
        (int status, string head, string body) = await RawHttp.SendAsync(model.Server.Url, $"GET /{new string('a', 9000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.Equal((414, "application/problem+json"), (status, ContentType(head)));
        Assert.Contains("Expected a target of at most 8192 characters, found 9001.", body, StringComparison.Ordinal);
        (status, head, body) = await RawHttp.SendAsync(model.Server.Url, $"GET /models HTTP/1.1\r\nHost: x\r\nX-Long: {new string('a', 40_000)}\r\nConnection: close\r\n\r\n");
        Assert.Equal((431, "application/problem+json"), (status, ContentType(head)));
        Assert.Contains("Expected headers of at most 32768 bytes", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_no_chunks_gets_a_problem()
    {
        (int status, string head, string body) = await RawHttp.SendAsync(
            model.Server.Url, "POST /generate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n{}\r\n0\r\n\r\n");
        Assert.Equal((400, "application/problem+json"), (status, ContentType(head)));
        Assert.Contains("is not encoded as its headers say", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_tell_browsers_to_do_nothing_with_them()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/models");
        request.Headers.TryAddWithoutValidation("Origin", "https://attacker.example");
        using HttpResponseMessage answer = await model.Server.Client.SendAsync(request, Ct);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("""{"prompt":"a","max_new_tokens":1.0}""")]
    [InlineData("""{"prompt":"a","max_new_tokens":2e0,"seed":1.8446744073709551615e19}""")]
    [InlineData("""{"prompt":"a","max_new_tokens":1,"top_k":2147483647}""")]
    public async Task A_whole_number_may_be_written_with_a_point(string body)
    {
        using HttpResponseMessage answer = await model.Server.PostAsync("/generate", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }

    [Theory]
    [InlineData("""{"prompt":"a","top_k":2147483648}""", "top_k", "expected a whole number from 0 to 2147483647, found 2147483648.")]
    [InlineData("""{"prompt":"a","max_new_tokens":1.5}""", "max_new_tokens", "expected a whole number from 1 to 2147483647, found 1.5.")]
    [InlineData("""{"prompt":"a","stop":["\ud83d"]}""", "stop[0]", "expected a string of well-formed Unicode, found a string with half a surrogate pair or a byte outside UTF-8.")]
    [InlineData("""{"prompt":"a","stop":[null]}""", "stop", "expected strings of 1 to 256 characters, found null at [0].")]
    [InlineData("""{"u0":1,"u1":1,"u2":1,"u3":1,"prompt":"a"}""", "u0", "unknown field; expected one of prompt, max_new_tokens, temperature, top_k, top_p, min_p, repetition_penalty, seed, stop, stream, parse_special, model.")]
    public async Task Sentences_are_true(string body, string field, string sentence)
    {
        using HttpResponseMessage answer = await model.Server.PostAsync("/generate", body);
        Assert.Equal(sentence, await ProblemAssert.NamesAsync(field, answer));
    }

    private static string? ContentType(string head) =>
        head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Type: ", StringComparison.OrdinalIgnoreCase))?[14..].Split(';')[0];
}
