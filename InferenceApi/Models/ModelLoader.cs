using Factory.Core;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Settings;
using Factory.InferenceApi.Telemetry;
using Factory.Runtime;
using Factory.Runtime.Engine;

namespace Factory.InferenceApi.Models;

/// <summary>Loads a model while the server already answers, and serves it only if it gives the probe's logits.</summary>
internal sealed class ModelLoader(ServerOptions options, ILogger<ModelLoader> log)
{
    /// <returns>How the probe went; null when the model is not served, with the reason in <see cref="ServedModel.Failure"/>.</returns>
    public async Task<ProbeReport?> LoadAsync(ServedModel served, CancellationToken cancellationToken)
    {
        try
        {
            LanguageModel model = await Task.Run(() => LanguageModel.Load(Bundle.Open(served.Directory), options.Runtime, log.Loading), cancellationToken);
            (ProbeReport probe, InferenceEngine engine) = await Task.Run(() => Start(served, model), cancellationToken);
            served.Succeed(model, engine);
            return probe;
        }
        catch (UserError error)
        {
            Fail(served, error.Message);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            log.LoadingBroke(error);
            Fail(served, "it could not be loaded; the server's log has the cause.");
        }
        return null;
    }

    private (ProbeReport Probe, InferenceEngine Engine) Start(ServedModel served, LanguageModel model)
    {
        try
        {
            return (ProbeVerifier.Verify(model, served.Name), new InferenceEngine(model, options.Engine));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private void Fail(ServedModel served, string reason)
    {
        served.Fail(reason);
        log.NotServed(served.Name, reason);
    }
}
