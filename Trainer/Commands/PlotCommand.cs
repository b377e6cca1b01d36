using System.CommandLine;
using Factory.Core;
using Factory.Core.Journal;
using Factory.Trainer.Comparison;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer plot</c>: figures of runs from their journals.</summary>
internal static class PlotCommand
{
    public static Command Create()
    {
        Argument<string[]> runs = new("runs") { Description = "Directories of runs, or of several runs: runs/nano-lns, runs/*, runs/compare.", Arity = ArgumentArity.OneOrMore };
        Option<string?> output = new("--output") { Description = "Directory of the figures. [default: RUN/plots; plots for several runs]", HelpName = "DIR" };
        var command = new Command("plot", "Draw loss, gradient norm, perplexity and each block's variance over training, as PNG and SVG.") { runs, output };
        command.SetAction(parsed =>
        {
            string[] found = [.. parsed.GetRequiredValue(runs).SelectMany(Runs).Distinct()];
            string folder = parsed.GetValue(output) ?? (found.Length == 1 ? Path.Combine(found[0], "plots") : "plots");
            IReadOnlyList<string> figures = RunFigures.Write(folder, [.. found.Select(run => RunHistory.Read(run))]);
            Console.WriteLine($"{figures.Count} figures of {found.Length} run{(found.Length == 1 ? "" : "s")}, each as .png and .svg, are in {folder}: {string.Join(", ", figures.Select(Path.GetFileNameWithoutExtension))}.");
            return 0;
        });
        return command;
    }

    /// <summary>The run at <paramref name="path"/>, or those below it. What is neither, such as the file 'latest' among runs, is passed over where a pattern gave it.</summary>
    private static string[] Runs(string path)
    {
        if (File.Exists(Path.Combine(path, JournalFile.Name)))
        {
            return [path];
        }
        if (!Directory.Exists(path))
        {
            return File.Exists(path) ? [] : throw new UserError($"{path}: expected a run's directory with {JournalFile.Name}, found nothing there. Train one with 'Trainer pretrain'.");
        }
        string[] below = [.. Directory.EnumerateDirectories(path).Where(run => File.Exists(Path.Combine(run, JournalFile.Name))).Order(StringComparer.Ordinal)];
        return below.Length > 0 ? below : throw new UserError($"{path}: expected a run, or a directory of runs, found no {JournalFile.Name} in it or right below it.");
    }
}
