using System.Security.Cryptography;
using Factory.Core;
using Factory.InferenceApi.Evaluation;
using Factory.InferenceApi.Generation;
using Factory.InferenceApi.Health;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Models;
using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Swagger;
using Factory.InferenceApi.Telemetry;

namespace Factory.InferenceApi;

/// <summary>The server's table of contents.</summary>
internal static class InferenceServer
{
    /// <summary>A server that has not started to listen.</summary>
    /// <exception cref="UserError">The model's directory is not a bundle.</exception>
    public static WebApplication Build(ServerOptions options)
    {
        // Empty: neither appsettings.json nor variables that happen to be around change what is served.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.AddListening(options);
        builder.Services
            .AddSingleton(options)
            .AddSingleton(TimeProvider.System)
            .AddSingleton(new ServedModel(options))
            .AddSingleton<ShutdownSignal>()
            .AddSingleton<ServerMeters>()
            .AddSingleton(RandomNumberGenerator.Create())
            .AddSingleton<SeedSource>()
            .AddSingleton<DecodeQueue>()
            .AddSingleton<GenerationStream>()
            .AddSingleton<EvalGate>()
            .AddHostedService<ModelLoader>()
            .AddApiJson()
            .AddApiPages();

        WebApplication app = builder.Build();
        app.UseProblems();
        app.UseApiPages();
        app.UseRouting();
        app.MapGenerate();
        app.MapEval();
        app.MapModels();
        app.MapHealth();
        return app;
    }
}
