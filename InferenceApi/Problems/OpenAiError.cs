using Microsoft.AspNetCore.Mvc;

namespace Factory.InferenceApi.Problems;

/// <summary>An error as OpenAI's clients read it.</summary>
internal sealed record OpenAiError(OpenAiErrorBody Error)
{
    public static OpenAiError From(ProblemDetails problem)
    {
        string? field = problem is FieldProblem fields ? fields.Errors.Keys.FirstOrDefault() : problem is UnknownModelProblem ? "model" : null;
        return new OpenAiError(new OpenAiErrorBody(problem.Detail ?? problem.Title ?? "", TypeOf(problem.Status ?? 500), field, CodeOf(problem)));
    }

    private static string TypeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        StatusCodes.Status503ServiceUnavailable => "service_unavailable_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    private static string? CodeOf(ProblemDetails problem) => problem is UnknownModelProblem ? "model_not_found" : problem.Status switch
    {
        StatusCodes.Status401Unauthorized => "invalid_api_key",
        StatusCodes.Status429TooManyRequests => "rate_limit_exceeded",
        _ => null,
    };
}

/// <summary>What went wrong.</summary>
/// <param name="Message">The sentence.</param>
/// <param name="Type">The kind of error.</param>
/// <param name="Param">The field that does not fit; null where it is none.</param>
/// <param name="Code">A word for programs; null where there is none.</param>
internal sealed record OpenAiErrorBody(string Message, string Type, string? Param, string? Code);
