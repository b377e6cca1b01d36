using Factory.Core.Journal;
using Factory.Trainer.Recipes;
using TorchSharp;

namespace Factory.Trainer.Training;

/// <summary>
/// Updates whose loss and gradient norm are still on the device, oldest first. When they are read, the guard judges each and each becomes a record. Where
/// one at a time is read it is judged before it is applied; else the device has left out one that is not finite, and all after it.
/// </summary>
/// <param name="every">Updates that are read together, at least one.</param>
/// <param name="emit">Takes the records.</param>
/// <param name="record">Makes the record of an update: its number from one, tokens up to it, what was measured, the verdict, tokens a second.</param>
internal sealed class UnreadUpdates(
    long every, TrainingStep step, AdamW optimizer, DivergenceGuard guard, TimeProvider clock, Action<JournalRecord> emit, Func<long, long, StepReport, GuardVerdict, double, StepRecord> record) : IDisposable
{
    /// <summary>Enough that a GPU has always work before it, few enough that a run that broke is seen soon.</summary>
    private const long EveryOnCuda = 10;

    private readonly List<Entry> _entries = [];
    private long _begin;

    /// <summary>How many are to be read together: as the run asks, but one where each update is decided about.</summary>
    public static long Every(RunRecipe run, DeviceType device) => run.OnSpike switch
    {
        SpikeAction.Skip or SpikeAction.Stop => 1,
        SpikeAction.Ignore or SpikeAction.Warn => run.LogEvery > 0 ? run.LogEvery : device == DeviceType.CUDA ? EveryOnCuda : 1,
    };

    /// <summary>Whether all have been read.</summary>
    public bool AreNone => _entries.Count == 0;

    /// <summary>Whether as many as are read together are there.</summary>
    public bool AreDue => _entries.Count >= every;

    /// <summary>The last one.</summary>
    public StepMeasurement? Last => AreNone ? null : _entries[^1].Measured;

    /// <summary>Says that work on the next update begins, for the speed.</summary>
    public void Begin() => _begin = AreNone ? clock.GetTimestamp() : _begin;

    /// <summary>Takes an update that was just measured, and applies it unless it is to be judged first.</summary>
    /// <param name="number">From one.</param>
    /// <param name="tokens">Those of the run up to this update.</param>
    /// <param name="added">Those of this update.</param>
    public void Add(long number, long tokens, long added, StepMeasurement measured)
    {
        _entries.Add(new Entry(number, tokens, added, measured));
        if (every > 1)
        {
            step.Apply(measured);
        }
    }

    /// <summary>Reads all, judges and records them.</summary>
    /// <returns>null, or the first update that ends the run: neither it nor any after it has changed the weights.</returns>
    public (long Number, long TokensBefore, string Message)? Read()
    {
        if (AreNone)
        {
            return null;
        }
        using IDisposable _ = this;
        IReadOnlyList<StepReport> reports = StepMeasurement.Read([.. _entries.Select(entry => entry.Measured)]);
        var verdicts = new (GuardVerdict Verdict, string? Message)[reports.Count];
        for (int i = 0; i < reports.Count; i++)
        {
            verdicts[i] = guard.Judge(reports[i]);
            if (verdicts[i].Verdict == GuardVerdict.Stop)
            {
                break;
            }
            if (every == 1 && verdicts[i].Verdict == GuardVerdict.Apply)
            {
                step.Apply(_entries[i].Measured);
            }
        }
        double tokensPerSecond = _entries.Sum(entry => entry.Added) / clock.GetElapsedTime(_begin).TotalSeconds;
        for (int i = 0; i < reports.Count; i++)
        {
            (long number, long tokens, long added, StepMeasurement _) = _entries[i];
            (GuardVerdict verdict, string? message) = verdicts[i];
            if (message is not null)
            {
                emit(new EventRecord(number, verdict == GuardVerdict.Stop ? "diverged" : "spike", $"update {number}: {message}{(verdict == GuardVerdict.Skip ? "; the update was skipped" : "")}"));
            }
            if (verdict == GuardVerdict.Stop)
            {
                TakeBackFrom(i);
                return (number, tokens - added, message!);
            }
            emit(record(number, tokens, reports[i], verdict, tokensPerSecond));
        }
        return null;
    }

    /// <summary>Lets all go.</summary>
    public void Dispose()
    {
        _entries.ForEach(entry => entry.Measured.Dispose());
        _entries.Clear();
    }

    private void TakeBackFrom(int first)
    {
        if (every > 1)
        {
            _entries.Skip(first).ToList().ForEach(entry => optimizer.TakeBack(entry.Measured.Active));
        }
    }

    private sealed record Entry(long Number, long Tokens, long Added, StepMeasurement Measured);
}
