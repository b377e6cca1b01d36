namespace Factory.InferenceApi.Problems;

/// <summary>The answers to a request that cannot be fulfilled, each an application/problem+json body (RFC 9457).</summary>
internal static class Problem
{
    /// <summary>A problem with the status' own title.</summary>
    public static ProblemHttpResult Of(int status, string detail) => TypedResults.Problem(detail, statusCode: status);

    /// <summary>400 with one list of sentences per field, keys spelled as in the request.</summary>
    public static ProblemHttpResult Fields(IDictionary<string, string[]> errors) => TypedResults.Problem(new HttpValidationProblemDetails(errors)
    {
        Status = StatusCodes.Status400BadRequest,
        Title = "The request has fields that do not fit.",
        Detail = string.Join(" ", errors.SelectMany(error => error.Value.Select(sentence => $"{error.Key}: {sentence}"))),
    });

    /// <summary>400 that names one field.</summary>
    public static RefusedException Field(string name, string sentence) => new(Fields(new Dictionary<string, string[]> { [name] = [sentence] }));

    /// <summary>503: works later, nothing is wrong with the request.</summary>
    public static RefusedException Later(string detail, int seconds) => new(Of(StatusCodes.Status503ServiceUnavailable, detail), seconds);
}
