using System.Globalization;
using System.Text;
using System.Text.Json;
using Factory.Core;
using Factory.Core.Bundles;
using Factory.Core.Disk;
using Factory.Exporter.Inspection;
using Factory.Exporter.Onnx;
using Google.Protobuf;

namespace Factory.Exporter;

/// <summary>What a bundle's graph consists of, read from model.onnx; the weights are not touched.</summary>
internal sealed record GraphSummary(
    IReadOnlyList<TensorSummary> Inputs, IReadOnlyList<TensorSummary> Outputs, IReadOnlyList<TensorSummary> Initialisers, IReadOnlyDictionary<string, int> Nodes,
    IReadOnlyList<BlockSummary> Blocks)
{
    /// <exception cref="UserError">There is no graph, or it is no ONNX model.</exception>
    public static GraphSummary Read(string directory) => From(ReadGraph(directory));

    /// <inheritdoc cref="Read"/>
    public static GraphProto ReadGraph(string directory)
    {
        string path = Path.Combine(directory, BundleFolder.GraphFile);
        using FileStream stream = InputFile.Open(path, "a bundle's graph");
        try
        {
            return ModelProto.Parser.ParseFrom(stream).Graph ?? throw new UserError($"{path}: expected an ONNX model with a graph, found none in it.");
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new UserError($"{path}: expected an ONNX model, found something else: {error.Message}", error);
        }
    }

    public string ToText()
    {
        var text = new StringBuilder();
        Section("Inputs", Inputs.Select(Line));
        Section("Outputs", Outputs.Select(Line));
        Section("Initialisers", Initialisers.Select(Line));
        Section("Nodes", Nodes.Select(node => string.Create(CultureInfo.InvariantCulture, $"{node.Value,5}  {node.Key}")));
        Section("Blocks", Blocks.Select(block => block.ToString()));
        return text.ToString().TrimEnd();

        void Section(string title, IEnumerable<string> lines)
        {
            string[] all = [.. lines];
            text.Append(CultureInfo.InvariantCulture, $"{title} ({(title == "Nodes" ? Nodes.Values.Sum() : all.Length)})\n");
            text.AppendJoin("", all.Select(line => $"  {line}\n"));
        }

        static string Line(TensorSummary tensor) => $"{tensor.Name}  {tensor.Dtype}  ({string.Join(", ", tensor.Shape)})";
    }

    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            WriteTensors(json, "inputs", Inputs);
            WriteTensors(json, "outputs", Outputs);
            WriteTensors(json, "initialisers", Initialisers);
            json.WriteStartObject("nodes");
            foreach ((string op, int count) in Nodes)
            {
                json.WriteNumber(op, count);
            }
            json.WriteEndObject();
            json.WriteStartArray("blocks");
            foreach (BlockSummary block in Blocks)
            {
                json.WriteStartObject();
                json.WriteString("name", block.Name);
                json.WriteNumber("nodes", block.Nodes);
                json.WriteNumber("bytes", block.Bytes);
                json.WriteNumber("flops_a_token", block.Flops);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteTensors(Utf8JsonWriter json, string key, IReadOnlyList<TensorSummary> tensors)
    {
        json.WriteStartArray(key);
        foreach (TensorSummary tensor in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            json.WriteString("dtype", tensor.Dtype);
            json.WriteStartArray("shape");
            foreach (string size in tensor.Shape)
            {
                if (long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
                {
                    json.WriteNumberValue(number);
                }
                else
                {
                    json.WriteStringValue(size);
                }
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static GraphSummary From(GraphProto graph) => new(
        [.. graph.Input.Select(TensorSummary.From)],
        [.. graph.Output.Select(TensorSummary.From)],
        [.. graph.Initializer.Select(TensorSummary.From)],
        new SortedDictionary<string, int>(graph.Node.CountBy(node => node.OpType).ToDictionary(), StringComparer.Ordinal),
        BlockSummary.FromGraph(graph));
}
