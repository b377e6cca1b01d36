using Factory.InferenceApi.Models;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Factory.InferenceApi.Health;

/// <summary>Whether the model that the server was started with answers.</summary>
internal sealed class ModelHealth(ModelRegistry models, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ServedModel model = models.Default;
        return Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("The server is stopping.") : model.State switch
        {
            ModelState.Ready => HealthCheckResult.Healthy(),
            ModelState.Loading => HealthCheckResult.Unhealthy($"The model '{model.Name}' is being loaded."),
            ModelState.Failed => HealthCheckResult.Unhealthy($"The model '{model.Name}' is not served: {model.Failure}"),
        });
    }
}
