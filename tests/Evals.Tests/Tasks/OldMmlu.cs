using Factory.Evals.Requests;
using Factory.Evals.Scoring;
using Factory.Evals.Tasks;

namespace Factory.Evals.Tests.Tasks;

/// <summary>
/// MMLU with the harness's old prompt (hendrycksTest-*, its task version 0): the choices' texts are scored. The harness published request hashes and scores
/// of it, which prove the reading of every subject's file; and it shows how few lines a task is.
/// </summary>
internal static class OldMmlu
{
    private static readonly string[] Letters = ["A", "B", "C", "D"];

    public static QuestionTask Task(string subject) => new($"hendrycksTest-{subject}", 0)
    {
        Files = Mmlu.TestFiles(subject),
        ExampleFiles = Mmlu.DevFiles(subject),
        ExampleRule = ShotRule.First,
        Read = (file, _) => Mmlu.Rows(file).Select(row => new ChoiceQuestion(
            $"Question: {row.Question}\nChoices:\n{string.Concat(Letters.Zip(row.Choices, (letter, choice) => $"{letter}. {choice}\n"))}Answer:", row.Choices, row.Gold)),
        Metrics = [Metrics.Accuracy, Metrics.NormalizedAccuracy],
    };
}
