using Factory.InferenceApi.Keys;
using Factory.InferenceApi.Telemetry;
using OpenTelemetry.Metrics;

namespace Factory.InferenceApi.Models;

/// <summary>GET /metrics for Prometheus; and, where the usual OTEL_ variables name a collector, the same by OTLP.</summary>
internal static class Measurements
{
    private const string Collector = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static IServiceCollection AddMeasurements(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<EngineMeters>().AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter(ServerMeters.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime").AddPrometheusExporter();
            if (configuration[Collector] is { Length: > 0 })
            {
                metrics.AddOtlpExporter();
            }
        });
        return services;
    }

    public static void MapMeasurements(this WebApplication app)
    {
        app.Services.GetRequiredService<EngineMeters>();
        app.MapPrometheusScrapingEndpoint("/metrics").RequireKey(Scope.Any);
    }
}
