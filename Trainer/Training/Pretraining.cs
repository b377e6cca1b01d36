using System.Globalization;
using Factory.Core;
using Factory.Core.Journal;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Recipes;
using Factory.Trainer.Tokens;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>From a request to a run that trains a model from scratch.</summary>
public static class Pretraining
{
    /// <summary>Opens everything and says on <paramref name="log"/> what was taken. Nothing is written before all that was asked for is found to fit.</summary>
    /// <exception cref="UserError">Something asked for is not there or does not fit the run.</exception>
    public static TrainingRun Prepare(PretrainRequest request, TimeProvider clock, Action<string> log, CancellationToken cancellationToken)
    {
        DeviceChoice device = ComputeDevice.Choose(request.Device, request.Threads);
        MachineChoice machine = MachineChoice.On(device.Device);
        Recipe asked = Recipe.Resolve(request.Given, machine.Precision, machine.Kernels);
        var folder = new RunFolder(request.OutputOf(asked));
        using var opened = new OpenedParts();
        RunLock held = opened.Add(RunLock.Acquire(folder.Path));
        FoundRun found = FoundRun.In(folder, request.Resume, log);
        Recipe recipe = found.Continue(request.Given, asked);
        TokenDataset data = opened.Add(TrainingData.Open(request.Data, found.Origin, log, cancellationToken));
        TrainingSession session = opened.Add(new TrainingSession(recipe, data, device.Device));
        Describe(session, device, machine, data.Train.Count, log);
        double rate = RunStart.MeasureRate(session);
        JournalWriter journal = opened.Add(RunStart.Open(folder, found, session, clock, rate, log));
        return opened.Give(new TrainingRun(folder, held, session, data, journal, found, rate, request.MaxTime));
    }

    private static void Describe(TrainingSession session, DeviceChoice device, MachineChoice machine, long tokens, Action<string> log)
    {
        Recipe recipe = session.Recipe;
        log($"{device.Reason}; precision {RecipeSettings.Named("precision").Text(recipe)}, kernels {recipe.Run.Kernels}; {get_num_threads()} threads ({machine.Reason})");
        log(string.Create(CultureInfo.InvariantCulture,
            $"model {recipe.Model.Preset}, {session.Model.Architecture.NormScheme.Describe(session.Model.Architecture)}, {recipe.Model.Blocks} blocks, {session.Model.Architecture.Parameters.TotalCount:N0} parameters; "
            + $"recipe {recipe.Name}; data {session.Source.Directory}, {tokens:N0} training tokens"));
    }
}
