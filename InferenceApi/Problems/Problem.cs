using Microsoft.AspNetCore.Mvc;

namespace Factory.InferenceApi.Problems;

/// <summary>The answers to a request that cannot be fulfilled (RFC 9457). <see cref="ProblemWriter"/> puts them on the wire.</summary>
internal static class Problem
{
    /// <summary>A problem with the status' own title.</summary>
    public static ProblemDetails Create(int status, string detail) => new() { Status = status, Title = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status), Detail = detail };

    /// <summary>400 that names one field, spelt as in the request: <c>messages[2].role</c>.</summary>
    public static RefusedException Field(string name, string sentence) => new(new FieldProblem(new Dictionary<string, string[]> { [name] = [sentence] }));

    /// <summary>A status with its sentence.</summary>
    public static RefusedException Refused(int status, string detail) => new(Create(status, detail));

    /// <summary>503: works later, nothing is wrong with the request.</summary>
    public static RefusedException Later(string detail, int seconds) => new(Create(StatusCodes.Status503ServiceUnavailable, detail), seconds);

    /// <summary>429: too much at once.</summary>
    public static RefusedException TooMany(string detail, int seconds) => new(Create(StatusCodes.Status429TooManyRequests, detail), seconds);
}
