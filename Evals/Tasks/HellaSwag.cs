using System.Text.RegularExpressions;
using Factory.Evals.Data;
using Factory.Evals.Python;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tasks;

/// <summary>HellaSwag (Zellers et al., 2019): which of four endings continues the scene.</summary>
internal static partial class HellaSwag
{
    public static QuestionTask Task { get; } = new("hellaswag", 1)
    {
        Files = ["hellaswag/hellaswag_val.jsonl", .. Published.Split("hellaswag", "validation"), "hellaswag/hellaswag_val_activitynet_derived.jsonl"],
        ExampleFiles = ["hellaswag/hellaswag_train.jsonl", .. Published.Split("hellaswag", "train")],
        ExampleRule = ShotRule.DrawOthers,
        Read = (file, _) => DataRow.ReadAll(file).Select(Read),
        Metrics = [Metrics.Accuracy, Metrics.NormalizedAccuracy, Metrics.ByteAccuracy],
    };

    /// <summary>Removes the wikiHow markup. What it leaves behind (a space where a tag stood first) is part of the task and stays.</summary>
    internal static string Clean(string text)
    {
        text = PythonText.Strip(text).Replace(" [title]", ". ", StringComparison.Ordinal);
        return Tags().Replace(text, "").Replace("  ", " ", StringComparison.Ordinal);
    }

    private static ChoiceQuestion Read(DataRow row)
    {
        string scene = $"{row.Text("activity_label")}: {row.Text("ctx_a")} {PythonText.Capitalize(row.Text("ctx_b"))}";
        string[] endings = [.. row.Texts("endings").Select(Clean)];
        return new ChoiceQuestion(Clean(scene), endings, row.Index("label", endings.Length));
    }

    [GeneratedRegex(@"\[.*?\]")]
    private static partial Regex Tags();
}
