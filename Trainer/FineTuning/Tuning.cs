using System.Globalization;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Core.Journal;
using Factory.Core.Safetensors;
using Factory.Core.Text;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
using Factory.Trainer.Training;

namespace Factory.Trainer.FineTuning;

/// <summary>From a request to a run that tunes a model on instructions.</summary>
public static class Tuning
{
    private const string TemplateFile = "chat_template.jinja";

    /// <summary>Opens everything and says on <paramref name="log"/> what was taken. Nothing is written before all that was asked for is found to fit.</summary>
    /// <exception cref="UserError">Something asked for is not there or does not fit the model or the run.</exception>
    public static TrainingRun Prepare(TuneRequest request, TimeProvider clock, Action<string> log)
    {
        string checkpoint = CheckpointFolder.Resolve(request.Checkpoint);
        Manifest manifest = Manifest.Read(checkpoint, CheckpointFolder.Kind);
        if (BertConfig.IsAt(checkpoint))
        {
            throw new UserError($"{checkpoint}: expected a model that writes, found a BERT, which is imported to be looked into and scored, not trained.");
        }
        TextTokenizer tokenizer = TextTokenizer.FindIn(checkpoint) ?? throw new UserError($"{checkpoint}: expected a tokenizer beside the model, found none. Fine-tuning reads text.");
        LlamaArchitecture architecture = ConfigJson.Read(checkpoint);
        IReadOnlyList<IReadOnlyList<ChatMessage>> rows = InstructionFile.Read(request.Data);

        DeviceChoice device = ComputeDevice.Choose(request.Device, request.Threads);
        MachineChoice machine = MachineChoice.On(device.Device);
        Recipe asked = Recipe.ResolveTuning(request.Given, rows.Count, machine.Precision, machine.Kernels);
        var folder = new RunFolder(request.Output ?? Path.Combine("runs", $"{NameOf(request.Checkpoint)}-{RecipeSettings.Named("method").Text(asked)}"));
        using var opened = new OpenedParts();
        RunLock held = opened.Add(RunLock.Acquire(folder.Path));
        FoundRun found = FoundRun.In(folder, request.Resume, log);
        Recipe recipe = found.Continue(request.Given, asked);
        InstructionSet data = InstructionSet.FromRows(rows, recipe, tokenizer, architecture.MaxPositions);
        // The epochs are those of the rows that are left to train on.
        recipe = found.Origin is null ? Recipe.ResolveTuning(request.Given, data.Train.Count, machine.Precision, machine.Kernels) : recipe;
        var source = new TrainingSource(string.Join(", ", request.Data), data.HashWith(manifest), tokenizer);
        if (found.Origin is RunOrigin origin && origin.DataHash != source.Hash)
        {
            throw new SettingError("data", $"the run was started on other rows or another model (hash {origin.DataHash}), found {source.Hash}. Name those it was started with, or start another run with --output.");
        }
        TrainingSession session = opened.Add(Session(recipe, architecture, checkpoint, source, data, device));
        log($"{device.Reason}; precision {RecipeSettings.Named("precision").Text(recipe)}, kernels {recipe.Run.Kernels}");
        log(string.Create(CultureInfo.InvariantCulture,
            $"model {checkpoint}, {architecture.Parameters.TotalCount:N0} parameters, of which {session.Optimizer.Parameters.At(0).Sum(parameter => parameter.Value.numel()):N0} are trained at a time; "
            + $"{data.Train.Count:N0} rows to train on, {data.HeldOut.Count:N0} held out, {data.Truncated:N0} cut off at {Math.Min(recipe.Data.SequenceLength, architecture.MaxPositions)} tokens, {data.Dropped:N0} left out (no answer, or none within them), none packed"));
        double rate = RunStart.MeasureRate(session);
        JournalWriter journal = opened.Add(RunStart.Open(folder, found, session, clock, rate, log));
        return opened.Give(new TrainingRun(folder, held, session, null, journal, found, rate, request.MaxTime));
    }

    private static TrainingSession Session(Recipe recipe, LlamaArchitecture architecture, string checkpoint, TrainingSource source, InstructionSet data, DeviceChoice device)
    {
        TuningRecipe tuning = recipe.Tuning;
        var model = new LlamaModel(architecture, TrainingSession.Placement(device.Device, recipe.Run));
        try
        {
            using (SafetensorsReader weights = SafetensorsReader.Open(Path.Combine(checkpoint, CheckpointFolder.WeightsFile)))
            {
                WeightFile.Load(model, weights);
            }
            LowRankAdapters? adapters = tuning.Method == TuningMethod.Lora
                ? new LowRankAdapters(model, new LoraRecipe(tuning.LoraRank, tuning.LoraAlpha, [.. tuning.LoraTargets.Split(',').Distinct()], tuning.LoraRankStabilized), recipe.Run.Seed)
                : null;
            ITrainableSet trained = adapters is not null ? adapters
                : tuning.Method == TuningMethod.Lisa ? new LayerSampling(model, tuning.LisaBlocks, tuning.LisaEvery, recipe.Run.Seed)
                : new AllParameters(model);
            string template = PromptTemplate.Named(tuning.Template).Jinja();
            return new TrainingSession(
                recipe, source,
                new TuningRows(data.Train, recipe.Data.BatchSize, recipe.Data.MicroBatchSize, recipe.Run.Seed),
                new Validation(() => TuningRows.InOrder(data.HeldOut, recipe.Run.EvalTokens, recipe.Data.MicroBatchSize), paperEval: false, answers: true),
                model, new AdamW(trained, recipe.Optimizer))
            {
                Adapters = adapters,
                MoreFiles = directory =>
                {
                    File.WriteAllText(Path.Combine(directory, TemplateFile), template);
                    adapters?.Write(directory, Path.GetFullPath(checkpoint));
                },
            };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Of a run its name; of a checkpoint in a run that of the run.</summary>
    private static string NameOf(string checkpoint)
    {
        string[] parts = Path.GetFullPath(Path.TrimEndingDirectorySeparator(checkpoint)).Split(Path.DirectorySeparatorChar);
        return parts is [.., string run, "checkpoints", _] ? run : parts[^1];
    }
}
