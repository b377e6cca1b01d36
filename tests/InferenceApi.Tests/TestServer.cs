using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Models;
using Factory.InferenceApi.Settings;
using Factory.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Factory.InferenceApi.Tests;

/// <summary>The server itself, on a free port of the loopback interface.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TemporaryFolder _state;

    private TestServer(WebApplication app, string url, TemporaryFolder state)
    {
        (_app, _state) = (app, state);
        Url = new Uri(url);
        Client = new HttpClient { BaseAddress = Url, Timeout = Timeout.InfiniteTimeSpan };
    }

    public Uri Url { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A server whose model is loaded, or refused.</summary>
    public static async Task<TestServer> StartAsync(string bundle, Func<ServerOptions, ServerOptions>? change = null)
    {
        TestServer server = await ListenAsync(bundle, change);
        await server.Services.GetServices<IHostedService>().OfType<StartupLoad>().Single().ExecuteTask!;
        return server;
    }

    /// <summary>A server that listens; its model may not be there yet, and never comes where <paramref name="loads"/> is false.</summary>
    public static async Task<TestServer> ListenAsync(string bundle, Func<ServerOptions, ServerOptions>? change = null, bool loads = true)
    {
        var state = new TemporaryFolder();
        var options = new ServerOptions
        {
            Model = bundle,
            Addresses = [new ListenAddress(IPAddress.Loopback, 0)],
            State = state.Path,
            Runtime = new RuntimeOptions { Provider = ProviderChoice.Cpu, Threads = 1 },
            Drain = TimeSpan.Zero,
        };
        WebApplicationBuilder builder = InferenceServer.Add(WebApplication.CreateEmptyBuilder(new WebApplicationOptions()), change is null ? options : change(options));
        if (!loads)
        {
            builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(StartupLoad)));
        }
        WebApplication app = InferenceServer.Build(builder);
        await app.StartAsync(Ct);
        return new TestServer(app, app.Urls.Single(), state);
    }

    public Task<HttpResponseMessage> PostAsync(string path, string json, string contentType = "application/json") =>
        Client.PostAsync(path, new StringContent(json, Encoding.UTF8, contentType), Ct);

    /// <summary>The JSON answer to a request that succeeds.</summary>
    public async Task<JsonElement> AskAsync(string path, object body)
    {
        using HttpResponseMessage answer = await Client.PostAsJsonAsync(path, body, Ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Ct);
    }

    /// <summary>A stream's answer, once its headers are there.</summary>
    public async Task<HttpResponseMessage> OpenAsync(object body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/generate") { Content = JsonContent.Create(body) };
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
    }

    public Task StopAsync() => _app.StopAsync(Ct);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _state.Dispose();
    }
}
