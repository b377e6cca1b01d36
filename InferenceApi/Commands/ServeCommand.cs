using System.CommandLine;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Settings;
using Factory.Runtime;

namespace Factory.InferenceApi.Commands;

/// <summary>What the executable does without a verb: serve a model over HTTP until Ctrl-C.</summary>
internal static class ServeCommand
{
    /// <summary>The root command, whose own action serves.</summary>
    public static RootCommand CreateRoot()
    {
        var root = new RootCommand(
            "Serves an exported model over HTTP: /generate, /eval, /v1 as OpenAI's clients expect it, and pages to try them at /swagger. "
            + "Each option can also stand in appsettings.json ({\"Factory\": {\"MaxConcurrent\": 4}}) or in the environment (Factory__MaxConcurrent=4); the command line wins.");
        var options = ServerSettings.All.ToDictionary(setting => setting, Create);
        foreach (Option option in options.Values)
        {
            root.Add(option);
        }
        root.SetAction((parsed, cancellationToken) => ServeAsync(
            options.Where(option => parsed.GetResult(option.Value) is { Implicit: false }).ToDictionary(option => $"{Setting.Section}:{option.Key.Key}", option => Value(parsed, option.Value)),
            cancellationToken));
        return root;
    }

    private static async Task<int> ServeAsync(IReadOnlyDictionary<string, string?> given, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = ServerConfiguration.CreateBuilder(given);
        ServerOptions options = ServerSettings.Read(builder.Configuration);
        // A model that fails to load leaves a server that says so; whoever insists on CUDA hears at once that it is not there.
        CudaSupport.Require(options.Runtime);
        await using WebApplication app = InferenceServer.Build(InferenceServer.Add(builder, options));
        await Listening.RunAsync(app, options, cancellationToken);
        return 0;
    }

    private static Option Create(Setting setting) => setting.HelpName is null
        ? new Option<bool>(setting.Option) { Description = setting.Description }
        : new Option<string>(setting.Option) { Description = setting.Description, HelpName = setting.HelpName };

    private static string? Value(ParseResult parsed, Option option) => option is Option<bool> flag ? parsed.GetValue(flag).ToString() : parsed.GetValue((Option<string>)option);
}
