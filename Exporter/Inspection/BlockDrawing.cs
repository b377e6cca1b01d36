using System.Globalization;
using System.Net;
using System.Text;
using Factory.Exporter.Onnx;

namespace Factory.Exporter.Inspection;

/// <summary>One block of a graph as SVG: nodes from top to bottom in the order of data with their operator, their place in the block and the weights they read, and who reads whom.</summary>
internal static class BlockDrawing
{
    private const int Width = 250;
    private const int Height = 54;
    private const int ColumnGap = 40;
    private const int RowGap = 34;
    private const int Margin = 40;
    private const int Detour = 16;

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
                svg.Append(CultureInfo.InvariantCulture, $"<path d=\"{Edge(places[from], places[i])}\" fill=\"none\" stroke=\"#666\" marker-end=\"url(#arrow)\"/>\n");
            }
        }
        for (int i = 0; i < nodes.Length; i++)
        {
            (int x, int y) = Corner(places[i]);
            string weight = string.Join("  ", nodes[i].Input.Where(weights.ContainsKey).Select(input => weights[input]).Where(tensor => tensor.Dims.Count > 0)
                .Select(tensor => $"{TensorSummary.From(tensor).Dtype} ({string.Join(", ", tensor.Dims)})"));
            svg.Append(CultureInfo.InvariantCulture, $"<g><title>{WebUtility.HtmlEncode(nodes[i].Name)}</title><rect x=\"{x}\" y=\"{y}\" width=\"{Width}\" height=\"{Height}\" rx=\"5\" fill=\"{(weight.Length > 0 ? "#e8f0fe" : "#f5f5f5")}\" stroke=\"#444\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + 8}\" y=\"{y + 16}\" font-weight=\"bold\">{WebUtility.HtmlEncode(nodes[i].OpType)}</text><text x=\"{x + 8}\" y=\"{y + 31}\" fill=\"#1a56b0\">{WebUtility.HtmlEncode(Place(nodes[i], part))}</text>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + 8}\" y=\"{y + 46}\" fill=\"#444\">{WebUtility.HtmlEncode(weight)}</text></g>\n");
        }
        return svg.Append("</svg>\n").ToString().ReplaceLineEndings("\n");
    }

    /// <summary>"/model/layers.0/attn/qkv_proj/MatMul" as "attn/qkv_proj".</summary>
    private static string Place(NodeProto node, string part)
    {
        int start = node.Name.IndexOf($"{part}/", StringComparison.Ordinal) + part.Length + 1;
        int end = node.Name.LastIndexOf('/');
        return end > start ? node.Name[start..end] : "";
    }

    /// <summary>
    /// From the lower edge of a box to the upper edge of another, never behind a third: to the next row in a curve, further down beside the
    /// column, where no box is in the way.
    /// </summary>
    private static string Edge((int Row, int Column) from, (int Row, int Column) to)
    {
        (int left, int top) = Corner(from);
        (int x1, int y1) = (left + (Width / 2), top + Height);
        (int x2, int y2) = (Corner(to).X + (Width / 2), Corner(to).Y);
        if (to.Row == from.Row + 1)
        {
            return FormattableString.Invariant($"M{x1} {y1}C{x1} {y1 + 20} {x2} {y2 - 20} {x2} {y2}");
        }
        int beside = left - Detour;
        int bend = RowGap / 2;
        int start = left + (Width / 4);
        int end = from.Column > to.Column ? x2 + (Width / 4) : x2 - (Width / 4);
        return FormattableString.Invariant($"M{start} {y1}C{start} {y1 + bend} {beside} {y1} {beside} {y1 + RowGap}V{y2 - RowGap}C{beside} {y2} {end} {y2 - bend} {end} {y2}");
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
