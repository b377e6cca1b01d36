using System.Security.Cryptography;
using System.Text;
using Factory.Evals.Data;
using Factory.Evals.Python;
using Factory.Evals.Scoring;
using Factory.Runtime;

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

    /// <summary>SHA-256 of the questions as the harness hashes them: Python's JSON of [[context, continuation], …], or of [[text], …].</summary>
    public string RequestSha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(PythonJson.Dump(
        Requests.Select<LogLikelihoodRequest, IReadOnlyList<string>>(request => Task.IsRolling ? [request.Continuation] : [request.Context, request.Continuation])))));

    public int RequestCount => Documents.Sum(document => document.Requests.Count);

    private IEnumerable<LogLikelihoodRequest> Requests => Documents.SelectMany(document => document.Requests);

    /// <summary>Puts every question to <paramref name="model"/>. Answers by document and choice.</summary>
    public IReadOnlyList<IReadOnlyList<LogLikelihood>> Ask(ILanguageModel model, IProgress<int>? progress, CancellationToken cancellation)
    {
        IReadOnlyList<LogLikelihood> answers = Task.IsRolling
            ? model.RollingLogLikelihoods([.. Requests.Select(request => request.Continuation)], progress, cancellation)
            : model.LogLikelihoods([.. Requests], progress, cancellation);
        var byDocument = new List<IReadOnlyList<LogLikelihood>>(Documents.Count);
        int start = 0;
        foreach (TaskDocument document in Documents)
        {
            byDocument.Add([.. answers.Skip(start).Take(document.Requests.Count)]);
            start += document.Requests.Count;
        }
        return byDocument;
    }

    /// <summary>Metrics of the answers from <see cref="Ask"/>.</summary>
    public IReadOnlyList<MetricScore> Score(IReadOnlyList<IReadOnlyList<LogLikelihood>> answers, int bootstrapIterations, CancellationToken cancellation) =>
        Task.Score(Documents, answers, bootstrapIterations, cancellation);
}
