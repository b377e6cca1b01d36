using Factory.Evals.Data;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tasks;

/// <summary>OpenBookQA (Mihaylov et al., 2018): sentences about elementary science to complete.</summary>
internal static class OpenBookQa
{
    private const string Folder = "openbookqa/OpenBookQA-V1-Sep2018/Data/Main";

    public static QuestionTask Task { get; } = new("openbookqa", 1)
    {
        Files = [$"{Folder}/test.jsonl", .. Published.Split("openbookqa/main", "test")],
        ExampleFiles = [$"{Folder}/train.jsonl", .. Published.Split("openbookqa/main", "train")],
        ExampleRule = ShotRule.Draw,
        Read = (file, _) => LabelledQuestion.ReadAll(file).Select(row => new ChoiceQuestion(row.Stem, row.Choices, row.Gold)),
        Metrics = [Metrics.Accuracy, Metrics.NormalizedAccuracy, Metrics.ByteAccuracy],
    };
}
