using System.Net.Sockets;
using Factory.Core;
using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Telemetry;
using Microsoft.AspNetCore.Connections;

namespace Factory.InferenceApi.Hosting;

/// <summary>Kestrel, logging and the way a server starts and stops.</summary>
internal static class Listening
{
    public static void AddListening(this WebApplicationBuilder builder, ServerOptions options)
    {
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseUrls([.. options.Urls]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBody.MaxBytes;
        });
        builder.Services.AddRoutingCore().AddMetrics();
        // After the grace, work that was cancelled ends with the token in the making, and its answer is sent.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownGrace + TimeSpan.FromSeconds(10));
        builder.Logging.AddPlainConsole();
    }

    /// <summary>Listens until <paramref name="ct"/> is cancelled, then lets what is going on end.</summary>
    /// <exception cref="UserError">An address cannot be listened on.</exception>
    public static async Task RunAsync(WebApplication app, ServerOptions options, CancellationToken ct)
    {
        try
        {
            await app.StartAsync(ct);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            string found = error.InnerException is AddressInUseException ? "one that another program listens on" : error.Message.ReplaceLineEndings(" ");
            throw new UserError($"--urls {string.Join(";", options.Urls)}: expected an address to listen on, found {found}. Stop the other program or choose another port, --urls http://127.0.0.1:5081 for example.", error);
        }
        app.Logger.Listening(app.Urls, options.Model);
        await app.WaitForShutdownAsync(ct);
    }
}
