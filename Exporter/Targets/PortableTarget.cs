using Factory.Core.Disk;
using Factory.Exporter.Onnx;
using Factory.Exporter.Signatures;
using Factory.Exporter.Tokenizers;
using Factory.Runtime;

namespace Factory.Exporter.Targets;

/// <summary>A folder with an ONNX graph under the names of Hugging Face's exports, for software that runs such graphs.</summary>
internal abstract class PortableTarget : Target
{
    /// <summary>The graph's place in the folder, with '/'.</summary>
    protected abstract string GraphName(ExportContext context);

    /// <summary>The weights' file name, beside the graph.</summary>
    protected virtual string WeightsName(ExportContext context) => $"{Path.GetFileName(GraphName(context))}.data";

    protected virtual GraphSignature Signature(GraphBuilder graph, CacheLayout cache) => new PortableSignature(graph, cache);

    protected virtual int Opset => GraphBuilder.DefaultOpset;

    /// <summary>Writes what the software wants beside graph, weights and tokenizer.</summary>
    protected abstract void WriteMore(ExportContext context);

    internal override IReadOnlyDictionary<string, ManifestEntry> Write(ExportContext context)
    {
        ManifestEntry digest;
        string graph = GraphName(context);
        string folder = Path.GetDirectoryName(context.PathOf(graph))!;
        Directory.CreateDirectory(folder);
        using (var weights = new ExternalData(Path.Combine(folder, WeightsName(context))))
        {
            GraphFile.Write(context, weights, graph, Signature, opset: Opset);
            digest = weights.Finish();
        }
        TokenizerFolder.Write(context.Source.Directory, context.Directory, context.Architecture.MaxPositions);
        WriteMore(context);
        return new Dictionary<string, ManifestEntry> { [Path.Combine(Path.GetDirectoryName(graph)!, WeightsName(context)).Replace('\\', '/')] = digest };
    }

    internal override IProbedModel Open(ExportContext context, string name) => PortableModel.Load(context.PathOf(GraphName(context)));
}
