using Factory.Evals.Data;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tasks;

/// <summary>LAMBADA (Paperno et al., 2016) in OpenAI's edition: the last word of a passage. There is no other split: examples come from the passages that are scored.</summary>
internal static class Lambada
{
    private static readonly string[] Passages = ["lambada_openai/lambada_test.jsonl", .. Published.Split("lambada_openai", "test")];

    public static QuestionTask Task { get; } = new("lambada_openai", 1)
    {
        Files = Passages,
        ExampleFiles = Passages,
        ExampleRule = ShotRule.Draw,
        Read = (file, _) => DataRow.ReadAll(file).Select(Read),
        Metrics = [Metrics.Perplexity, Metrics.GreedyAccuracy],
    };

    private static ChoiceQuestion Read(DataRow row)
    {
        string text = row.Text("text");
        int space = text.LastIndexOf(' ');
        string context = space < 0 ? "" : text[..space];
        // The harness's answer starts with a space of its own, so an example has two.
        return new ChoiceQuestion(context, [" " + text[(space + 1)..]], 0) { Delimiter = "" };
    }
}
