using Factory.Evals.Data;
using Factory.Evals.Python;

namespace Factory.Evals.Tasks;

/// <summary>
/// The row format of ARC and OpenBookQA: a stem, labelled choices and the right label. AI2 publishes them as objects
/// (question.stem, question.choices[{text, label}]); on hubs the same lie in columns (question or question_stem, choices.text[], choices.label[]).
/// </summary>
internal sealed record LabelledQuestion(string Stem, IReadOnlyList<string> Choices, int Gold)
{
    public static IEnumerable<LabelledQuestion> ReadAll(DataFile file) => DataRow.ReadAll(file).Select(Read);

    private static LabelledQuestion Read(DataRow row)
    {
        (string stem, string[] texts, string[] labels) = row.HasObject("question") ? FromObject(row.Object("question")) : FromColumns(row);
        string answer = PythonText.StripStart(row.Text("answerKey"));
        int gold = Array.IndexOf(labels, answer);
        return gold >= 0 && gold < texts.Length
            ? new LabelledQuestion(stem, texts, gold)
            : throw row.Malformed($"one of the labels {string.Join(", ", labels)} at 'answerKey'", $"'{answer}'");
    }

    private static (string Stem, string[] Texts, string[] Labels) FromObject(DataRow question)
    {
        IReadOnlyList<DataRow> choices = question.Objects("choices");
        return (question.Text("stem"), [.. choices.Select(choice => choice.Text("text"))], [.. choices.Select(choice => choice.Text("label"))]);
    }

    private static (string Stem, string[] Texts, string[] Labels) FromColumns(DataRow row)
    {
        if (!row.HasObject("choices"))
        {
            // The published form is the one that most people have.
            row.Object("question");
        }
        DataRow choices = row.Object("choices");
        return (row.Text(row.Has("question_stem") ? "question_stem" : "question"), [.. choices.Texts("text")], [.. choices.Texts("label")]);
    }
}
