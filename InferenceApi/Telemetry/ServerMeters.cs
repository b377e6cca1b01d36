using System.Diagnostics.Metrics;

namespace Factory.InferenceApi.Telemetry;

/// <summary>Counts of the meter "Factory.InferenceApi", for dotnet-counters and OpenTelemetry. ASP.NET Core's own meters time the requests.</summary>
internal sealed class ServerMeters
{
    public const string MeterName = "Factory.InferenceApi";

    private readonly Counter<long> _promptTokens;
    private readonly Counter<long> _generatedTokens;
    private readonly Counter<long> _refused;
    private readonly UpDownCounter<int> _admitted;
    private readonly UpDownCounter<int> _evaluating;

    public ServerMeters(IMeterFactory factory)
    {
        Meter meter = factory.Create(MeterName);
        _promptTokens = meter.CreateCounter<long>("factory.prompt_tokens", "{token}", "Tokens of prompts that were fed.");
        _generatedTokens = meter.CreateCounter<long>("factory.generated_tokens", "{token}", "Tokens that were generated.");
        _refused = meter.CreateCounter<long>("factory.refused", "{request}", "Requests refused, by reason: queue_full, rate_limit.");
        _admitted = meter.CreateUpDownCounter<int>("factory.admitted", "{request}", "Requests being decoded or waiting for their turn.");
        _evaluating = meter.CreateUpDownCounter<int>("factory.evaluating", "{request}", "Evaluations that are running.");
    }

    public void Prompt(int tokens) => _promptTokens.Add(tokens);

    public void Generated() => _generatedTokens.Add(1);

    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Admitted(int change) => _admitted.Add(change);

    public void Evaluating(int change) => _evaluating.Add(change);
}
