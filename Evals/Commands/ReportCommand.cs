using System.CommandLine;
using System.Text;
using Factory.CommandLine;
using Factory.Core.Disk;
using Factory.Evals.Pages;
using Factory.Evals.Reporting;

namespace Factory.Evals.Commands;

/// <summary>Evals report: several reports on one page.</summary>
public static class ReportCommand
{
    public static Command Create()
    {
        Option<string[]> inputs = ReportInputs.Option("Reports of 'Evals run', one a model, comma-separated; others are compared with the first.");
        var output = new Option<string>("--output") { Description = "Folder for index.html (one file, nothing outside), report.md and the figures.", HelpName = "DIR", DefaultValueFactory = _ => "report" };
        var command = new Command("report", "Put reports on one page: models × tasks beside the paper's tables, figures, questions on which models disagree, provenance.") { inputs, output };
        command.SetAction((parsed, cancellationToken) =>
        {
            string folder = parsed.GetRequiredValue(output);
            OutputPath.RequireWritableFolder("output", folder);
            ReportWithSamples[] reports = [.. ReportInputs.Paths(parsed, inputs).Select(ReportWithSamples.Read)];
            var page = new ReportPage(reports, (name, figure) => File.ReadAllText(figure.Write(Path.Combine(folder, name)).Svg), cancellationToken);
            string index = Path.Combine(folder, "index.html");
            AtomicFile.Write(index, Encoding.UTF8.GetBytes(page.ToHtml()));
            AtomicFile.Write(Path.Combine(folder, "report.md"), Encoding.UTF8.GetBytes(page.ToMarkdown()));
            Console.WriteLine($"Page: {ShellWord.Quote(index)}. Tables for a read-me: {ShellWord.Quote(Path.Combine(folder, "report.md"))}. Open the page in a browser.");
            return Task.FromResult(0);
        });
        return command;
    }
}
