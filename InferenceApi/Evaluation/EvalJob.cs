using System.Text.Json.Serialization;
using Factory.Evals;
using Factory.Evals.Reporting;

namespace Factory.InferenceApi.Evaluation;

/// <summary>An evaluation that goes on by itself, and what became of it.</summary>
internal sealed record EvalJob
{
    /// <summary>Names the job: GET /eval/{id}.</summary>
    public required string Id { get; init; }

    /// <summary>queued, running, done, failed or cancelled.</summary>
    public required JobState State { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it came to an end; null before.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>Times it was begun: more than one when the server stopped in between.</summary>
    public int Attempts { get; init; }

    /// <summary>What was asked for.</summary>
    public required EvalRequest Request { get; init; }

    /// <summary>How far it is; null before it runs.</summary>
    public JobProgress? Progress { get; init; }

    /// <summary>Scores of the tasks that are done already.</summary>
    public IReadOnlyList<TaskReport> Tasks { get; init; } = [];

    /// <summary>The scores, once it is done.</summary>
    public EvaluationReport? Report { get; init; }

    /// <summary>Why it failed; null otherwise.</summary>
    public string? Error { get; init; }

    [JsonIgnore]
    public bool IsOver => State is JobState.Done or JobState.Failed or JobState.Cancelled;
}

/// <summary>How far an evaluation is.</summary>
/// <param name="Task">The task that is running.</param>
/// <param name="Done">Questions answered so far, over all tasks.</param>
/// <param name="Total">Questions of all tasks.</param>
internal sealed record JobProgress(string Task, int Done, int Total);

/// <summary>The latest jobs, newest first.</summary>
internal sealed record EvalJobList(IReadOnlyList<EvalJob> Jobs);

/// <summary>How far a job is.</summary>
[JsonConverter(typeof(JobStateName))]
internal enum JobState
{
    /// <summary>Waits for those before it.</summary>
    Queued,

    /// <summary>Is being computed.</summary>
    Running,

    /// <summary>Its report is there.</summary>
    Done,

    /// <summary>Its error says why.</summary>
    Failed,

    /// <summary>Somebody ended it.</summary>
    Cancelled,
}

/// <summary>"queued", "running" …</summary>
internal sealed class JobStateName() : JsonStringEnumConverter<JobState>(System.Text.Json.JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
