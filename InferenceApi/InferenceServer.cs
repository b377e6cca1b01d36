using System.Security.Cryptography;
using Factory.Core;
using Factory.InferenceApi.Evaluation;
using Factory.InferenceApi.Generation;
using Factory.InferenceApi.Health;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Json;
using Factory.InferenceApi.Keys;
using Factory.InferenceApi.Models;
using Factory.InferenceApi.OpenAi;
using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Scoring;
using Factory.InferenceApi.Settings;
using Factory.InferenceApi.Swagger;
using Factory.InferenceApi.Telemetry;
using Factory.InferenceApi.Tokens;

namespace Factory.InferenceApi;

/// <summary>The server's table of contents.</summary>
internal static class InferenceServer
{
    /// <summary>What the server is made of.</summary>
    /// <exception cref="UserError">The model's directory is not a bundle.</exception>
    public static WebApplicationBuilder Add(WebApplicationBuilder builder, ServerOptions options)
    {
        builder.AddListening(options);
        builder.Services
            .AddSingleton(options)
            .AddSingleton(TimeProvider.System)
            .AddSingleton(new ModelRegistry(options, TimeProvider.System))
            .AddSingleton<ModelLoader>()
            .AddHostedService<StartupLoad>()
            .AddSingleton<ShutdownSignal>()
            .AddSingleton<HostRule>()
            .AddSingleton<ServerMeters>()
            .AddSingleton(RandomNumberGenerator.Create())
            .AddSingleton<SeedSource>()
            .AddSingleton<DecodeQueue>()
            .AddSingleton<Turns>()
            .AddSingleton<PieceReader>()
            .AddSingleton<GenerationStream>()
            .AddSingleton<EvalGate>()
            .AddSingleton<EvalRunner>()
            .AddSingleton<JobStore>()
            .AddSingleton<JobBoard>()
            .AddSingleton<EvalJobs>()
            .AddHostedService<JobRunner>()
            .AddOpenAi()
            .AddKeys(options)
            .AddModelHealth()
            .AddProblems()
            .AddApiJson()
            .AddValidation()
            .AddMeasurements(builder.Configuration)
            .AddApiPages();
        return builder;
    }

    /// <summary>What the server answers. It does not listen yet.</summary>
    /// <exception cref="UserError">Others would reach it, and it has no keys; or the keys cannot be read.</exception>
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        WebApplication app = builder.Build();
        ServerOptions options = app.Services.GetRequiredService<ServerOptions>();
        OpenAddress.Refuse(options, app.Services.GetRequiredService<KeyRing>());
        app.UseProblems();
        app.UseRequestRules();
        app.UseRouting();
        app.UseAuthentication();
        if (options.RateLimit is not null)
        {
            app.UseRateLimiter(); // wakes ten times a second
        }
        app.UseAuthorization();
        app.UseApiPages();
        app.MapGenerate();
        app.MapEval();
        app.MapEvalJobs();
        app.MapOpenAi();
        app.MapTokens();
        app.MapScore();
        app.MapModels();
        app.MapHealth();
        app.MapMeasurements();
        return app;
    }
}
