using System.Globalization;
using Factory.Evals.Gates;
using Factory.Evals.Prompts;
using Factory.Evals.Reporting;
using Factory.Evals.Scoring;
using Factory.Plots;

namespace Factory.Evals.Pages;

/// <summary>Several reports on one page: scores beside the paper's tables, figures, questions on which two models disagree, and where it all comes from.</summary>
/// <param name="figure">Draws a figure beside the page; from its name to the SVG's text.</param>
internal sealed class ReportPage(IReadOnlyList<ReportWithSamples> reports, Func<string, Figure, string> figure, CancellationToken cancellationToken)
{
    private const int Disagreements = 5;
    private const string Title = "Evaluation report";

    private readonly ScoreGrid _grid = ScoreGrid.FromReports(reports);

    public string ToHtml() => Html.Page(Title, [.. Scores(), .. Figures(), .. Comparisons(), .. Paper(), .. Provenance()]);

    /// <summary>The same tables for read-me files and pull requests.</summary>
    public string ToMarkdown() =>
        $"# {Title}\n\n"
        + Markdown.Table(["model", .. _grid.Columns.Select(column => column.Header)], _grid.Lines.Select(line => (IReadOnlyList<string>)[line.Name, .. line.Scores.Select(ScoreGrid.Text)]))
        + "\nScores ± one standard error.\n"
        + string.Concat(PublishedTables().Select(table => $"\n**The paper's** {table.Caption}\n\n{Markdown.Table(table.Headers, table.Rows)}"))
        + "\nThe paper's numbers are of other sizes, data and budgets (arXiv 2502.05795).\n";

    private IEnumerable<string> Scores()
    {
        yield return Html.Paragraph($"{reports.Count} report{(reports.Count == 1 ? "" : "s")}, scored as EleutherAI's lm-evaluation-harness does. Scores ± one standard error; the best of a column is bold, which alone says nothing about chance.");
        if (reports.Any(report => report.Report.Data == EvaluationReport.SampleData))
        {
            yield return Html.Paragraph("Some scores are over the few sample rows that come with Factory: they show that things work, and little about a model.");
        }
        yield return Html.Heading("Scores");
        yield return Html.Table("Measured here", ["model", .. _grid.Columns.Select(column => column.Header)], _grid.Lines.Select(line => new Html.Row(
            [new(line.Name), .. line.Scores.Select((score, column) => new Html.Cell(ScoreGrid.Text(score), score is not null && _grid.IsBest(column, score) ? "best" : ""))])));
    }

    private IEnumerable<string> Figures()
    {
        ScoreGrid.Column[] shares = [.. _grid.Columns.Where(column => column.HigherIsBetter)];
        if (shares.Length > 0)
        {
            yield return Html.Heading("Figures");
            yield return Draw("accuracy", "Accuracies", "score", shares, "Accuracies with one standard error, one bar a model.");
        }
        foreach (ScoreGrid.Column perplexity in _grid.Columns.Where(column => !column.HigherIsBetter))
        {
            yield return Draw($"{perplexity.Task}-{perplexity.Metric}", perplexity.Header, perplexity.Metric.Replace('_', ' '), [perplexity], $"{perplexity.Task}, {perplexity.Metric}: lower is better.");
        }
    }

    private string Draw(string name, string title, string axis, ScoreGrid.Column[] columns, string caption)
    {
        int[] places = [.. columns.Select(column => _grid.Columns.Index().First(item => item.Item == column).Index)];
        string svg = figure(name, new BarFigure
        {
            Title = title,
            XAxis = "task",
            YAxis = axis,
            Width = Math.Max(960, 110 * columns.Length),
            Groups = [.. columns.Select(column => column.Metric == "acc" || columns.Length == 1 ? column.Task : $"{column.Task} {column.Metric}")],
            Series = [.. _grid.Lines.Select(line => new Curve(
                line.Name,
                [.. places.Select((_, index) => (double)index)],
                [.. places.Select(place => line.Scores[place]?.Value ?? double.NaN)],
                [.. places.Select(place => line.Scores[place]?.StandardError ?? 0)]))],
        });
        return Html.Figure(svg, caption);
    }

    private IEnumerable<string> Comparisons()
    {
        for (int index = 1; index < reports.Count; index++)
        {
            (ReportWithSamples first, ReportWithSamples second) = (reports[0], reports[index]);
            if (!first.Report.Tasks.Any(task => second.Report.Tasks.Any(other => other.Name == task.Name)))
            {
                continue;
            }
            (string a, string b) = (ScoreGrid.Name(reports, 0), ScoreGrid.Name(reports, index));
            yield return Html.Heading($"{b} against {a}");
            IReadOnlyList<Difference> differences = Comparison.Compare(first, second, cancellationToken);
            yield return Html.Table(
                $"A is {a}, B is {b}. p-values are corrected for {differences.Count} comparisons (Holm); that no difference is shown does not mean that there is none.",
                DifferenceTable.Headers,
                differences.Select(difference => new Html.Row([.. DifferenceTable.Cells(difference).Select(cell => new Html.Cell(cell, cell switch { "better" => "good", "worse" => "bad", _ => "" }))])));
            foreach (string sample in Disagreeing(first, second, a, b))
            {
                yield return sample;
            }
        }
    }

