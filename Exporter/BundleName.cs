using Factory.Core.Checkpoints;

namespace Factory.Exporter;

/// <summary>What a bundle is called when nobody says: after its run, or after run and step when one step was chosen.</summary>
internal static class BundleName
{
    /// <param name="chosen">The run or checkpoint that the user named.</param>
    /// <param name="checkpoint">The checkpoint that it means.</param>
    public static string For(string chosen, string checkpoint)
    {
        string name = Path.GetFileName(Full(chosen));
        string? run = Path.GetDirectoryName(Path.GetDirectoryName(Full(chosen)));
        bool isStep = Full(chosen) == Full(checkpoint) && run is not null && CheckpointFolder.Steps(run).Any(step => Full(step.Path) == Full(chosen));
        return isStep ? $"{Path.GetFileName(run)}-{name}" : name;
    }

    private static string Full(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
}
