using System.Globalization;
using System.Text.Json;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Core.Journal;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Recipes;
using Factory.Trainer.Tokens;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>A run ready to train: what was asked for, what stands in its directory, its parts.</summary>
public sealed class PretrainingRun : IDisposable
{
    /// <summary>How long the device's speed is measured, for MFU.</summary>
    private static readonly TimeSpan MeasuringTime = TimeSpan.FromMilliseconds(200);

    private readonly RunLock _lock;
    private readonly TokenDataset _data;
    private readonly TrainingSession _session;
    private readonly JournalWriter _journal;
    private readonly double _matmulRate;
    private readonly TimeSpan? _maxTime;

    private PretrainingRun(RunFolder folder, RunLock held, TrainingSession session, TokenDataset data, JournalWriter journal, FoundRun found, double matmulRate, TimeSpan? maxTime)
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

    /// <summary>Opens everything and says on <paramref name="log"/> what was taken. Nothing is written before all that was asked for is found to fit.</summary>
    /// <exception cref="UserError">Something asked for is not there or does not fit the run.</exception>
    public static PretrainingRun Prepare(PretrainRequest request, TimeProvider clock, Action<string> log, CancellationToken stop)
    {
        DeviceChoice device = ComputeDevice.Choose(request.Device, request.Threads);
        MachineChoice machine = MachineChoice.On(device.Device);
        Recipe asked = Recipe.Resolve(request.Given, machine.Precision, machine.Kernels);
        var folder = new RunFolder(request.OutputOf(asked));
        var opened = new Stack<IDisposable>();
        try
        {
            RunLock held = Opened(RunLock.Acquire(folder.Path));
            FoundRun found = FoundRun.In(folder, request.Resume, log);
            Recipe recipe = found.Continue(request.Given, asked);
            TokenDataset data = Opened(TrainingData.Open(request.Data, found.Origin, log, stop));
            TrainingSession session = Opened(new TrainingSession(recipe, data, device.Device));
            Describe(session, device, machine, log);
            double rate = MatmulRate.Measure(device.Device, session.Model.Placement.Compute, MeasuringTime);
            JournalWriter journal = Opened(found.Checkpoint is (string path, TrainerState state) ? Resume(folder, path, state, session, log) : Begin(folder, session, device, clock, rate));
            return new PretrainingRun(folder, held, session, data, journal, found, rate, request.MaxTime);
        }
        catch
        {
            while (opened.TryPop(out IDisposable? part))
            {
                part.Dispose();
            }
            throw;
        }

        T Opened<T>(T part) where T : IDisposable
        {
            opened.Push(part);
            return part;
        }
    }

    /// <summary>Trains until one of the <see cref="RunEnd"/>s. A finished run is the latest among its siblings.</summary>
    /// <param name="listen">Takes every record, beside the journal.</param>
    /// <exception cref="DivergedError">The divergence guard stopped the run.</exception>
    public RunEnd Train(TimeProvider clock, Action<JournalRecord> listen, CancellationToken stop)
    {
        using TensorBoardLog? board = Recipe.Run.Tensorboard ? TensorBoardLog.Open(Folder.Path) : null;
        var loop = new TrainingLoop(_session, Folder, _journal, Emit, clock) { MatmulRate = _matmulRate, MaxTime = _maxTime };
        (RunEnd end, Checkpoint) = loop.Run(State, stop);
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
        _data.Dispose();
        _lock.Dispose();
    }

    private static void Describe(TrainingSession session, DeviceChoice device, MachineChoice machine, Action<string> log)
    {
        Recipe recipe = session.Recipe;
        log($"{device.Reason}; precision {RecipeSettings.Named("precision").Text(recipe)}, kernels {recipe.Run.Kernels}; {get_num_threads()} threads ({machine.Reason})");
        log(string.Create(CultureInfo.InvariantCulture,
            $"model {recipe.Model.Preset}, {session.Model.Architecture.NormScheme.Describe(session.Model.Architecture)}, {recipe.Model.Blocks} blocks, {session.Model.Architecture.Parameters.TotalCount:N0} parameters; "
            + $"recipe {recipe.Name}; data {session.Data.Directory}, {session.Data.Train.Count:N0} training tokens"));
    }

    private static JournalWriter Resume(RunFolder folder, string checkpoint, TrainerState state, TrainingSession session, Action<string> log)
    {
        RunFolder.Restore(checkpoint, state, session.Model, session.Optimizer);
        log(string.Create(CultureInfo.InvariantCulture, $"resumed from {checkpoint}: {state.Step} of {session.Recipe.Schedule.Steps} steps are done"));
        return JournalWriter.Open(folder.Path, state.JournalLength);
    }

    private static JournalWriter Begin(RunFolder folder, TrainingSession session, DeviceChoice device, TimeProvider clock, double matmulRate)
    {
        session.Initialize();
        JournalWriter journal = JournalWriter.Open(folder.Path, 0);
        journal.Append(new HeaderRecord
        {
            Started = clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            TrainerVersion = RunFolder.TrainerVersion,
            TorchsharpVersion = RunFolder.TorchSharpVersion,
            Device = device.Device.ToString(),
            Threads = get_num_threads(),
            Parameters = session.Model.Architecture.Parameters.TotalCount,
            Vocabulary = session.Model.Architecture.VocabularySize,
            Data = session.Data.Directory,
            DataSha256 = session.Data.Manifest.ContentHash,
            Recipe = JsonSerializer.SerializeToElement(RecipeJson.Write(session.Recipe)),
            MatmulRate = Math.Round(matmulRate),
        });
        return journal;
    }
}
