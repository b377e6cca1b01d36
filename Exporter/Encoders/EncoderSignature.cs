using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Exporter.Onnx;
using Factory.Exporter.Signatures;
using static Factory.Exporter.Onnx.GraphBuilder;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Encoders;

/// <summary>What an encoder's graph takes and gives (<see cref="EncoderNames"/>). Every block can be switched off.</summary>
/// <param name="measured">Whether the residual stream is measured too, over all tokens.</param>
internal sealed class EncoderSignature(GraphBuilder graph, CacheLayout layout, BertHead head, bool measured) : GraphSignature(graph, layout)
{
    private readonly BlockGate _gate = new(graph, layout.Blocks);
    private string _mask = "";
    private string _indices = "";

    public override IOperators Operators { get; } = new EncoderOperators(graph);

    /// <summary>int64 (B, S).</summary>
    public string TokenTypes { get; private set; } = "";

    public override bool NeedsBlockInputs => true;

    public override void Begin()
    {
        Ids = Graph.Input(EncoderNames.InputIds, DataType.Int64, "batch", "time");
        TokenTypes = Graph.Input(EncoderNames.TokenTypes, DataType.Int64, "batch", "time");
        string mask = Graph.Input(EncoderNames.AttentionMask, DataType.Int64, "batch", "time");
        if (head == BertHead.MaskedLanguageModel)
        {
            _indices = Graph.Input(EncoderNames.LogitIndices, DataType.Int64, "logit_rows");
        }
        _gate.Declare();
        _mask = Graph.Node("/model/mask", "Cast", [mask], "", Attribute("to", (long)DataType.Int32)); // (B, S)
        string time = Graph.Node("/model/positions/time", "Gather", [Graph.Node("/model/positions", "Shape", [Ids]), Graph.Scalar("/model/positions/one", 1L)]);
        Positions = Graph.Node("/model/positions", "Range", [Graph.Scalar("/model/positions/zero", 0L), time, Graph.Scalar("/model/positions/one", 1L)]); // (S)
    }

    public override string Mask(int? window) => _mask;

    public override (string PastKey, string PastValue, string PresentKey, string PresentValue) CacheOf(int block) => ("", "", "", "");

    public override string AfterBlock(int block, string input, string output) => _gate.Emit(block, input, output);

    public override string HeadRows(string normed) => FactorySignature.ChosenRows(Graph, normed, Cache.Hidden, _indices);

    /// <param name="logits">(n, V); or (B, S, 2), of start and end.</param>
    public override void End(string logits)
    {
        Action? statistics = measured ? new BlockStatisticsEmitter(Graph, _gate.States).Emit() : null;
        switch (head)
        {
            case BertHead.QuestionAnswering:
                string start = Column(logits, "start", 0);
                string end = Column(logits, "end", 1);
                Graph.OutputAs(EncoderNames.StartLogits, start, DataType.Float, "batch", "time");
                Graph.OutputAs(EncoderNames.EndLogits, end, DataType.Float, "batch", "time");
                break;
            case BertHead.MaskedLanguageModel:
                Graph.OutputAs(EncoderNames.Logits, logits, DataType.Float, "logit_rows", Cache.Vocabulary);
                break;
        }
        statistics?.Invoke();
    }

    private string Column(string logits, string name, long index) =>
        Graph.Node($"/qa_outputs/{name}", "Gather", [logits, Graph.Scalar($"/qa_outputs/{name}/index", index)], "", Attribute("axis", 2));
}
