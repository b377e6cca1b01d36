using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Factory.InferenceApi.Telemetry;

/// <summary>Log lines as a person at a terminal wants them: the sentence, with the level in front only where something is wrong. To stderr.</summary>
internal sealed class PlainConsole() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "plain";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string level = logEntry.LogLevel >= LogLevel.Warning ? $"{logEntry.LogLevel}: " : "";
        textWriter.WriteLine(level + logEntry.Formatter(logEntry.State, logEntry.Exception));
        if (logEntry.Exception is not null)
        {
            textWriter.WriteLine(logEntry.Exception);
        }
    }
}

internal static class PlainConsoleLogging
{
    public static void AddPlainConsole(this ILoggingBuilder logging) => logging
        .AddFilter("Microsoft", LogLevel.Warning)
        // A start that fails is told by the exception, in one line.
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
        // /health/ready says it to whoever asks.
        .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)
        .AddConsoleFormatter<PlainConsole, ConsoleFormatterOptions>()
        .AddConsole(console =>
        {
            // appsettings.json may ask for another: Logging:Console:FormatterName = json.
            console.FormatterName ??= PlainConsole.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
}
