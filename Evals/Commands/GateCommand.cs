using System.CommandLine;
using System.Text;
using System.Text.Json;
using Factory.Core.Disk;
using Factory.Evals.Gates;
using Factory.Evals.Pages;
using Factory.Evals.Reporting;

namespace Factory.Evals.Commands;

/// <summary>Evals gate: may the candidate pass? Exit code 0 yes, 1 no, 2 wrong use.</summary>
public static class GateCommand
{
    private const int Fails = 1;

    public static Command Create()
    {
        var baseline = new Option<string>("--baseline") { Description = "Report that is held against.", HelpName = "FILE", Required = true };
        var candidate = new Option<string>("--candidate") { Description = "Report that is judged.", HelpName = "FILE", Required = true };
        var rules = new Option<string?>("--rules")
        {
            Description = "Rules in JSON {max_drop, hard_drop, significance, tasks: {NAME: {metric, max_drop, hard_drop, min, max}}}. [default: fail on a significant drop of more than 0.02, or any of more than 0.10; for perplexities 2 % and 10 %]",
            HelpName = "FILE",
        };
        var output = new Option<string?>("--output") { Description = "Also write the verdict as JSON.", HelpName = "FILE" };
        var markdown = new Option<string?>("--markdown") { Description = "Also write the verdict as Markdown, for a pull request.", HelpName = "FILE" };
        var command = new Command("gate", "Judge a candidate by a baseline. Exit code 0: passes, 1: fails (a missing task, other data or fewer documents fail too), 2: wrong use.")
        {
            baseline, candidate, rules, output, markdown,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            GateVerdict verdict = Gate.Judge(
                ReportWithSamples.Read(parsed.GetRequiredValue(baseline)),
                ReportWithSamples.Read(parsed.GetRequiredValue(candidate)),
                parsed.GetValue(rules) is string file ? GateRules.Read(file) : new GateRules(),
                cancellationToken);
            if (parsed.GetValue(output) is string json)
            {
                AtomicFile.Write(json, [.. JsonSerializer.SerializeToUtf8Bytes(verdict, GateJson.Default.GateVerdict), (byte)'\n']);
            }
            if (parsed.GetValue(markdown) is string page)
            {
                AtomicFile.Write(page, Encoding.UTF8.GetBytes(ToMarkdown(verdict)));
            }
            ResultConsole.Write(DifferenceTable.FromDifferences(verdict.Differences));
            foreach (string reason in verdict.Reasons)
            {
                Console.WriteLine(reason);
            }
            Console.WriteLine(verdict.Passes
                ? "Gate: passed."
                : $"Gate: failed for {verdict.Reasons.Count} reason{(verdict.Reasons.Count == 1 ? "" : "s")}. Look closer: dotnet run -c Release --project Evals -- compare A B");
            return Task.FromResult(verdict.Passes ? 0 : Fails);
        });
        return command;
    }

    private static string ToMarkdown(GateVerdict verdict)
    {
        var text = new StringBuilder($"### Gate: {(verdict.Passes ? "passed" : "failed")}\n\n");
        foreach (string reason in verdict.Reasons)
        {
            text.Append($"- {reason}\n");
        }
        return text.Append(verdict.Reasons.Count > 0 ? "\n" : "").Append(Markdown.Table(DifferenceTable.Headers, verdict.Differences.Select(DifferenceTable.Cells))).ToString();
    }
}
