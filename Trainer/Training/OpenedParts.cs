namespace Factory.Trainer.Training;

/// <summary>What was opened on the way to a run: closed again, the last first, unless all went well.</summary>
internal sealed class OpenedParts : IDisposable
{
    private readonly Stack<IDisposable> _parts = new();

    public T Add<T>(T part) where T : IDisposable
    {
        _parts.Push(part);
        return part;
    }

    /// <summary>Leaves the parts to <paramref name="owner"/>.</summary>
    public T Give<T>(T owner)
    {
        _parts.Clear();
        return owner;
    }

    public void Dispose()
    {
        while (_parts.TryPop(out IDisposable? part))
        {
            part.Dispose();
        }
    }
}
