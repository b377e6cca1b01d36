using Factory.Core.Bundles;
using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Signatures;

/// <summary>Rows without a cache that share their beginnings (<see cref="ScoringNames"/>): a question's choices behind its context, in one run.</summary>
internal sealed class ScoringSignature(GraphBuilder graph, CacheLayout cache) : GraphSignature(graph, cache)
{
    private string _indices = "";

    public override IOperators Operators { get; } = new SharedRowOperators(graph, new FusedOperators(graph));

    public override void Begin()
    {
        Ids = Graph.Input(ScoringNames.InputIds, DataType.Int64, 1, "tokens");
        Graph.Input(ScoringNames.RowTokens, DataType.Int64, "rows", "time");
        Graph.Input(ScoringNames.TokenPlaces, DataType.Int64, 1, "tokens");
        LastPositions = Graph.Input(ScoringNames.LastPositions, DataType.Int32, "rows");
        TotalLength = Graph.Input(ScoringNames.TotalLength, DataType.Int32);
        _indices = Graph.Input(ScoringNames.LogitIndices, DataType.Int64, "logit_rows");
    }

    public override (string PastKey, string PastValue, string PresentKey, string PresentValue) CacheOf(int block) =>
        ("", "", GraphNames.PresentKey(block), GraphNames.PresentValue(block));

    public override string HeadRows(string normed) => FactorySignature.ChosenRows(Graph, normed, Cache.Hidden, _indices);

    public override void End(string logits) => Graph.OutputAs(ScoringNames.Logits, logits, DataType.Float, "logit_rows", Cache.Vocabulary);
}
