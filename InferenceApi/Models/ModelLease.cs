using Factory.Runtime;

namespace Factory.InferenceApi.Models;

/// <summary>The right to use a loaded model until disposed; it is not unloaded before.</summary>
internal sealed class ModelLease(LanguageModel model, TextEngine? text, Action giveBack) : IDisposable
{
    private int _given;

    public LanguageModel Model => model;

    /// <summary>Text on top of the model's engine; null where the model came without a tokenizer.</summary>
    public TextEngine? Text => text;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _given, 1) == 0)
        {
            giveBack();
        }
    }
}
