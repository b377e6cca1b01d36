using Factory.InferenceApi.Models;

namespace Factory.InferenceApi.Health;

/// <summary>GET /health/live and GET /health/ready, for whoever watches the process.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder health = routes.MapGroup("/health").WithTags("Health");
        health.MapGet("/live", Live)
            .WithName("live")
            .WithSummary("200 as long as the process answers.");
        health.MapGet("/ready", Ready)
            .WithName("ready")
            .WithSummary("200 once the model is loaded and gave the probe's logits; 503 with the reason before.")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static Ok<HealthAnswer> Live() => TypedResults.Ok(new HealthAnswer("live"));

    private static Ok<HealthAnswer> Ready(ServedModel model)
    {
        model.Require();
        return TypedResults.Ok(new HealthAnswer("ready"));
    }
}
