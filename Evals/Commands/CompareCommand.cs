using System.CommandLine;
using System.Text.Json;
using Factory.Core.Disk;
using Factory.Evals.Gates;
using Factory.Evals.Reporting;

namespace Factory.Evals.Commands;

/// <summary>Evals compare: is B better than A?</summary>
public static class CompareCommand
{
    public static Command Create()
    {
        var a = new Argument<string>("A") { Description = "Report of 'Evals run'; its samples beside it make the test a paired one." };
        var b = new Argument<string>("B") { Description = "Report to compare with it." };
        var output = new Option<string?>("--output") { Description = "Also write the differences as JSON.", HelpName = "FILE" };
        var command = new Command("compare", "Compare two reports document by document: McNemar's exact test or a paired bootstrap, effect, interval and verdict for each task.") { a, b, output };
        command.SetAction((parsed, cancellationToken) =>
        {
            IReadOnlyList<Difference> differences = Comparison.Compare(
                ReportWithSamples.Read(parsed.GetRequiredValue(a)), ReportWithSamples.Read(parsed.GetRequiredValue(b)), cancellationToken);
            if (parsed.GetValue(output) is string path)
            {
                AtomicFile.Write(path, [.. JsonSerializer.SerializeToUtf8Bytes(differences, GateJson.Default.IReadOnlyListDifference), (byte)'\n']);
            }
            ResultConsole.Write(DifferenceTable.FromDifferences(differences));
            Console.WriteLine(Note(differences));
            return Task.FromResult(0);
        });
        return command;
    }

    private static string Note(IReadOnlyList<Difference> differences) =>
        $"{differences.Count(difference => difference.Verdict == "better")} better, {differences.Count(difference => difference.Verdict == "worse")} worse, "
        + $"{differences.Count(difference => difference.Verdict == "no difference shown")} without a difference shown. p-values are corrected for {differences.Count} comparisons (Holm); "
        + "that none is shown does not mean that there is none. Let a build fail on it: dotnet run -c Release --project Evals -- gate --baseline A --candidate B";
}
