namespace Factory.Runtime;

/// <summary>Counts what several workers have done, so that what is reported never falls.</summary>
internal sealed class ScoringProgress(IProgress<int>? target)
{
    private readonly Lock _lock = new();
    private int _done;

    public void Add(int count)
    {
        lock (_lock)
        {
            _done += count;
            target?.Report(_done);
        }
    }
}
