using System.Globalization;
using System.Text.Json;
using Factory.Core.Journal;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Recipes;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>The last step before a run trains: its state comes back, or it begins and claims its directory with the journal's header.</summary>
internal static class RunStart
{
    /// <summary>How long the device's speed is measured, for MFU.</summary>
    private static readonly TimeSpan MeasuringTime = TimeSpan.FromMilliseconds(200);

    /// <summary>What a matrix product reaches on the session's device, operations per second.</summary>
    public static double MeasureRate(TrainingSession session) => MatmulRate.Measure(session.Model.Placement.Device, session.Model.Placement.Compute, MeasuringTime);

    /// <returns>The journal, open at its end.</returns>
    public static JournalWriter Open(RunFolder folder, FoundRun found, TrainingSession session, TimeProvider clock, double matmulRate, Action<string> log) =>
        found.Checkpoint is (string path, TrainerState state) ? Resume(folder, path, state, session, log) : Begin(folder, session, clock, matmulRate);

    private static JournalWriter Resume(RunFolder folder, string checkpoint, TrainerState state, TrainingSession session, Action<string> log)
    {
        session.Restore(checkpoint, state);
        log(string.Create(CultureInfo.InvariantCulture, $"resumed from {checkpoint}: {state.Step} of {session.Recipe.Schedule.Steps} steps are done"));
        return JournalWriter.Open(folder.Path, state.JournalLength);
    }

    private static JournalWriter Begin(RunFolder folder, TrainingSession session, TimeProvider clock, double matmulRate)
    {
        session.Initialize();
        JournalWriter journal = JournalWriter.Open(folder.Path, 0);
        journal.Append(new HeaderRecord
        {
            Started = clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            TrainerVersion = RunFolder.TrainerVersion,
            TorchsharpVersion = RunFolder.TorchSharpVersion,
            Device = session.Model.Placement.Device.ToString(),
            Threads = get_num_threads(),
            Parameters = session.Model.Architecture.Parameters.TotalCount,
            Vocabulary = session.Model.Architecture.VocabularySize,
            Data = session.Source.Directory,
            DataSha256 = session.Source.Hash,
            Recipe = JsonSerializer.SerializeToElement(RecipeJson.Write(session.Recipe)),
            MatmulRate = Math.Round(matmulRate),
        });
        return journal;
    }
}
