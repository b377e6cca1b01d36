using System.Globalization;
using ScottPlot;
using ScottPlot.Colormaps;
using ScottPlot.Panels;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;

namespace Factory.Plots;

/// <summary>A matrix as colours: the angular distance between block l and block l + n, n upwards.</summary>
public sealed record HeatMapFigure : Figure
{
    /// <summary>Labels on an axis, at most.</summary>
    private const int MaxLabels = 16;

    /// <summary>What a colour means, with its unit.</summary>
    public required string ColourAxis { get; init; }

    /// <summary>Values by row and column; row 0 is drawn at the bottom, NaN stays white.</summary>
    public required double[,] Values { get; init; }

    /// <summary>The number that row 0 stands for on the axis. Default: 1.</summary>
    public int FirstRow { get; init; } = 1;

    /// <summary>The number that column 0 stands for on the axis. Default: 1.</summary>
    public int FirstColumn { get; init; } = 1;

    private protected override void Draw(Plot plot)
    {
        (int rows, int columns) = (Values.GetLength(0), Values.GetLength(1));
        var flipped = new double[rows, columns];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                flipped[rows - 1 - row, column] = Values[row, column]; // ScottPlot draws row 0 at the top.
            }
        }
        Heatmap map = plot.Add.Heatmap(flipped);
        map.Colormap = new Viridis();
        map.NaNCellColor = Colors.White;
        ColorBar bar = plot.Add.ColorBar(map);
        bar.Label = ColourAxis;
        bar.LabelStyle.FontSize = 16;
        // Cells are one unit wide, the first centred at zero.
        plot.Axes.Bottom.TickGenerator = Ticks(columns, FirstColumn);
        plot.Axes.Left.TickGenerator = Ticks(rows, FirstRow);
        plot.Axes.Margins(0, 0);
    }

    private static NumericManual Ticks(int count, int first)
    {
        int step = Math.Max(1, (int)Math.Ceiling(count / (double)MaxLabels));
        int[] labelled = [.. Enumerable.Range(0, count).Where(index => index % step == 0)];
        return new NumericManual([.. labelled.Select(index => (double)index)], [.. labelled.Select(index => (first + index).ToString(CultureInfo.InvariantCulture))]);
    }
}
