using System.CommandLine;
using Factory.CommandLine;
using Factory.Evals.Reporting;

namespace Factory.Evals.Commands;

/// <summary>Evals merge: one report out of those of all shards.</summary>
public static class MergeCommand
{
    public static Command Create()
    {
        Option<string[]> inputs = ReportInputs.Option("Reports of all parts (--shard 1/n to n/n), comma-separated; their samples must lie beside them.");
        var output = new Option<string>("--output") { Description = "Report to write.", HelpName = "FILE", DefaultValueFactory = _ => "report.json" };
        var bootstrap = new Option<int>("--bootstrap-iterations") { Description = "As for 'Evals run'.", HelpName = "N", DefaultValueFactory = _ => 100_000 };
        var command = new Command("merge", "Put the reports of all shards together: the same report as of one run over everything.") { inputs, output, bootstrap };
        command.SetAction((parsed, cancellationToken) =>
        {
            string path = parsed.GetRequiredValue(output);
            ReportWithSamples[] parts = [.. ReportInputs.Paths(parsed, inputs).Select(ReportWithSamples.Read)];
            using ReportFiles files = ReportFiles.Create(path);
            ReportWithSamples merged = ShardMerge.Merge(parts, parsed.GetValue(bootstrap), TimeProvider.System, cancellationToken);
            files.Write(merged.Report, merged.Rows);
            ResultConsole.Write(ReportTable.For(merged.Report));
            Console.WriteLine($"Report: {path}. Show it beside the paper's tables: dotnet run -c Release --project Evals -- report --inputs {ShellWord.Quote(path)} --output report");
            return Task.FromResult(0);
        });
        return command;
    }
}
