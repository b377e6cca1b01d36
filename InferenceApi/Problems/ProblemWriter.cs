using Microsoft.AspNetCore.Mvc;

namespace Factory.InferenceApi.Problems;

/// <summary>Writes every problem, whatever the client accepts: OpenAI's error object under /v1, application/problem+json elsewhere.</summary>
internal sealed class ProblemWriter : IProblemDetailsWriter
{
    public const string MediaType = "application/problem+json";

    public bool CanWrite(ProblemDetailsContext context) => true;

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        HttpContext http = context.HttpContext;
        ProblemDetails problem = context.ProblemDetails switch
        {
            FieldProblem fields => fields,
            HttpValidationProblemDetails validation => FieldProblem.FromProperties(validation.Errors),
            ProblemDetails other => other,
        };
        http.Response.StatusCode = problem.Status ?? http.Response.StatusCode;
        if (http.Request.Path.StartsWithSegments("/v1"))
        {
            await http.Response.WriteAsJsonAsync(OpenAiError.From(problem), ProblemJson.Readable.OpenAiError);
        }
        else if (problem is FieldProblem fields)
        {
            await http.Response.WriteAsJsonAsync(fields, ProblemJson.Readable.HttpValidationProblemDetails, MediaType);
        }
        else
        {
            await http.Response.WriteAsJsonAsync(problem, ProblemJson.Readable.ProblemDetails, MediaType);
        }
    }
}
