using System.ComponentModel;
using Factory.InferenceApi.Validation;

namespace Factory.InferenceApi.Evaluation;

/// <summary>Which tasks to score the served model on.</summary>
public sealed class EvalRequest
{
    /// <summary>Names of tasks.</summary>
    [Given("a list of strings"), Items(1, 256, MinLength = 1, MaxLength = 256)]
    public string[]? Tasks { get; set; }

    /// <summary>First documents of each task to score; without it all of them.</summary>
    [Within(1, int.MaxValue)]
    public int? Limit { get; set; }

    /// <summary>Solved examples in front of each question; without it the task's own number.</summary>
    [Within(0, 64)]
    public int? NumFewshot { get; set; }

    /// <summary>false: the answer is 202 with a job that goes on by itself, see GET /eval/{id}.</summary>
    [DefaultValue(true)]
    public bool? Wait { get; set; }

    /// <summary>Name of a served model (GET /models). Default: the one that the server was started with.</summary>
    public string? Model { get; set; }
}
