using System.Runtime.InteropServices;
using Google.Protobuf;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Onnx;

/// <summary>
/// Builds an ONNX graph in the order in which data flows. Every name stands once; a node may only read what stands before it.
/// <code>Input* → (Weight | Constant | Node)* → Output* → Build</code>
/// A call out of order, a second use of a name or a reference to nothing fails at once.
/// </summary>
/// <param name="opset">Version of the standard operators; 23 brings attention, rotary embedding and RMSNorm.</param>
internal sealed class GraphBuilder(string name, ExternalData weights, int opset = GraphBuilder.DefaultOpset)
{
    /// <summary>Domain of ONNX Runtime's own operators.</summary>
    public const string MicrosoftDomain = "com.microsoft";

    /// <summary>What ONNX Runtime GenAI writes too.</summary>
    public const int DefaultOpset = 21;

    private const int FirstOpsetOfIr11 = 23;

    private readonly GraphProto _graph = new() { Name = name };
    private readonly List<NodeProto> _weightNodes = [];
    private readonly HashSet<string> _values = [];
    private readonly HashSet<string> _nodes = [];
    private Stage _stage = Stage.Inputs;

    private enum Stage
    {
        Inputs,
        Nodes,
        Outputs,
        Built,
    }

    public static AttributeProto Attribute(string attribute, long value) => new() { Name = attribute, Type = AttributeProto.Types.AttributeType.Int, I = value };

    public static AttributeProto Attribute(string attribute, double value) => new() { Name = attribute, Type = AttributeProto.Types.AttributeType.Float, F = (float)value };

