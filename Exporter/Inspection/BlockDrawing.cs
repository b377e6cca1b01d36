using System.Globalization;
using System.Net;
using System.Text;
using Factory.Exporter.Onnx;

namespace Factory.Exporter.Inspection;

/// <summary>One block of a graph as SVG: nodes from top to bottom in the order of data, the weight that each reads beside it, and who reads whom.</summary>
internal static class BlockDrawing
{
    private const int Width = 230;
    private const int Height = 40;
    private const int ColumnGap = 40;
    private const int RowGap = 34;
    private const int Margin = 30;

    /// <param name="part">Such as "layers.0".</param>
    public static string Draw(GraphProto graph, string part)
    {
        NodeProto[] nodes = [.. graph.Node.Where(node => BlockSummary.PartOf(node.Name) == part)];
        Dictionary<string, TensorProto> weights = graph.Initializer.ToDictionary(tensor => tensor.Name);
        Dictionary<string, int> maker = nodes.SelectMany((node, i) => node.Output.Where(output => output.Length > 0).Select(output => (output, i))).ToDictionary(pair => pair.output, pair => pair.i);
        (int Row, int Column)[] places = Places(nodes, maker);
        int columns = places.Max(place => place.Column) + 1;
        int rows = places.Max(place => place.Row) + 1;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {(2 * Margin) + (columns * (Width + ColumnGap))} {(2 * Margin) + (rows * (Height + RowGap))}" font-family="sans-serif" font-size="11">
            <defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0L8 4L0 8z" fill="#666"/></marker></defs>
            <rect width="100%" height="100%" fill="white"/>

            """);
        for (int i = 0; i < nodes.Length; i++)
        {
            foreach (int from in nodes[i].Input.Where(maker.ContainsKey).Select(input => maker[input]).Distinct())
            {
                (int x1, int y1) = Corner(places[from]);
                (int x2, int y2) = Corner(places[i]);
                svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{x1 + (Width / 2)} {y1 + Height}C{x1 + (Width / 2)} {y1 + Height + 20} {x2 + (Width / 2)} {y2 - 20} {x2 + (Width / 2)} {y2}\" fill=\"none\" stroke=\"#666\" marker-end=\"url(#arrow)\"/>\n");
            }
        }
        for (int i = 0; i < nodes.Length; i++)
        {
            (int x, int y) = Corner(places[i]);
            string weight = string.Join("  ", nodes[i].Input.Where(weights.ContainsKey).Select(input => weights[input]).Where(tensor => tensor.Dims.Count > 0)
                .Select(tensor => $"{TensorSummary.From(tensor).Dtype} ({string.Join(", ", tensor.Dims)})"));
            svg.Append(CultureInfo.InvariantCulture, $"<g><title>{WebUtility.HtmlEncode(nodes[i].Name)}</title><rect x=\"{x}\" y=\"{y}\" width=\"{Width}\" height=\"{Height}\" rx=\"5\" fill=\"{(weight.Length > 0 ? "#e8f0fe" : "#f5f5f5")}\" stroke=\"#444\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + 8}\" y=\"{y + 16}\" font-weight=\"bold\">{WebUtility.HtmlEncode(nodes[i].OpType)}</text><text x=\"{x + 8}\" y=\"{y + 31}\" fill=\"#444\">{WebUtility.HtmlEncode(weight)}</text></g>\n");
        }
        return svg.Append("</svg>\n").ToString().ReplaceLineEndings("\n");
    }

    /// <summary>A node stands one row below the lowest node that it reads, in the first free column.</summary>
    private static (int Row, int Column)[] Places(NodeProto[] nodes, Dictionary<string, int> maker)
    {
        var places = new (int Row, int Column)[nodes.Length];
        var taken = new Dictionary<int, int>();
        for (int i = 0; i < nodes.Length; i++)
        {
            int row = nodes[i].Input.Where(maker.ContainsKey).Select(input => places[maker[input]].Row + 1).DefaultIfEmpty(0).Max();
            int column = taken.GetValueOrDefault(row);
            taken[row] = column + 1;
            places[i] = (row, column);
        }
        return places;
    }

    private static (int X, int Y) Corner((int Row, int Column) place) => (Margin + (place.Column * (Width + ColumnGap)), Margin + (place.Row * (Height + RowGap)));
}
