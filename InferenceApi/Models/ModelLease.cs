using Factory.Runtime;

namespace Factory.InferenceApi.Models;

/// <summary>The right to use a loaded model until disposed; it is not unloaded before.</summary>
internal sealed class ModelLease(LanguageModel model, Action giveBack) : IDisposable
{
    private int _given;

    public LanguageModel Model => model;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _given, 1) == 0)
        {
            giveBack();
        }
    }
}
