using System.Text.Json;

namespace Factory.InferenceApi.Problems;

/// <summary>400 with one list of sentences per field, keys spelt as in the request.</summary>
internal sealed class FieldProblem : HttpValidationProblemDetails
{
    public FieldProblem(IDictionary<string, string[]> errors) : base(errors)
    {
        Status = StatusCodes.Status400BadRequest;
        Title = "The request has fields that do not fit.";
        Detail = string.Join(" ", errors.SelectMany(error => error.Value.Select(sentence => $"{error.Key}: {sentence}")));
    }

    /// <summary>From the framework's validation, whose keys are properties (<c>Messages[2].Role</c>).</summary>
    public static FieldProblem FromProperties(IDictionary<string, string[]> errors) => new(errors.ToDictionary(
        error => string.Join('.', error.Key.Split('.').Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)),
        error => error.Value));
}
