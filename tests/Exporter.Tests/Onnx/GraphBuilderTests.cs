using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Tests.Onnx;

public sealed class GraphBuilderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ExternalData _weights;
    private readonly GraphBuilder _graph;

    public GraphBuilderTests()
    {
        _weights = new ExternalData(_folder.At("data"));
        _graph = new GraphBuilder("test", _weights);
        _graph.Input("x", DataType.Float, "batch", 3);
    }

    [Fact]
    public void A_second_use_of_a_name_fails()
    {
        Assert.Contains("'x' exists", Assert.Throws<InvalidOperationException>(() => _graph.Input("x", DataType.Float)).Message, StringComparison.Ordinal);
        _graph.Node("/a", "Sigmoid", ["x"]);
        Assert.Contains("'/a/Sigmoid' exists", Assert.Throws<InvalidOperationException>(() => _graph.Node("/a", "Sigmoid", ["x"])).Message, StringComparison.Ordinal);
        _graph.Weight("w", [1], () => [1f]);
        Assert.Contains("'w' exists", Assert.Throws<InvalidOperationException>(() => _graph.Constant("w", 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_reads_what_is_not_there_fails() =>
        Assert.Contains("reads 'y'", Assert.Throws<InvalidOperationException>(() => _graph.Node("/a", "Sigmoid", ["y"])).Message, StringComparison.Ordinal);

    [Fact]
    public void Calls_out_of_order_fail()
    {
        string output = _graph.Node("/a", "Sigmoid", ["x"]);
        Assert.Throws<InvalidOperationException>(() => _graph.Input("late", DataType.Float));
        Assert.Throws<InvalidOperationException>(() => _graph.Output("nowhere", DataType.Float));
        _graph.Output(output, DataType.Float, "batch", 3);
        Assert.Throws<InvalidOperationException>(() => _graph.Node("/b", "Sigmoid", ["x"]));
        _graph.Build("test", "1");
        Assert.Throws<InvalidOperationException>(() => _graph.Build("test", "1"));
    }

    [Fact]
    public void Weights_start_at_whole_pages_and_hold_what_was_given()
    {
        _graph.Weight("a", [3], () => [1f, 2f, 3f]);
        _graph.Weight("b", [1, 2], () => [4f, 5f]);
        ModelProto model = _graph.Build("test", "1");
        _weights.Dispose();
        byte[] bytes = File.ReadAllBytes(_folder.At("data"));
        Assert.Equal(["data", "4096", "8"], model.Graph.Initializer[1].ExternalData.Select(entry => entry.Value));
        Assert.Equal(4096 + 8, bytes.Length);
        Assert.Equal(5f, BitConverter.ToSingle(bytes, 4096 + 4));
        Assert.Equal((10, 21L), (model.IrVersion, model.OpsetImport.Single(set => set.Domain.Length == 0).Version));
    }

    [Fact]
    public void A_weight_with_another_number_of_values_than_its_shape_has_fails() =>
        Assert.Throws<ArgumentException>(() => _graph.Weight("a", [2, 2], () => [1f]));

    public void Dispose()
    {
        _weights.Dispose();
        _folder.Dispose();
    }
}
