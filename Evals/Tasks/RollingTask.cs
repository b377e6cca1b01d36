using Factory.Evals.Data;
using Factory.Evals.Scoring;
using Factory.Runtime;

namespace Factory.Evals.Tasks;

/// <summary>A task that scores whole texts. Examples in front have no meaning for it.</summary>
public abstract class RollingTask(string name, double version) : ScoredTask(name, version)
{
    public sealed override bool IsRolling => true;

    public sealed override PreparedTask Prepare(DataFolder data, EvaluationOptions options)
    {
        DataFile file = Open(data, options);
        return new PreparedTask
        {
            Task = this,
            Shots = 0,
            Documents = [.. Read(file).Take(options.Limit ?? int.MaxValue)],
            Files = [file],
        };
    }

    public sealed override IReadOnlyList<MetricScore> Score(
        IReadOnlyList<TaskDocument> documents, IReadOnlyList<IReadOnlyList<LogLikelihood>> answers, int bootstrapIterations, CancellationToken cancellation)
    {
        double logLikelihood = answers.Sum(answer => answer[0].Value);
        return Metrics(documents, logLikelihood, answers.Sum(answer => (double)answer[0].Tokens));
    }

    protected abstract DataFile Open(DataFolder data, EvaluationOptions options);

    protected abstract IEnumerable<TextDocument> Read(DataFile file);

    /// <param name="logLikelihood">Sum over all documents.</param>
    /// <param name="tokens">Tokens scored.</param>
    protected virtual IReadOnlyList<MetricScore> Metrics(IReadOnlyList<TaskDocument> documents, double logLikelihood, double tokens) =>
    [
        RollingPerplexity.PerWord(logLikelihood, documents),
        RollingPerplexity.PerByte(logLikelihood, documents),
        RollingPerplexity.BitsPerByte(logLikelihood, documents),
    ];
}
