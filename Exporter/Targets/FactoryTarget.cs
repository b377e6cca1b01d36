using System.Globalization;
using Factory.Core.Bundles;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Exporter.Onnx;
using Factory.Exporter.Precisions;
using Factory.Exporter.Signatures;
using Factory.Runtime;

namespace Factory.Exporter.Targets;

/// <summary>The bundle that Factory's own Runtime, server and Evals load: model.onnx, scoring.onnx and analysis.onnx over one weight file.</summary>
internal sealed class FactoryTarget : Target
{
    public override string Name => "factory";

    public override string Summary => "a bundle for InferenceApi and Evals";

    internal override string Kind => BundleFolder.Kind;

    internal override bool IsForRuntime => true;

    public override IReadOnlyList<Precision> Precisions => PrecisionCatalog.All;

    internal override string Usage(string name) => $$"""
        ```bash
        dotnet run -c Release --project InferenceApi -- --model {{name}}
        curl -s localhost:5080/generate -H 'content-type: application/json' -d '{"prompt": "Once upon a time"}'
        ```

        `model.onnx` is for Factory's Runtime (shared key/value buffers, logits of chosen rows), `scoring.onnx` the same model for many texts that share their
        beginnings, `analysis.onnx` the same model over the same weights with a
        gate for each block and statistics of the residual stream. For other tools export the checkpoint again: `--target hf` (transformers, vLLM), `gguf`
        (llama.cpp, Ollama), `genai` (onnxruntime-genai), `transformersjs`, `standard` (any ONNX runtime).
        """;

    internal override string NextStep(string output) => $"Serve it: dotnet run -c Release --project InferenceApi -- --model {output}";

    internal override IReadOnlyDictionary<string, ManifestEntry> Write(ExportContext context) => Write(context, _ => { });

    /// <param name="more">Writes further graphs over the same weights.</param>
    internal static IReadOnlyDictionary<string, ManifestEntry> Write(ExportContext context, Action<ExternalData> more)
    {
        ManifestEntry digest;
        using (var weights = new ExternalData(context.PathOf(BundleFolder.WeightsFile)))
        {
            GraphFile.Write(context, weights, BundleFolder.GraphFile, (graph, cache) => new FactorySignature(graph, cache));
            // The blocks were counted once.
            ExportContext quiet = context with { BlockDone = _ => { } };
            ExportContext given = quiet;
            if (context.Precision.PrefillCopy)
            {
                given = quiet with { Precision = context.Precision with { Main = new PrefillCopy() } };
                GraphFile.Write(given, weights, BundleFolder.PrefillFile, (graph, cache) => new FactorySignature(graph, cache));
            }
            // A cache in 8 bits is part of what such a bundle computes.
            if (context.Precision.Main.RunsOnCpu && !context.Precision.Int8KvCache)
            {
                GraphFile.Write(given, weights, BundleFolder.ScoringFile, (graph, cache) => new ScoringSignature(graph, cache));
            }
            // ONNX Runtime has no bf16 kernels for what an analysis adds, nor on the CPU at all.
            if (context.Precision.Main.RunsOnCpu)
            {
                GraphFile.Write(quiet, weights, BundleFolder.AnalysisFile, (graph, cache) => new AnalysisSignature(graph, cache));
            }
            more(weights);
            digest = weights.Finish();
        }
        ConfigJson.Write(context.Directory, context.Architecture);
        foreach (string file in context.Source.FilesToKeep())
        {
            InputFile.CopyTo(Path.Combine(context.Source.Directory, file), context.PathOf(file));
        }
        return new Dictionary<string, ManifestEntry> { [BundleFolder.WeightsFile] = digest };
    }

    internal override IReadOnlyDictionary<string, string> Facts(ExportContext context)
    {
        PrecisionPlan plan = context.Precision;
        var facts = new Dictionary<string, string>
        {
            [BundleFolder.BatchInvariantFact] = plan.Main.IsBatchInvariant ? "true" : "false",
            [BundleFolder.LogitToleranceFact] = plan.LogitTolerance.ToString(CultureInfo.InvariantCulture),
            [BundleFolder.PerplexityBoundFact] = plan.PerplexityBound.ToString(CultureInfo.InvariantCulture),
        };
        if (plan.Int8KvCache)
        {
            facts[BundleFolder.KvCacheFact] = "int8";
        }
        if (plan.PrefillCopy)
        {
            facts[BundleFolder.PrefillCopyFact] = "int8";
        }
        return facts;
    }

    internal override IProbedModel Open(ExportContext context, string name) =>
        context.Precision.Main.RunsOnCpu ? new BundleModel(BundleVerification.Load(context.Directory)) : WidenedTwin.Open(context, name);
}
