using System.Net;
using System.Net.Sockets;
using System.Text;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Settings;
using Microsoft.Extensions.DependencyInjection;

namespace Factory.InferenceApi.Tests;

/// <summary>Clients that hold a connection and give nothing, or drop by drop.</summary>
public sealed class SlowClientTests(ModelFixture model)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET /models HTTP/1.1\r\nHost: x\r\nX-Slow: ", 408)]
    [InlineData("POST /generate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", 408)]
    public async Task A_request_that_never_becomes_whole_is_let_go(string beginning, int status)
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { Patience = TimeSpan.FromSeconds(1.5) });
        (int found, _, string body) = await RawHttp.SendAsync(server.Url, beginning);
        Assert.Equal(status, found);
        // Kestrel itself answers what is no request yet: the status alone.
        Assert.Equal(beginning.StartsWith("POST", StringComparison.Ordinal), body.Contains("Expected the whole body sooner.", StringComparison.Ordinal));
        await server.AskAsync("/generate", new { prompt = "a", max_new_tokens = 1 });
    }

    [Fact]
    public async Task Half_open_connections_do_not_keep_others_out_and_have_a_limit()
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { MaxConcurrent = 1, Queue = 0 });
        int most = (int)Listening.MostConnections(server.Services.GetRequiredService<ServerOptions>());
        using HttpResponseMessage first = await server.Client.GetAsync("/health/ready", Ct);
        var silent = new List<TcpClient>();
        try
        {
            // One connection is the client's.
            while (silent.Count < most - 1)
            {
                silent.Add(await ConnectAsync(server.Url));
            }
            await server.AskAsync("/generate", new { prompt = "a", max_new_tokens = 1 });
            using TcpClient oneMore = await ConnectAsync(server.Url);
            Assert.Equal(0, await ReadAsync(oneMore));
        }
        finally
        {
            silent.ForEach(client => client.Dispose());
        }
        // The places come free as the server notices.
        while (true)
        {
            using TcpClient later = await ConnectAsync(server.Url);
            await later.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), Ct);
            if (await ReadAsync(later) > 0)
            {
                break;
            }
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_its_stream_keeps_nobody_waiting()
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { MaxConcurrent = 2 });
        using HttpResponseMessage unread = await server.OpenAsync(new { prompt = "the", max_new_tokens = 2000, stream = true });
        await server.AskAsync("/generate", new { prompt = "a", max_new_tokens = 5 });
        Assert.Equal(HttpStatusCode.OK, unread.StatusCode);
    }

    private static async Task<TcpClient> ConnectAsync(Uri server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, Ct);
        return client;
    }

    /// <summary>Bytes of the first answer; 0 when the server closed the connection.</summary>
    private static async Task<int> ReadAsync(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[1024], Ct);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