    /// <summary>Questions that one model has right and the other wrong.</summary>
    private static IEnumerable<string> Disagreeing(ReportWithSamples first, ReportWithSamples second, string a, string b)
    {
        foreach (TaskReport task in first.Report.Tasks)
        {
            IReadOnlyDictionary<int, SampleRow> others = second.RowsOf(task.Name);
            (SampleRow A, SampleRow B)[] pairs = [.. first.RowsOf(task.Name).Values.OrderBy(row => row.Doc)
                .Where(row => row.Chosen is not null && others.TryGetValue(row.Doc, out SampleRow? other) && other.Chosen is not null && other.Question == row.Question && other.Chosen != row.Chosen && (row.Chosen == row.Gold || other.Chosen == row.Gold))
                .Select(row => (row, others[row.Doc])).Take(Disagreements)];
            if (pairs.Length > 0)
            {
                yield return $"<h3>{Html.Escape($"{task.Name}: where they disagree")}</h3>";
            }
            foreach ((SampleRow rowA, SampleRow rowB) in pairs)
            {
                yield return Html.Details(
                    $"Document {rowA.Doc}: {(rowA.Chosen == rowA.Gold ? a : b)} is right",
                    $"{rowA.Question}\n\n{string.Join("\n", rowA.Choices!.Select((choice, i) => $"{(i == rowA.Gold ? "✓" : " ")} {choice}{(i == rowA.Chosen ? $"   ← {a}" : "")}{(i == rowB.Chosen ? $"   ← {b}" : "")}"))}");
            }
        }
    }

    private IEnumerable<string> Paper()
    {
        yield return Html.Heading("The paper's tables");
        yield return Html.Paragraph("From \"The Curse of Depth in Large Language Models\" (arXiv 2502.05795). These numbers are the paper's and were not measured here: other sizes, data and budgets. Rows without a tint are measured here.");
        foreach (PaperTables.Published table in PublishedTables())
        {
            yield return Html.Table($"The paper's {table.Caption}", table.Headers, table.Rows.Select(row => new Html.Row([.. row.Select(cell => new Html.Cell(cell))], IsPaper: true))
                .Concat(table == PaperTables.FineTuned ? OwnFineTuned().Select(row => new Html.Row([.. row.Select(cell => new Html.Cell(cell))])) : []));
        }
    }

    private static IEnumerable<PaperTables.Published> PublishedTables() => [PaperTables.Perplexities, PaperTables.OtherNorms, PaperTables.FineTuned, PaperTables.ScalingMethods];

    /// <summary>What was measured here of Table 3's columns, in per cent; models without any of them are left out.</summary>
    private IEnumerable<IReadOnlyList<string>> OwnFineTuned() =>
        from item in reports.Index()
        let scores = PaperTables.FineTunedTasks.Select(name => Accuracy(item.Item.Report, name)).ToArray()
        where scores.Any(score => score is not null)
        select (IReadOnlyList<string>)[$"measured here: {ScoreGrid.Name(reports, item.Index)}", .. scores.Select(score => score is double value ? (100 * value).ToString("0.00", CultureInfo.InvariantCulture) : "–")];

    private static double? Accuracy(EvaluationReport report, string name) =>
        (report.Groups.FirstOrDefault(group => group.Name == name)?.Metrics.GetValueOrDefault("acc")
        ?? report.Tasks.FirstOrDefault(task => task.Name == name)?.Metrics.GetValueOrDefault("acc")) is MetricScore score && double.IsFinite(score.Value) ? score.Value : null;

    private IEnumerable<string> Provenance()
    {
        yield return Html.Heading("Where the numbers come from");
        foreach ((int index, ReportWithSamples report) in reports.Index())
        {
            EvaluationReport facts = report.Report;
            yield return $"<h3>{Html.Escape(ScoreGrid.Name(reports, index))}</h3>";
            yield return Html.Facts(
            [
                ("report", Path.GetFileName(report.Path)),
                ("date", facts.Date.ToString("u", CultureInfo.InvariantCulture)),
                ("bundle", facts.Model.BundleSha256 ?? "unknown: the server does not say"),
                ("method", facts.Model.NormScheme ?? "unknown"),
                ("ran on", facts.Model.Endpoint ?? facts.Model.Provider ?? "unknown"),
                ("data", facts.Data),
                ("limit", facts.Limit is double limit ? limit.ToString(CultureInfo.InvariantCulture) : "all documents"),
                .. facts.Chat is ChatFacts chat ? [("chat template", chat.TemplateSha256), ("examples", chat.FewshotAsMultiturn ? "turns of their own" : "in one turn with the question")] : Array.Empty<(string, string)>(),
                ("Factory's commit", facts.GitCommit ?? "built outside a repository"),
                .. facts.Packages.Select(package => (package.Key, package.Value)),
                .. facts.Tasks.SelectMany(task => task.DataSha256.Select(file => ($"{task.Name} v{task.Version.ToString(CultureInfo.InvariantCulture)}", $"{file.Key} {file.Value}"))),
            ]);
        }
    }
}
