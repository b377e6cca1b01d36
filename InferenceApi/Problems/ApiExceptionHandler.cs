using System.Globalization;
using System.Text.Json;
using Factory.Core;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Telemetry;
using Factory.Runtime;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace Factory.InferenceApi.Problems;

/// <summary>Turns what a request ended in into its answer. Never a stack trace, a command line's option or a path of the server.</summary>
internal sealed class ApiExceptionHandler(IProblemDetailsService problems, ILogger<ApiExceptionHandler> log) : IExceptionHandler
{
    private const int OutOfMemoryRetrySeconds = 2;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        RefusedException refused = exception switch
        {
            BadHttpRequestException { InnerException: JsonException mistake } => new RefusedException(await JsonMistake.DescribeAsync(httpContext, mistake)),
            BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } empty when empty.Message.StartsWith("Implicit body", StringComparison.Ordinal) =>
                Problem.Refused(StatusCodes.Status400BadRequest, "Expected a JSON object, found an empty body or null."),
            BadHttpRequestException bad => Problem.Refused(bad.StatusCode, StatusWords.Explain(httpContext, bad.StatusCode)),
            _ => For(exception, httpContext.TraceIdentifier),
        };
        if (refused.Problem.Status == StatusCodes.Status500InternalServerError)
        {
            log.RequestBroke(exception, httpContext.TraceIdentifier);
        }
        if (refused.RetryAfter is int seconds)
        {
            httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }
        if (refused.Problem.Status == StatusCodes.Status401Unauthorized)
        {
            httpContext.Response.Headers.WWWAuthenticate = "Bearer";
        }
        httpContext.Response.StatusCode = refused.Problem.Status ?? StatusCodes.Status500InternalServerError;
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = refused.Problem });
    }

    /// <summary>What a request that ended in <paramref name="error"/> is answered.</summary>
    public static RefusedException For(Exception error, string requestId) => error switch
    {
        RefusedException refused => refused,
        SettingError setting => Problem.Field(setting.Setting, setting.Problem),
        OperationCanceledException => Problem.Refused(StatusCodes.Status503ServiceUnavailable, "The server is stopping."),
        _ when IsLackOfMemory(error) => Problem.Later("There is not enough memory for this request now. Ask again later, or for fewer tokens.", OutOfMemoryRetrySeconds),
        _ => Problem.Refused(StatusCodes.Status500InternalServerError, $"Something went wrong in the server. Its log has the cause under request {requestId}."),
    };

    /// <summary>Also where it struck inside of something else, such as the first use of a class.</summary>
    private static bool IsLackOfMemory(Exception? error) => error is not null && (error is InsufficientMemoryError or OutOfMemoryException || IsLackOfMemory(error.InnerException));
}