    public static AttributeProto Attribute(string attribute, string value) =>
        new() { Name = attribute, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    /// <summary>Whether an input, weight, constant or output of a node has that name.</summary>
    public bool Has(string value) => _values.Contains(value);

    /// <summary>A graph input. A dimension is a number or the name of a free size.</summary>
    public string Input(string input, DataType type, params IReadOnlyList<object> shape)
    {
        Enter(Stage.Inputs);
        Define(input);
        _graph.Input.Add(Describe(input, type, shape));
        return input;
    }

    /// <summary>An initialiser in the external data.</summary>
    /// <param name="values">Row-major; asked for only where no other graph has put this weight into the file.</param>
    public string Weight<T>(string weight, IReadOnlyList<long> shape, Func<ReadOnlyMemory<T>> values) where T : unmanaged => WeightInPieces<T>(weight, shape, () => [values()]);

    /// <summary>An initialiser in the external data that is never whole in memory.</summary>
    /// <param name="pieces">In order; see <see cref="ExternalData.Append"/>.</param>
    public string WeightInPieces<T>(string weight, IReadOnlyList<long> shape, Func<IEnumerable<ReadOnlyMemory<T>>> pieces) where T : unmanaged
    {
        Enter(Stage.Nodes);
        Define(weight);
        _graph.Initializer.Add(weights.Append(weight, shape, pieces));
        return weight;
    }

    /// <summary>Puts a tensor into the external data that this graph does not read, but another one will.</summary>
    /// <inheritdoc cref="Weight{T}(string, IReadOnlyList{long}, Func{ReadOnlyMemory{T}})"/>
    public void Store<T>(string weight, IReadOnlyList<long> shape, Func<ReadOnlyMemory<T>> values) where T : unmanaged => weights.Append<T>(weight, shape, () => [values()]);

    /// <inheritdoc cref="Weight{T}(string, IReadOnlyList{long}, Func{ReadOnlyMemory{T}})"/>
    public string Weight(string weight, IReadOnlyList<long> shape, Func<float[]> values) => Weight<float>(weight, shape, () => values());

    /// <summary>A small int64 vector in the graph itself.</summary>
    public string Constant(string constant, params ReadOnlySpan<long> values) => Constant(constant, DataType.Int64, [values.Length], MemoryMarshal.AsBytes(values));

    /// <summary>A small int64 vector in the graph itself; one of this name that exists is taken again.</summary>
    public string Shared(string constant, params ReadOnlySpan<long> values) => _values.Contains(constant) ? constant : Constant(constant, values);

    /// <summary>A scalar in the graph itself; one of this name that exists is taken again.</summary>
    public string Scalar<T>(string constant, T value) where T : unmanaged =>
        _values.Contains(constant) ? constant : Constant(constant, ElementTypes.From<T>(), [], MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>A node with one output.</summary>
    /// <param name="path">The node's place in the model, with '/', without the operator's name.</param>
    /// <returns>The output's name.</returns>
    public string Node(string path, string op, IReadOnlyList<string> inputs, string domain = "", params IReadOnlyList<AttributeProto> attributes)
    {
        string output = $"{path}/{op}/output_0";
        Node(path, op, inputs, [output], domain, attributes);
        return output;
    }

    /// <summary>A node whose outputs have given names; an empty one is left out.</summary>
    public void Node(string path, string op, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, string domain, params IReadOnlyList<AttributeProto> attributes)
    {
        Enter(Stage.Nodes);
        string full = $"{path}/{op}";
        if (!_nodes.Add(full))
        {
            throw new InvalidOperationException($"Node '{full}' exists already.");
        }
        if (inputs.FirstOrDefault(input => input.Length > 0 && !_values.Contains(input)) is string missing)
        {
            throw new InvalidOperationException($"Node '{full}' reads '{missing}', which nothing before it makes.");
        }
        var node = new NodeProto { Name = full, OpType = op, Domain = domain };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes);
        foreach (string output in outputs.Where(output => output.Length > 0))
        {
            Define(output);
        }
        _graph.Node.Add(node);
    }

    /// <summary>
    /// A node that reads a weight alone. It stands before all others in the file: of the nodes that one node waits for, ONNX Runtime leaves the first in the file
    /// to the end, so that what this one makes is there no longer than it is needed.
    /// </summary>
    public string WeightNode(string path, string op, string weight, params IReadOnlyList<AttributeProto> attributes)
    {
        string output = Node(path, op, [weight], "", attributes);
        _weightNodes.Add(_graph.Node[^1]);
        return output;
    }

    /// <summary>Declares that a node's output is one of the graph's.</summary>
    public void Output(string output, DataType type, params IReadOnlyList<object> shape)
    {
        Enter(Stage.Outputs);
        if (!_values.Contains(output))
        {
            throw new InvalidOperationException($"Output '{output}' is made by no node.");
        }
        _graph.Output.Add(Describe(output, type, shape));
    }

    /// <summary>Declares that a node's output, which no other node reads, is one of the graph's, under the name <paramref name="output"/>.</summary>
    public void OutputAs(string output, string value, DataType type, params IReadOnlyList<object> shape)
    {
        Define(output);
        NodeProto maker = _graph.Node.SingleOrDefault(node => node.Output.Contains(value)) ?? throw new InvalidOperationException($"'{value}' is made by no node.");
        if (_graph.Node.Any(node => node.Input.Contains(value)))
        {
            throw new InvalidOperationException($"'{value}' is read by a node, so it cannot be renamed to '{output}'.");
        }
        maker.Output[maker.Output.IndexOf(value)] = output;
        _values.Remove(value);
        Output(output, type, shape);
    }

    public ModelProto Build(string producer, string version)
    {
        Enter(Stage.Outputs);
        _stage = Stage.Built;
        NodeProto[] ordered = [.. _weightNodes, .. _graph.Node.ExceptBy(_weightNodes.Select(node => node.Name), node => node.Name)];
        _graph.Node.Clear();
        _graph.Node.AddRange(ordered);
        var model = new ModelProto { IrVersion = opset < FirstOpsetOfIr11 ? 10 : 11, ProducerName = producer, ProducerVersion = version, Graph = _graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
        if (_graph.Node.Any(node => node.Domain == MicrosoftDomain))
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = MicrosoftDomain, Version = 1 });
        }
        return model;
    }

    private static ValueInfoProto Describe(string value, DataType type, IReadOnlyList<object> shape)
    {
        var dimensions = new TensorShapeProto();
        dimensions.Dim.AddRange(shape.Select(size => size is string free
            ? new TensorShapeProto.Types.Dimension { DimParam = free }
            : new TensorShapeProto.Types.Dimension { DimValue = (int)size }));
        return new ValueInfoProto { Name = value, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions } } };
    }

    private string Constant(string constant, DataType type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> bytes)
    {
        Enter(Stage.Nodes);
        Define(constant);
        var tensor = new TensorProto { Name = constant, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(shape.ToArray());
        _graph.Initializer.Add(tensor);
        return constant;
    }

    private void Define(string value)
    {
        if (!_values.Add(value))
        {
            throw new InvalidOperationException($"'{value}' exists already.");
        }
    }

    private void Enter(Stage stage)
    {
        if (stage < _stage || _stage == Stage.Built)
        {
            throw new InvalidOperationException($"{stage} cannot follow {_stage}.");
        }
        _stage = stage;
    }
}
