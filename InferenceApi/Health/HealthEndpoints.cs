using Factory.InferenceApi.Models;
using Factory.InferenceApi.Problems;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Factory.InferenceApi.Health;

/// <summary>GET /health/live and GET /health/ready, for whoever watches the process.</summary>
internal static class HealthEndpoints
{
    private const string Ready = "ready";

    public static IServiceCollection AddModelHealth(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<ModelHealth>("model", tags: [Ready]);
        return services;
    }

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder health = routes.MapGroup("/health").WithTags("Health");
        health.MapGet("/live", () => TypedResults.Ok(new HealthAnswer("live")))
            .WithName("live")
            .WithSummary("200 as long as the process answers.");
        health.MapGet("/ready", ReadyAsync)
            .WithName("ready")
            .WithSummary("200 once the model is loaded and gave the probe's logits; 503 with the reason before, and while the server stops.")
            .Refuses(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Ok<HealthAnswer>> ReadyAsync(HealthCheckService checks, ModelRegistry models, CancellationToken cancellationToken)
    {
        HealthReport report = await checks.CheckHealthAsync(check => check.Tags.Contains(Ready), cancellationToken);
        return report.Status == HealthStatus.Healthy
            ? TypedResults.Ok(new HealthAnswer("ready"))
            : throw new RefusedException(
                Problem.Create(StatusCodes.Status503ServiceUnavailable, report.Entries.Values.First(entry => entry.Status != HealthStatus.Healthy).Description!),
                models.Default.State == ModelState.Loading ? 1 : null);
    }
}
