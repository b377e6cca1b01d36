using Factory.Core;
using Factory.Trainer.Tokens;

namespace Factory.Trainer.Training;

/// <summary>Opens the tokens of a run.</summary>
internal static class TrainingData
{
    /// <param name="asked">Directory that was named; null for that of the run, or the bundled corpus.</param>
    /// <param name="origin">What the run was started with; null where it starts now.</param>
    /// <exception cref="UserError">There are no tokens, or others than the run was started on.</exception>
    public static TokenDataset Open(string? asked, RunOrigin? origin, Action<string> log, CancellationToken cancellationToken)
    {
        string directory = asked ?? origin?.Data ?? BundledCorpus.DefaultDirectory;
        if (asked is null && directory == BundledCorpus.DefaultDirectory)
        {
            BundledCorpus.Prepare(directory, log, cancellationToken);
        }
        TokenDataset data = TokenDataset.Open(directory);
        if (origin is not null && origin.DataHash != data.Manifest.ContentHash)
        {
            data.Dispose();
            throw new SettingError("data", $"the run was started on the tokens of {origin.Data} with content hash {origin.DataHash}, found {data.Manifest.ContentHash} in {directory}. "
                + "Name the run's data, or start another run with --output.");
        }
        return data;
    }
}
