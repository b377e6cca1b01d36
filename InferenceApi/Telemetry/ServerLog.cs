namespace Factory.InferenceApi.Telemetry;

/// <summary>Every line that the server logs.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Listening on {Urls}; loading {Model}.")]
    public static partial void Listening(this ILogger log, IEnumerable<string> urls, string model);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
    public static partial void Loading(this ILogger log, string line);

    [LoggerMessage(Level = LogLevel.Information, Message =
        "Serving {Model} on {Provider} (probe within {Difference:0.0e+0}) at {Url}, pages at {Url}/swagger. Try: curl {Url}/generate -H 'content-type: application/json' -d '{{\"prompt\":\"Once\"}}'")]
    public static partial void Ready(this ILogger log, string model, string provider, double difference, string url);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Model} is not served: {Reason}")]
    public static partial void NotServed(this ILogger log, string model, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Loading the model broke.")]
    public static partial void LoadingBroke(this ILogger log, Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "An evaluation was refused: {Reason}")]
    public static partial void EvaluationRefused(this ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path}, the file of evaluation jobs, cannot be used: {Reason} Jobs are refused until it can; another server's own folder is chosen with --state.")]
    public static partial void JobStoreFailed(this ILogger log, string path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {RequestId} broke.")]
    public static partial void RequestBroke(this ILogger log, Exception error, string requestId);

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed API keys do not count: {Reason}")]
    public static partial void KeysNotRead(this ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A stream broke under request {RequestId}.")]
    public static partial void StreamBroke(this ILogger log, Exception error, string requestId);
}
