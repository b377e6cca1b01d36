using Factory.Core.Architecture;
using Factory.Exporter.Onnx;
using Factory.Exporter.Precisions;
using Factory.Exporter.Signatures;
using Factory.Exporter.Targets;
using Google.Protobuf;

namespace Factory.Exporter;

/// <summary>Writes the model as one ONNX graph whose weights lie in a file beside it.</summary>
internal static class GraphFile
{
    /// <param name="file">The graph's name below the context's directory.</param>
    /// <param name="signature">What the graph takes and gives.</param>
    /// <param name="inputSeen">See <see cref="LinearEmitter.InputSeen"/>.</param>
    public static void Write(
        ExportContext context, ExternalData weights, string file, Func<GraphBuilder, CacheLayout, GraphSignature> signature, Action<GraphSignature, LinearWeight, string>? inputSeen = null,
        int opset = GraphBuilder.DefaultOpset)
    {
        var graph = new GraphBuilder("llama", weights, opset);
        LlamaArchitecture model = context.Architecture;
        var cache = new CacheLayout(
            model.BlockCount, model.KeyValueHeads, new HeadLayout(model.HeadSize).PaddedSize, model.HiddenSize, model.VocabularySize, context.Precision.Main.Compute, context.Precision.KvScales);
        GraphSignature signed = signature(graph, cache);
        var linear = new LinearEmitter(graph, context.Precision) { InputSeen = (weight, input) => inputSeen?.Invoke(signed, weight, input) };
        new LlamaGraph(graph, signed, linear, model, context.Plans, context.Read).Emit(done =>
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            context.BlockDone(done);
        });
        using FileStream stream = File.Create(context.PathOf(file));
        graph.Build("Factory", CheckpointExport.Version).WriteTo(stream);
    }
}
