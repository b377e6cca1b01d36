using Factory.Evals.Data;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tasks;

/// <summary>AI2 Reasoning Challenge (Clark et al., 2018): school science questions with three to five answers.</summary>
internal static class Arc
{
    /// <param name="set">"ARC-Easy" or "ARC-Challenge".</param>
    public static QuestionTask Task(string name, string set) => new(name, 1)
    {
        Files = [$"arc/{set}/{set}-Test.jsonl", .. Published.Split($"arc/{set}", "test")],
        ExampleFiles = [$"arc/{set}/{set}-Train.jsonl", .. Published.Split($"arc/{set}", "train")],
        ExampleRule = ShotRule.Draw,
        Read = (file, _) => LabelledQuestion.ReadAll(file).Select(row => new ChoiceQuestion($"Question: {row.Stem}\nAnswer:", row.Choices, row.Gold)),
        Metrics = [Metrics.Accuracy, Metrics.NormalizedAccuracy, Metrics.ByteAccuracy],
    };
}
