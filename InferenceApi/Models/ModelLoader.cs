using Factory.Core;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Telemetry;
using Factory.Runtime;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Factory.InferenceApi.Models;

/// <summary>Loads the model while the server already answers /health/live, and serves it only if it gives the probe's logits.</summary>
internal sealed class ModelLoader(ServedModel served, ServerOptions options, IServer server, IHostApplicationLifetime lifetime, ILogger<ModelLoader> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Hosted services start before the server listens: a port in use should fail at once, not after loading.
        var listening = new TaskCompletionSource();
        using CancellationTokenRegistration started = lifetime.ApplicationStarted.Register(listening.SetResult);
        try
        {
            await listening.Task.WaitAsync(stoppingToken);
            LanguageModel model = await Task.Run(Load, stoppingToken);
            ProbeReport probe = await Task.Run(() => Verify(model), stoppingToken);
            served.Succeed(model);
            string url = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
            log.Ready(served.Directory, model.Provider, probe.Difference, url);
        }
        catch (UserError error)
        {
            Fail(error.Message);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            log.LoadingBroke(error);
            Fail("it could not be loaded; the server's log has the cause.");
        }
    }

    private LanguageModel Load() => LanguageModel.Load(Bundle.Open(served.Directory), options.Runtime, log.Loading);

    private ProbeReport Verify(LanguageModel model)
    {
        try
        {
            return ProbeVerifier.Verify(model, served.Name);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private void Fail(string reason)
    {
        served.Fail(reason);
        log.NotServed(served.Name, reason);
    }
}
