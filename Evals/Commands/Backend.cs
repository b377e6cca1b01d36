using Factory.Evals.Models;

namespace Factory.Evals.Commands;

/// <summary>A model with all that has to be closed after it.</summary>
internal sealed class Backend(ILanguageModel model, Stack<IDisposable> owned) : IDisposable
{
    public ILanguageModel Model { get; } = model;

    public void Dispose()
    {
        while (owned.TryPop(out IDisposable? item))
        {
            item.Dispose();
        }
    }
}
