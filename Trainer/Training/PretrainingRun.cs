using System.Globalization;
using System.Text.Json.Nodes;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Core.Disk;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Model;
using Factory.Trainer.Tokens;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>From a request to a run ready to start: options, data, device, model, and the state of an earlier run where one is resumed.</summary>
public sealed class PretrainingRun : IDisposable
{
    private readonly TokenDataset _data;
    private readonly LlamaModel _model;
    private readonly AdamW _optimizer;
    private readonly Journal _journal;

    private PretrainingRun(RunFolder folder, TrainingOptions options, TokenDataset data, LlamaModel model, AdamW optimizer, Journal journal, long done)
    {
        (Folder, Options, Done) = (folder, options, done);
        (_data, _model, _optimizer, _journal) = (data, model, optimizer, journal);
    }

    public RunFolder Folder { get; }

    public TrainingOptions Options { get; }

    /// <summary>Updates done before this start.</summary>
    public long Done { get; private set; }

    public bool IsComplete => Done >= Options.Steps;

    /// <summary>Opens everything and says on <paramref name="log"/> what was taken.</summary>
    /// <exception cref="UserError">Something asked for is not there or does not fit the run.</exception>
    public static PretrainingRun Prepare(PretrainRequest request, TimeProvider clock, Action<string> log, CancellationToken stop)
    {
        LibTorchLibrary.Prepare();
        DeviceChoice choice = DeviceChoice.Parse(request.Device);
        set_num_threads(request.Threads > 0 ? request.Threads : Environment.ProcessorCount);
        TrainingOptions asked = Asked(request.Given, choice.Device);
        if (string.IsNullOrWhiteSpace(request.Output ?? "runs"))
        {
            throw new UserError("--output: expected a directory, found an empty name.");
        }
        var folder = new RunFolder(request.Output ?? Path.Combine("runs", $"{asked.Preset}-{asked.Norm}"));
        (string Path, TrainerState State)? saved = FindState(folder, request.Resume, log);
        RunOrigin? origin = saved is (_, TrainerState kept) ? new RunOrigin(kept.Options, kept.Data, kept.DataHash) : RunOrigin.Read(folder.Path);

        TrainingOptions options = origin?.Options.With(request.Given) ?? asked;
        origin?.Options.RequireSameRun(options);
        TokenDataset data = OpenData(request.Data, origin, log, stop);
        LlamaArchitecture architecture = Architecture(options, data.Tokenizer);
        var model = new LlamaModel(architecture, Placement(choice.Device, options.Precision));
        var optimizer = new AdamW(model, new AdamWOptions(options.Beta1, options.Beta2, WeightDecay: options.WeightDecay));
        log($"{choice.Reason}; precision {options.Precision}; {get_num_threads()} threads");
        log(string.Create(CultureInfo.InvariantCulture,
            $"model {options.Preset}, {options.Norm}, {options.Blocks} blocks, {architecture.Parameters.TotalCount:N0} parameters; data {data.Directory}, {data.Train.Count:N0} training tokens"));
        Journal journal;
        if (saved is (string checkpoint, TrainerState state))
        {
            RunFolder.Restore(checkpoint, state, model, optimizer);
            journal = Journal.Open(folder.Path, state.JournalLength);
            log(string.Create(CultureInfo.InvariantCulture, $"resumed from {checkpoint}: {state.Step} of {options.Steps} steps are done"));
        }
        else
        {
            manual_seed((long)options.Seed);
            WeightInitializer.Initialize(model, options.Seed, options.EmbeddingStd);
            journal = Journal.Open(folder.Path, 0);
            journal.Append(Header(options, architecture, data, choice.Device, clock));
        }
        return new PretrainingRun(folder, options, data, model, optimizer, journal, saved?.State.Step ?? 0);
    }

