using System.Text.RegularExpressions;
using Factory.Evals.Data;
using Factory.Evals.Python;

namespace Factory.Evals.Tasks;

/// <summary>HellaSwag (Zellers et al., 2019): which of four endings continues the scene.</summary>
internal sealed partial class HellaSwagTask() : MultipleChoiceTask("hellaswag", 1, ShotRule.DrawOthers, normalized: true)
{
    protected override IReadOnlyList<string> EvaluatedFiles => ["hellaswag/hellaswag_val.jsonl", "hellaswag/hellaswag_val_activitynet_derived.jsonl"];

    protected override IReadOnlyList<string> ShotFiles => ["hellaswag/hellaswag_train.jsonl"];

    protected override IEnumerable<ChoiceItem> Read(DataFile file, Func<string, DataFile> beside) => JsonRow.ReadAll(file).Select(Read);

    /// <summary>Removes the wikiHow markup. What it leaves behind (a space where a tag stood first) is part of the task and stays.</summary>
    internal static string Clean(string text)
    {
        text = PythonText.Strip(text).Replace(" [title]", ". ", StringComparison.Ordinal);
        return Tags().Replace(text, "").Replace("  ", " ", StringComparison.Ordinal);
    }

    private static ChoiceItem Read(JsonRow row)
    {
        string scene = $"{row.Text("activity_label")}: {row.Text("ctx_a")} {PythonText.Capitalize(row.Text("ctx_b"))}";
        string[] endings = [.. row.Texts("endings").Select(Clean)];
        return ChoiceItem.Of(Clean(scene), endings, row.Index("label", endings.Length));
    }

    [GeneratedRegex(@"\[.*?\]")]
    private static partial Regex Tags();
}
