using Microsoft.Extensions.Logging;

namespace Factory.Runtime.Engine;

/// <summary>What models and engines say.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
    public static partial void ModelLoading(this ILogger log, string line);

    [LoggerMessage(Level = LogLevel.Information, Message = "Engine of {Model}: {Slots} slots of {Capacity} tokens, up to {Megabytes} MB of KV cache.")]
    public static partial void Started(this ILogger log, string model, int slots, int capacity, long megabytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Engine of {Model}: {Slots} slots of {Capacity} tokens, up to {Megabytes} MB of KV cache; {Asked} slots were asked for, but {Shortage} is short.")]
    public static partial void StartedShort(this ILogger log, string model, int slots, int capacity, long megabytes, int asked, string shortage);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Engine of {Model}: a request failed.")]
    public static partial void RequestFailed(this ILogger log, Exception error, string model);

    [LoggerMessage(Level = LogLevel.Error, Message = "Engine of {Model}: a step failed outside of any one request; all that ran were ended.")]
    public static partial void StepFailed(this ILogger log, Exception error, string model);
}
