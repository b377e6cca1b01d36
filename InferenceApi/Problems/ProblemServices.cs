namespace Factory.InferenceApi.Problems;

/// <summary>Gives every error a body: thrown ones, and the empty answers of routing (404, 405, 415).</summary>
internal static class ProblemServices
{
    public static IServiceCollection AddProblems(this IServiceCollection services) => services
        .AddSingleton<Microsoft.AspNetCore.Http.IProblemDetailsWriter, ProblemWriter>()
        .AddProblemDetails()
        .AddExceptionHandler<ApiExceptionHandler>()
        .Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);

    public static void UseProblems(this IApplicationBuilder app)
    {
        // The handler logs what is the server's fault; a client's mistake belongs into its answer.
        app.UseExceptionHandler(new ExceptionHandlerOptions { SuppressDiagnosticsCallback = _ => true });
        app.UseStatusCodePages(async pages => await pages.HttpContext.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(new ProblemDetailsContext
        {
            HttpContext = pages.HttpContext,
            ProblemDetails = Problem.Create(pages.HttpContext.Response.StatusCode, StatusWords.Explain(pages.HttpContext, pages.HttpContext.Response.StatusCode)),
        }));
    }
}
