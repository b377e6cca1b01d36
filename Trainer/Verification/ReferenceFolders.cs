using Factory.Core;
using Factory.Trainer.Model;

namespace Factory.Trainer.Verification;

/// <summary>Finds reference folders and verifies each by its kind.</summary>
public static class ReferenceFolders
{
    /// <summary>The folder itself where it is a reference, else those below it, in order.</summary>
    /// <exception cref="UserError">There is none.</exception>
    public static IReadOnlyList<string> In(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new SettingError("reference", $"expected a folder with {MethodReference.ExpectedFile} or {TrainingLog.FileName}, found no directory {folder}.");
        }
        string[] found = IsReference(folder)
            ? [folder]
            : [.. Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Where(IsReference).Order(StringComparer.Ordinal)];
        return found.Length > 0
            ? found
            : throw new SettingError("reference", $"expected a folder with {MethodReference.ExpectedFile} (a model and its logits, loss and gradients) or {TrainingLog.FileName} "
                + $"(some steps of training), or such folders below it, found neither in {folder}.");
    }

    /// <exception cref="UserError">A file is missing, damaged, or does not fit the others.</exception>
    public static ReferenceReport Verify(string folder, ModelPlacement placement) => IsTraining(folder) ? TrainingReference.Verify(folder, placement) : MethodReference.Verify(folder, placement);

    private static bool IsReference(string folder) => IsTraining(folder) || File.Exists(Path.Combine(folder, MethodReference.ExpectedFile));

    private static bool IsTraining(string folder) => File.Exists(Path.Combine(folder, TrainingLog.FileName));
}
