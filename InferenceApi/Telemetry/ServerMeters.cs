using System.Diagnostics.Metrics;

namespace Factory.InferenceApi.Telemetry;

/// <summary>Counts of the meter "Factory.InferenceApi", for dotnet-counters and OpenTelemetry. ASP.NET Core's own meters time the requests.</summary>
internal sealed class ServerMeters
{
    public const string MeterName = "Factory.InferenceApi";

    /// <summary>Buckets as the OpenTelemetry conventions for generative models give them.</summary>
    private static readonly double[] Seconds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly Counter<long> _promptTokens;
    private readonly Counter<long> _generatedTokens;
    private readonly Counter<long> _refused;
    private readonly Histogram<double> _timeToFirstToken;
    private readonly Histogram<double> _timePerToken;
    private readonly UpDownCounter<int> _admitted;
    private readonly UpDownCounter<int> _evaluating;

    public ServerMeters(IMeterFactory factory)
    {
        Meter meter = factory.Create(MeterName);
        _promptTokens = meter.CreateCounter<long>("factory.prompt_tokens", "{token}", "Tokens of prompts that were fed.");
        _generatedTokens = meter.CreateCounter<long>("factory.generated_tokens", "{token}", "Tokens that were generated.");
        _timeToFirstToken = meter.CreateHistogram("gen_ai.server.time_to_first_token", "s", "From a request's turn to its first token.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _timePerToken = meter.CreateHistogram("gen_ai.server.time_per_output_token", "s", "From one token to the next.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _refused = meter.CreateCounter<long>("factory.refused", "{request}", "Requests refused, by reason: queue_full, rate_limit.");
        _admitted = meter.CreateUpDownCounter<int>("factory.admitted", "{request}", "Requests being decoded or waiting for their turn.");
        _evaluating = meter.CreateUpDownCounter<int>("factory.evaluating", "{request}", "Evaluations that are running.");
    }

    public void Prompt(int tokens) => _promptTokens.Add(tokens);

    /// <param name="since">Time since the request's start for its first token, since the token before for any other.</param>
    public void Generated(TimeSpan since, bool first)
    {
        _generatedTokens.Add(1);
        (first ? _timeToFirstToken : _timePerToken).Record(since.TotalSeconds);
    }

    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Admitted(int change) => _admitted.Add(change);

    public void Evaluating(int change) => _evaluating.Add(change);
}
