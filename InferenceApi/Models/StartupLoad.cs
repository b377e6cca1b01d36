using Factory.InferenceApi.Telemetry;
using Factory.Runtime;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Factory.InferenceApi.Models;

/// <summary>Loads the model that the server was started with.</summary>
internal sealed class StartupLoad(ModelRegistry models, ModelLoader loader, IServer server, IHostApplicationLifetime lifetime, ILogger<StartupLoad> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Hosted services start before the server listens: a port in use should fail at once, not after loading.
        var listening = new TaskCompletionSource();
        using CancellationTokenRegistration started = lifetime.ApplicationStarted.Register(listening.SetResult);
        try
        {
            await listening.Task.WaitAsync(stoppingToken);
            if (await loader.LoadAsync(models.Default, stoppingToken) is ProbeReport probe)
            {
                string url = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
                using ModelLease lease = models.Default.Rent();
                log.Ready(models.Default.Directory, lease.Model.Provider, probe.Difference, url);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops before the model was there.
        }
    }
}
