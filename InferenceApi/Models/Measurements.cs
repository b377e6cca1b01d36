using Factory.InferenceApi.Keys;
using Factory.InferenceApi.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Factory.InferenceApi.Models;

/// <summary>GET /metrics for Prometheus; and, where the usual OTEL_ variables name a collector, measurements and traces by OTLP.</summary>
internal static class Measurements
{
    private const string Collector = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static IServiceCollection AddMeasurements(this IServiceCollection services, IConfiguration configuration)
    {
        bool Names(string signal) => configuration[Collector] is { Length: > 0 } || configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"] is { Length: > 0 };
        OpenTelemetryBuilder telemetry = services.AddSingleton<EngineMeters>().AddOpenTelemetry();
        if (configuration["OTEL_SERVICE_NAME"] is not { Length: > 0 })
        {
            telemetry.ConfigureResource(resource => resource.AddService("factory-inference"));
        }
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(ServerMeters.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime").AddPrometheusExporter();
            if (Names("METRICS"))
            {
                metrics.AddOtlpExporter();
            }
        });
        if (Names("TRACES"))
        {
            telemetry.WithTracing(traces => traces.AddSource("Microsoft.AspNetCore", "Factory.Runtime").AddOtlpExporter());
        }
        return services;
    }

    public static void MapMeasurements(this WebApplication app)
    {
        app.Services.GetRequiredService<EngineMeters>();
        app.MapPrometheusScrapingEndpoint("/metrics").RequireKey(Scope.Any);
    }
}
