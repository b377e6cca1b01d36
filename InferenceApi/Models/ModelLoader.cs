using Factory.Core;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Settings;
using Factory.InferenceApi.Telemetry;
using Factory.Runtime;
using Factory.Runtime.Engine;

namespace Factory.InferenceApi.Models;

/// <summary>Loads a model while the server already answers, and serves it only if it gives the probe's logits.</summary>
internal sealed class ModelLoader(ServerOptions options, ILogger<ModelLoader> log, ILogger<InferenceEngine> engineLog)
{
    /// <summary>Goes on to the end once begun: native memory that is being filled cannot be given back half-way.</summary>
    /// <returns>How the probe went; null when the model is not served, with the reason in <see cref="ServedModel.Failure"/>.</returns>
    public async Task<ProbeReport?> LoadAsync(ServedModel served, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => Load(served), cancellationToken);
        }
        catch (InsufficientMemoryError error)
        {
            Fail(served, error.Message, lacksMemory: true);
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

    private ProbeReport Load(ServedModel served)
    {
        LanguageModel model = LanguageModel.Load(Bundle.Open(served.Directory), options.Runtime, log.Loading);
        try
        {
            ProbeReport probe = ProbeVerifier.Verify(model, served.Name);
            served.Succeed(model, new InferenceEngine(model, options.Engine, engineLog));
            return probe;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private void Fail(ServedModel served, string reason, bool lacksMemory = false)
    {
        served.Fail(reason, lacksMemory);
        log.NotServed(served.Name, reason);
    }
}
