using System.Diagnostics.Metrics;
using Factory.InferenceApi.Telemetry;
using Factory.Runtime.Engine;

namespace Factory.InferenceApi.Models;

/// <summary>What the models' engines say of themselves, read whenever somebody looks.</summary>
internal sealed class EngineMeters
{
    private readonly ModelRegistry _models;

    public EngineMeters(IMeterFactory factory, ModelRegistry models)
    {
        _models = models;
        Meter meter = factory.Create(ServerMeters.MeterName);
        meter.CreateObservableGauge("factory.engine.running", () => Read(engine => engine.Running), "{sequence}", "Texts in prefill or decode: the batch.");
        meter.CreateObservableGauge("factory.engine.waiting", () => Read(engine => engine.Waiting), "{sequence}", "Texts that wait for a slot or for memory.");
        meter.CreateObservableGauge("factory.engine.slots", () => Read(engine => engine.Slots), "{sequence}", "Texts that can be in the batch: as many as asked for, or as there was memory for.");
        meter.CreateObservableGauge("factory.engine.kv_cache.used", () => Read(engine => engine.KvCacheBytesUsed), "By", "Memory of keys and values in use.");
        meter.CreateObservableGauge("factory.engine.kv_cache.limit", () => Read(engine => engine.KvCacheBytesLimit), "By", "Memory that keys and values may use.");
        meter.CreateObservableCounter("factory.engine.decode_steps", () => Read(engine => engine.DecodeSteps), "{step}", "Decode steps; generated tokens over steps is the mean batch.");
        meter.CreateObservableCounter("factory.engine.prefill_runs", () => Read(engine => engine.PrefillRuns), "{run}", "Runs that computed prompts.");
        meter.CreateObservableCounter("factory.engine.prefix_cache.tokens", () => Read(engine => engine.PrefixCacheTokens), "{token}", "Prompt tokens taken from earlier prompts.");
    }

    private IEnumerable<Measurement<long>> Read(Func<EngineStatistics, long> value) => _models.All
        .Where(model => model.Statistics is not null)
        .Select(model => new Measurement<long>(value(model.Statistics!), new KeyValuePair<string, object?>("model", model.Name)));
}
