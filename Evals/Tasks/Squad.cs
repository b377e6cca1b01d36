using System.Text.Json;
using Factory.Evals.Data;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tasks;

/// <summary>
/// SQuAD v1.1 (Rajpurkar et al., 2016): the model writes the answer to a question about a paragraph (a BERT marks it there); exact match and F1 by the official rules, the best
/// over the reference answers. A version of Factory's own: the harness has v2 only.
/// </summary>
internal static class Squad
{
    private const int MaxTokens = 32;

    public static QuestionTask Task { get; } = new("squad", 1)
    {
        Files = ["squad/dev-v1.1.json", .. Published.Split("squad/plain_text", "validation"), .. Published.Split("squad", "validation")],
        ExampleFiles = ["squad/train-v1.1.json", .. Published.Split("squad/plain_text", "train"), .. Published.Split("squad", "train")],
        ExampleRule = ShotRule.Draw,
        Read = (file, _) => file.Name.EndsWith(".json", StringComparison.Ordinal) ? FromArticles(file) : DataRow.ReadAll(file).Select(FromRow),
        Metrics = [Metrics.ExactMatch, Metrics.F1],
    };

    /// <summary>The published file: articles, their paragraphs, their questions.</summary>
    private static IEnumerable<Question> FromArticles(DataFile file)
    {
        DataRow root;
        try
        {
            root = new DataRow(file, 1, JsonElement.Parse(file.Text));
        }
        catch (JsonException error)
        {
            throw file.Malformed("one JSON object", error.Message.TrimEnd('.'), error);
        }
        return
            from article in root.Objects("data")
            from paragraph in article.Objects("paragraphs")
            from question in paragraph.Objects("qas")
            select New(article.Text("title"), paragraph.Text("context"), question.Text("question"), [.. question.Objects("answers").Select(answer => answer.Text("text"))], question);
    }

    private static Question FromRow(DataRow row) =>
        New(row.Text("title"), row.Text("context"), row.Text("question"), row.Object("answers").Texts("text"), row);

    private static GenerationQuestion New(string title, string context, string question, IReadOnlyList<string> answers, DataRow row) => answers.Count > 0
        ? new GenerationQuestion($"Title: {title.Replace('_', ' ')}\n\nBackground: {context}\n\nQuestion: {question}\n\nAnswer:", answers, ["\n"], MaxTokens) { About = (question, context) }
        : throw row.Malformed("at least one answer", "none");
}
