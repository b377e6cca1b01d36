using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Factory.InferenceApi.Evaluation;

/// <summary>Which tasks to score the served model on.</summary>
internal sealed class EvalRequest
{
    /// <summary>Names of tasks.</summary>
    [JsonRequired]
    public string[] Tasks { get; set; } = [];

    /// <summary>First documents of each task to score; without it all of them.</summary>
    [Range(1, int.MaxValue)]
    public int? Limit { get; set; }

    /// <summary>Solved examples in front of each question; without it the task's own number.</summary>
    [Range(0, 64)]
    public int? NumFewshot { get; set; }
}
