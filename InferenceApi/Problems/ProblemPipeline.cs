using System.Globalization;
using Factory.Core;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace Factory.InferenceApi.Problems;

/// <summary>Gives every error a problem body: thrown ones, and the empty answers of routing (404, 405, 415). Never a stack trace.</summary>
internal static class ProblemPipeline
{
    public static void UseProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = AnswerAsync,
            // A client's mistake belongs into its answer, not into the log.
            SuppressDiagnosticsCallback = context => context.Exception is RefusedException or UserError or BadHttpRequestException or OperationCanceledException,
        });
        app.UseStatusCodePages(async context => await Explain(context.HttpContext).ExecuteAsync(context.HttpContext));
    }

    /// <summary>What a request that ended in <paramref name="error"/> is answered.</summary>
    public static ProblemHttpResult For(Exception error, string requestId) => error switch
    {
        RefusedException refused => refused.Problem,
        UserError mistake => Problem.Of(StatusCodes.Status400BadRequest, mistake.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            Problem.Of(StatusCodes.Status413PayloadTooLarge, $"Expected a body of at most {RequestBody.MaxBytes} bytes, found more."),
        BadHttpRequestException bad => Problem.Of(bad.StatusCode, "The request could not be read."),
        OperationCanceledException => Problem.Of(StatusCodes.Status503ServiceUnavailable, "The server is stopping."),
        _ => Problem.Of(StatusCodes.Status500InternalServerError, $"Something went wrong in the server. Its log has the cause under request {requestId}."),
    };

    private static async Task AnswerAsync(HttpContext context)
    {
        Exception error = context.Features.GetRequiredFeature<IExceptionHandlerFeature>().Error;
        if (error is RefusedException { RetryAfter: int seconds })
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }
        await For(error, context.TraceIdentifier).ExecuteAsync(context);
    }

    private static ProblemHttpResult Explain(HttpContext context)
    {
        HttpRequest request = context.Request;
        int status = context.Response.StatusCode;
        return Problem.Of(status, status switch
        {
            StatusCodes.Status404NotFound => $"Expected one of /generate, /eval, /models, /health/live, /health/ready, /swagger, found '{request.Path}'.",
            StatusCodes.Status405MethodNotAllowed => $"Expected {context.Response.Headers.Allow} for {request.Path}, found {request.Method}.",
            StatusCodes.Status415UnsupportedMediaType => RequestBody.ContentTypeDetail(request),
            _ => "The request could not be answered.",
        });
    }
}