    /// <summary>Trains until the end or until <paramref name="stop"/>.</summary>
    /// <returns>The last checkpoint.</returns>
    public string Train(TimeProvider clock, Action<long, StepReport, double> progress, CancellationToken stop)
    {
        var loop = new TrainingLoop(
            Folder, _model, _optimizer, new TrainingBatches(_data.Train, Options, _model.Placement.Device), new Validation(_data.Validation, Options), Options, clock)
        {
            Data = (_data.Directory, _data.Manifest.ContentHash, _data.Tokenizer.Path),
            Progress = progress,
        };
        (Done, string checkpoint) = loop.Run(Done, _journal, stop);
        if (IsComplete)
        {
            LatestName.Write(Folder.Path, Console.Error.WriteLine);
        }
        return checkpoint;
    }

    public void Dispose()
    {
        _journal.Dispose();
        _optimizer.Dispose();
        _model.Dispose();
        _data.Dispose();
    }

    private static TrainingOptions Asked(JsonObject given, Device device)
    {
        Preset preset = Preset.Named((string?)given["preset"] ?? Preset.All[0].Name);
        return TrainingOptions.Of(preset, device.type == TorchSharp.DeviceType.CUDA ? "bf16" : "fp32", given);
    }

    private static (string Path, TrainerState State)? FindState(RunFolder folder, bool resume, Action<string> log)
    {
        if (!folder.IsStarted)
        {
            return null;
        }
        if (!resume)
        {
            throw new UserError($"{folder.Path}: expected no run there, found one. Add --resume to go on with it, or choose another directory with --output.");
        }
        (string Path, TrainerState State)? newest = folder.Newest(log);
        if (newest is null && folder.HasDamaged)
        {
            throw new UserError($"{folder.Path}: expected a checkpoint to go on from, found damaged ones only, set aside as *.damaged. Restore one, or start another run with --output.");
        }
        if (newest is null)
        {
            log($"{folder.Path} has no checkpoint yet; starting from the beginning, with the options it was started with");
        }
        return newest;
    }

    private static TokenDataset OpenData(string? asked, RunOrigin? origin, Action<string> log, CancellationToken stop)
    {
        string directory = asked ?? origin?.Data ?? BundledCorpus.DefaultDirectory;
        if (asked is null && directory == BundledCorpus.DefaultDirectory)
        {
            BundledCorpus.Prepare(directory, log, stop);
        }
        TokenDataset data = TokenDataset.Open(directory);
        if (origin is not null && origin.DataHash != data.Manifest.ContentHash)
        {
            data.Dispose();
            throw new UserError($"--data: the run was started on the tokens of {origin.Data} with content hash {origin.DataHash}, found {data.Manifest.ContentHash} in {directory}. "
                + "Name the run's data, or start another run with --output.");
        }
        return data;
    }

    private static LlamaArchitecture Architecture(TrainingOptions options, Core.Text.TextTokenizer tokenizer)
    {
        Preset preset = Preset.Named(options.Preset);
        NormScheme scheme = NormSchemes.Named(options.Norm);
        return preset.Architecture(scheme, tokenizer.VocabularySize, tokenizer.BosTokenId, tokenizer.EosTokenId) with
        {
            BlockCount = options.Blocks,
            MaxPositions = Math.Max(preset.MaxPositions, options.SequenceLength),
        };
    }

    private static ModelPlacement Placement(Device device, string precision) =>
        new(device, ScalarType.Float32, precision == "bf16" ? ScalarType.BFloat16 : ScalarType.Float32);

    private static JsonObject Header(TrainingOptions options, LlamaArchitecture architecture, TokenDataset data, Device device, TimeProvider clock) => new()
    {
        ["started"] = clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        ["trainer_version"] = RunFolder.TrainerVersion,
        ["torchsharp_version"] = RunFolder.TorchSharpVersion,
        ["device"] = device.ToString(),
        ["threads"] = get_num_threads(),
        ["parameters"] = architecture.Parameters.TotalCount,
        ["vocabulary"] = architecture.VocabularySize,
        ["data"] = data.Directory,
        ["data_sha256"] = data.Manifest.ContentHash,
        ["options"] = options.ToJson(),
    };
}
