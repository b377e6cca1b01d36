using System.Text.Json;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Evals.Data;
using Factory.Evals.Requests;

namespace Factory.Evals.Analysis;

/// <summary>The token sequences that an analysis runs: given as ids, or made of a text or of tasks' documents by the model's own tokenizer.</summary>
internal sealed record AnalysisSequences
{
    /// <summary>Tokens of a sequence that is cut from a text: what the paper trains and measures with.</summary>
    private const int Length = 256;

    /// <summary>Sequences of a text unless a limit says otherwise.</summary>
    private const int StandardCount = 32;

    /// <summary>File with JSON arrays of token ids, one a line; null: none.</summary>
    public string? IdsFile { get; init; }

    /// <summary>Text file; null: the one that comes with Factory.</summary>
    public string? TextFile { get; init; }

    /// <summary>Tasks whose documents are read; null: none.</summary>
    public EvaluationPlan? Plan { get; init; }

    /// <summary>First sequences of a text or of ids; null: all ids, 32 of a text.</summary>
    public int? Limit { get; init; }

    /// <summary>The sequences for <paramref name="bundle"/>.</summary>
    /// <exception cref="UserError">A file is missing or malformed, or texts are to be read without a tokenizer.</exception>
    public IReadOnlyList<int[]> For(AnalyzedBundle bundle)
    {
        if (IdsFile is string ids)
        {
            return [.. ReadIds(new DataFile("", ids), bundle).Take(Limit ?? int.MaxValue)];
        }
        int window = bundle.MaxPositions;
        if (Plan is not null)
        {
            return [.. Plan.Tasks.SelectMany(task => task.Documents).Select(document => bundle.Encode(Text(document))).Select(row => row[^Math.Min(row.Length, window)..])];
        }
        int[] all = bundle.Encode(InputFile.ReadAllText(TextFile ?? Path.Combine(AppContext.BaseDirectory, "Samples", "text.txt"), "a text file"));
        int[][] rows = [.. all.Chunk(Math.Min(Length, window)).Where(row => row.Length > 1).Take(Limit ?? StandardCount)];
        return rows.Length > 0 ? rows : throw new UserError($"{TextFile}: expected a text of at least two tokens, found {all.Length}.");
    }

    private static IEnumerable<int[]> ReadIds(DataFile file, AnalyzedBundle bundle)
    {
        bool any = false;
        foreach ((int number, string line) in file.Lines())
        {
            any = true;
            yield return Parse(file, number, line, bundle);
        }
        if (!any)
        {
            throw file.Malformed("JSON arrays of token ids, one a line", "none");
        }
    }

    private static int[] Parse(DataFile file, int number, string line, AnalyzedBundle bundle)
    {
        const string Expected = "a JSON array of at least two token ids such as [1,15043]";
        int[]? row;
        try
        {
            row = JsonSerializer.Deserialize<int[]>(line);
        }
        catch (JsonException error)
        {
            throw file.Malformed(number, Expected, JsonProblem.Describe(error).TrimEnd('.'), error);
        }
        int vocabulary = bundle.VocabularySize;
        int window = bundle.MaxPositions;
        return row switch
        {
            null or { Length: < 2 } => throw file.Malformed(number, Expected, $"{row?.Length ?? 0}"),
            _ when row.Length > window => throw file.Malformed(number, $"at most {window} token ids (the context window of {bundle.Name})", $"{row.Length}"),
            _ when row.Any(id => id < 0 || id >= vocabulary) => throw file.Malformed(number, $"token ids from 0 to {vocabulary - 1} (the vocabulary of {bundle.Name})", $"{row.First(id => id < 0 || id >= vocabulary)}"),
            _ => row,
        };
    }

    /// <summary>A document as the model reads it: its question with the right answer.</summary>
    private static string Text(TaskDocument document) => document switch
    {
        ChoiceDocument choice => choice.Questions[choice.Gold].Context + choice.Questions[choice.Gold].Continuation,
        TextDocument text => text.Text,
        GenerationDocument generation => $"{generation.Question.Context} {generation.References[0]}",
        _ => throw new NotSupportedException(document.GetType().Name),
    };
}
