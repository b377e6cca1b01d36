using Factory.Evals.Data;
using Factory.Evals.Python;

namespace Factory.Evals.Tasks;

/// <summary>The row format that AI2 publishes ARC and OpenBookQA in: a stem, labelled choices and the right label.</summary>
internal sealed record LabelledQuestion(string Stem, IReadOnlyList<string> Choices, int Gold)
{
    public static IEnumerable<LabelledQuestion> ReadAll(DataFile file) => JsonRow.ReadAll(file).Select(Read);

    private static LabelledQuestion Read(JsonRow row)
    {
        JsonRow question = row.Object("question");
        IReadOnlyList<JsonRow> choices = question.Objects("choices");
        string[] labels = [.. choices.Select(choice => choice.Text("label"))];
        string answer = PythonText.StripStart(row.Text("answerKey"));
        int gold = Array.IndexOf(labels, answer);
        return gold >= 0
            ? new LabelledQuestion(question.Text("stem"), [.. choices.Select(choice => choice.Text("text"))], gold)
            : throw row.Malformed($"one of the labels {string.Join(", ", labels)} at 'answerKey'", $"'{answer}'");
    }
}
