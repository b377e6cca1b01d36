using System.Security.Cryptography;
using System.Text;
using Factory.Evals.Data;
using Factory.Evals.Python;
using Factory.Evals.Requests;

namespace Factory.Evals.Tasks;

/// <summary>A task with its questions built.</summary>
public sealed record PreparedTask
{
    public required ScoredTask Task { get; init; }

    /// <summary>Examples in front of each question.</summary>
    public required int Shots { get; init; }

    /// <summary>In file order.</summary>
    public required IReadOnlyList<TaskDocument> Documents { get; init; }

    /// <summary>The files that were read.</summary>
    public required IReadOnlyList<DataFile> Files { get; init; }

    /// <summary>Whether the rows are the few that come with Factory.</summary>
    public bool IsSample { get; init; }

    /// <summary>
    /// SHA-256 of the questions as the harness hashes them: Python's JSON of [[context, continuation], …] or [[text], …]; for what the model writes,
    /// [[context, stop strings …], …].
    /// </summary>
    public string RequestSha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(PythonJson.Dump(
        Documents.SelectMany(document => document.Requests).Select<EvaluationRequest, IReadOnlyList<string>>(request => request switch
        {
            LogLikelihoodRequest pair => [pair.Context, pair.Continuation],
            RollingRequest rolling => [rolling.Text],
            GenerationRequest generation => [generation.Context, .. generation.Until],
            _ => throw new NotSupportedException(request.GetType().Name),
        })))));

    /// <summary>The documents of <paramref name="shard"/>, with their places among all.</summary>
    public IReadOnlyList<(int Place, TaskDocument Document)> In(Shard shard) => [.. Documents.Index().Where(item => shard.Has(item.Index))];
}
