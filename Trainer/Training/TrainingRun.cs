using Factory.Core.Disk;
using Factory.Core.Journal;
using Factory.Trainer.Recipes;

namespace Factory.Trainer.Training;

/// <summary>A run ready to train: what was asked for, what stands in its directory, its parts.</summary>
public sealed class TrainingRun : IDisposable
{
    private readonly RunLock _lock;
    private readonly IDisposable? _data;
    private readonly TrainingSession _session;
    private readonly JournalWriter _journal;
    private readonly double _matmulRate;
    private readonly TimeSpan? _maxTime;

    internal TrainingRun(RunFolder folder, RunLock held, TrainingSession session, IDisposable? data, JournalWriter journal, FoundRun found, double matmulRate, TimeSpan? maxTime)
    {
        (Folder, State) = (folder, found.Checkpoint?.State);
        Checkpoint = found.Checkpoint?.Path;
        (_lock, _session, _data, _journal, _matmulRate, _maxTime) = (held, session, data, journal, matmulRate, maxTime);
    }

    public RunFolder Folder { get; }

    public Recipe Recipe => _session.Recipe;

    /// <summary>Where the run stands; null before its first checkpoint.</summary>
    public TrainerState? State { get; private set; }

    /// <summary>The newest checkpoint; null before the first.</summary>
    public string? Checkpoint { get; private set; }

    /// <summary>Updates done.</summary>
    public long Done => State?.Step ?? 0;

    public bool IsComplete => Done >= Recipe.Schedule.Steps || TrainingLoop.IsOver(State?.Best, Recipe.Run.Patience);

    /// <summary>Trains until one of the <see cref="RunEnd"/>s. A finished run is the latest among its siblings.</summary>
    /// <param name="listen">Takes every record, beside the journal.</param>
    /// <exception cref="DivergedError">The divergence guard stopped the run.</exception>
    public RunEnd Train(TimeProvider clock, Action<JournalRecord> listen, CancellationToken cancellationToken)
    {
        using TensorBoardLog? board = Recipe.Run.Tensorboard ? TensorBoardLog.Open(Folder.Path) : null;
        var loop = new TrainingLoop(_session, Folder, _journal, Emit, clock) { MatmulRate = _matmulRate, MaxTime = _maxTime };
        (RunEnd end, Checkpoint) = loop.Run(State, cancellationToken);
        State = loop.State;
        if (end is RunEnd.Finished or RunEnd.EarlyStop)
        {
            LatestName.Write(Folder.Path, warning => listen(new EventRecord(Done, "warning", warning)));
        }
        return end;

        void Emit(JournalRecord record)
        {
            _journal.Append(record);
            board?.Write(record);
            listen(record);
        }
    }

    public void Dispose()
    {
        _journal.Dispose();
        _session.Dispose();
        _data?.Dispose();
        _lock.Dispose();
    }
}
