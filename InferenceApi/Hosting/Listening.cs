using System.Net.Sockets;
using Factory.Core;
using Factory.InferenceApi.Settings;
using Factory.InferenceApi.Telemetry;
using Microsoft.AspNetCore.Connections;

namespace Factory.InferenceApi.Hosting;

/// <summary>Kestrel, logging and the way a server starts and stops.</summary>
internal static class Listening
{
    public static void AddListening(this WebApplicationBuilder builder, ServerOptions options)
    {
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxBody;
            // Longer ones than HeaderLimits wants still reach it, so that the answer has a body; beyond these Kestrel's own, empty one must do.
            kestrel.Limits.MaxRequestLineSize = 8 * HeaderLimits.LongestTarget;
            kestrel.Limits.MaxRequestHeadersTotalSize = 8 * HeaderLimits.MostHeaderBytes;
            // A client that sends its headers or body drop by drop is let go.
            kestrel.Limits.RequestHeadersTimeout = options.Patience;
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
            kestrel.Limits.MinRequestBodyDataRate = new(bytesPerSecond: 240, gracePeriod: options.Patience);
            kestrel.Limits.MaxConcurrentConnections = MostConnections(options);
            foreach (ListenAddress address in options.Addresses)
            {
                kestrel.Listen(address.Address, address.Port);
            }
        });
        builder.Services.AddRoutingCore().AddMetrics();
        // After the drain, work that was cancelled ends with the token in the making, and its answer is sent.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Drain + TimeSpan.FromSeconds(10));
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddPlainConsole();
    }

    /// <summary>Listens until <paramref name="cancellationToken"/> is cancelled, then lets what is going on end.</summary>
    /// <exception cref="UserError">An address cannot be listened on.</exception>
    public static async Task RunAsync(WebApplication app, ServerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            string found = error.InnerException is AddressInUseException ? "one that another program listens on" : error.Message.ReplaceLineEndings(" ");
            throw new SettingError("urls", $"expected an address to listen on, found {found} among {string.Join(";", options.Addresses)}. Stop the other program or choose another port, --urls http://127.0.0.1:5081 for example.", error);
        }
        app.Logger.Listening(app.Urls, options.Model);
        await app.WaitForShutdownAsync(cancellationToken);
    }

    /// <summary>Enough for everyone who is answered or waits, twice over, and for some who only look.</summary>
    internal static long MostConnections(ServerOptions options) => (2L * (options.MaxConcurrent + options.Queue)) + 256;
}
