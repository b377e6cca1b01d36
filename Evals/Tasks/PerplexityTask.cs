using System.Text;
using Factory.Core;
using Factory.Evals.Data;
using Factory.Evals.Python;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tasks;

/// <summary>
/// Perplexity over a text file of the user's. The whole file is one document, scored as the harness scores whole texts: one prefix token
/// (BOS, else EOS), then every token of the encoded text, in disjoint windows of the model's context length.
/// </summary>
internal sealed class PerplexityTask() : RollingTask("perplexity", 1)
{
    public override string DataPath => "--text FILE";

    protected override DataFile Open(DataFolder data, EvaluationOptions options)
    {
        if (options.TextFile is not string path)
        {
            throw new UserError("perplexity: expected a text file to score, found none. Name one: --text FILE.");
        }
        return File.Exists(path) ? new DataFile(path, path) : throw new UserError($"--text {path}: expected a text file, found no such file.");
    }

    protected override IEnumerable<TextDocument> Read(DataFile file)
    {
        string text = file.Text;
        return text.Length > 0
            ? [new TextDocument(text, PythonText.PiecesBetweenSpaces(text), Encoding.UTF8.GetByteCount(text))]
            : throw new UserError($"{file.Path}: expected text, found an empty file.");
    }

    protected override IReadOnlyList<MetricScore> Metrics(IReadOnlyList<TaskDocument> documents, double logLikelihood, double tokens) =>
        [RollingPerplexity.PerToken(logLikelihood, tokens), .. base.Metrics(documents, logLikelihood, tokens)];
}
