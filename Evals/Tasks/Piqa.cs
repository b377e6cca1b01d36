using Factory.Evals.Data;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tasks;

/// <summary>PIQA (Bisk et al., 2020): which of two ways reaches an everyday goal. As published, right answers are in a file of their own; on hubs they are a column.</summary>
internal static class Piqa
{
    public static QuestionTask Task { get; } = new("piqa", 1)
    {
        Files = ["piqa/valid.jsonl", .. Published.Split("piqa", "validation")],
        ExampleFiles = ["piqa/train.jsonl", .. Published.Split("piqa", "train")],
        ExampleRule = ShotRule.DrawOthers,
        Read = Read,
        Metrics = [Metrics.Accuracy, Metrics.NormalizedAccuracy, Metrics.ByteAccuracy],
    };

    private static IEnumerable<Question> Read(DataFile file, Func<string, DataFile> beside)
    {
        DataRow[] rows = [.. DataRow.ReadAll(file)];
        int[] labels = rows is [DataRow first, ..] && first.Has("label")
            ? [.. rows.Select(row => row.Index("label", 2))]
            : ReadLabels(beside(Path.ChangeExtension(file.Name, null) + "-labels.lst"), rows.Length, file);
        return rows.Zip(labels, (row, label) => new ChoiceQuestion($"Question: {row.Text("goal")}\nAnswer:", [row.Text("sol1"), row.Text("sol2")], label));
    }

    private static int[] ReadLabels(DataFile file, int count, DataFile rows)
    {
        int[] labels = [.. file.Lines().Select(line => line.Text.Trim() switch
        {
            "0" => 0,
            "1" => 1,
            string other => throw file.Malformed(line.Number, "0 or 1", $"'{other}'"),
        })];
        return labels.Length == count ? labels : throw file.Malformed($"{count} labels, one for each row of {rows.Name}", $"{labels.Length}");
    }
}
