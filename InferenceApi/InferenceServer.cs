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
    /// <summary>What the server is made of.</summary>
    /// <exception cref="UserError">The model's directory is not a bundle.</exception>
    public static WebApplicationBuilder CreateBuilder(ServerOptions options)
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
        return builder;
    }

    /// <summary>What the server answers. It does not listen yet.</summary>
    public static WebApplication Build(WebApplicationBuilder builder)
    {
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
