using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Factory.Runtime.Engine;

/// <summary>
/// Measurements and traces of an engine under OpenTelemetry's names for generative AI (semantic conventions, gen_ai.*), and its own for the KV cache.
/// Costs nothing while nobody listens.
/// </summary>
internal sealed class EngineTelemetry : IDisposable
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Factory.Runtime";

    private const string Operation = "text_completion";

    private static readonly ActivitySource Activities = new(Name);

    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly TimeProvider _time;
    private readonly string _model;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _perToken;
    private readonly Histogram<long> _tokens;

    /// <param name="meters">Where the meter comes from; null for one of the engine's own.</param>
    public EngineTelemetry(IMeterFactory? meters, TimeProvider time, string model, Func<EngineStatistics> statistics)
    {
        (_time, _model) = (time, model);
        _ownsMeter = meters is null;
        _meter = meters?.Create(Name) ?? new Meter(Name);
        _duration = _meter.CreateHistogram<double>("gen_ai.server.request.duration", "s", "From submission to the last token.");
        _firstToken = _meter.CreateHistogram<double>("gen_ai.server.time_to_first_token", "s", "From submission to the first generated token.");
        _perToken = _meter.CreateHistogram<double>("gen_ai.server.time_per_output_token", "s", "Mean time between generated tokens after the first.");
        _tokens = _meter.CreateHistogram<long>("gen_ai.client.token.usage", "{token}", "Tokens of a request, by gen_ai.token.type.");
        KeyValuePair<string, object?> tag = new("gen_ai.request.model", model);
        _meter.CreateObservableGauge("factory.kv_cache.usage", () => new Measurement<long>(statistics().KvCacheBytesUsed, tag), "By", "KV cache in use or reserved.");
        _meter.CreateObservableGauge("factory.kv_cache.limit", () => new Measurement<long>(statistics().KvCacheBytesLimit, tag), "By", "KV cache that may be used.");
        _meter.CreateObservableGauge(
            "factory.memory",
            () =>
            {
                EngineStatistics now = statistics();
                return (Measurement<long>[])
                [
                    new(now.KvCacheBytesUsed, tag, new("factory.memory.type", "kv_cache")),
                    new(now.BufferBytes, tag, new("factory.memory.type", "buffers")),
                ];
            },
            "By",
            "What an engine accounts for, by type: keys and values written or promised, buffers for ids and logits.");
        _meter.CreateObservableGauge("factory.requests.running", () => new Measurement<int>(statistics().Running, tag), "{request}", "Requests in prefill or decode.");
        _meter.CreateObservableGauge("factory.requests.waiting", () => new Measurement<int>(statistics().Waiting, tag), "{request}", "Requests that wait for a slot or memory.");
        _meter.CreateObservableCounter("factory.prefix_cache.tokens", () => new Measurement<long>(statistics().PrefixCacheTokens, tag), "{token}", "Prompt tokens that were not computed again.");
    }

    /// <summary>A request was submitted.</summary>
    public RequestTrace Begin(InferenceRequest request)
    {
        Activity? current = Activity.Current;
        Activity? activity = Activities.StartActivity($"{Operation} {_model}", ActivityKind.Internal);
        // The request outlives the call that submits it: it must not become the parent of what the caller does next.
        Activity.Current = current;
        activity?.SetTag("gen_ai.operation.name", Operation)
            .SetTag("gen_ai.provider.name", "factory")
            .SetTag("gen_ai.request.model", _model)
            .SetTag("gen_ai.request.max_tokens", request.MaxNewTokens)
            .SetTag("gen_ai.request.temperature", request.Sampling.Temperature)
            .SetTag("gen_ai.request.top_p", request.Sampling.TopP)
            .SetTag("gen_ai.request.top_k", request.Sampling.TopK);
        return new RequestTrace(activity, _time.GetTimestamp());
    }

    /// <summary>The request's first token was given out.</summary>
    public void FirstToken(RequestTrace trace)
    {
        trace.FirstToken = _time.GetTimestamp();
        _firstToken.Record(_time.GetElapsedTime(trace.Submitted, trace.FirstToken).TotalSeconds, Tags(error: null));
    }

    /// <summary>The request ended.</summary>
    /// <param name="error">Why it did not come to its end, or null.</param>
    public void End(RequestTrace trace, int promptTokens, int generated, Exception? error)
    {
        TagList tags = Tags(error);
        _duration.Record(_time.GetElapsedTime(trace.Submitted).TotalSeconds, tags);
        if (generated > 1)
        {
            _perToken.Record(_time.GetElapsedTime(trace.FirstToken).TotalSeconds / (generated - 1), tags);
        }
        _tokens.Record(promptTokens, [.. tags, new("gen_ai.token.type", "input")]);
        _tokens.Record(generated, [.. tags, new("gen_ai.token.type", "output")]);
        if (trace.Activity is Activity activity)
        {
            activity.SetTag("gen_ai.usage.input_tokens", promptTokens).SetTag("gen_ai.usage.output_tokens", generated);
            if (error is not null)
            {
                activity.SetTag("error.type", error.GetType().FullName).SetStatus(ActivityStatusCode.Error, error.Message);
            }
            activity.Dispose();
        }
    }

    public void Dispose()
    {
        // A factory's meter is the factory's to dispose.
        if (_ownsMeter)
        {
            _meter.Dispose();
        }
    }

    private TagList Tags(Exception? error)
    {
        TagList tags = new() { { "gen_ai.operation.name", Operation }, { "gen_ai.provider.name", "factory" }, { "gen_ai.request.model", _model } };
        if (error is not null)
        {
            tags.Add("error.type", error.GetType().FullName);
        }
        return tags;
    }
}

/// <summary>When a request was submitted and answered.</summary>
internal sealed class RequestTrace(Activity? activity, long submitted)
{
    public Activity? Activity { get; } = activity;

    public long Submitted { get; } = submitted;

    public long FirstToken { get; set; }
}
