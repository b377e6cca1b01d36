namespace Factory.Plots;

/// <summary>One matrix of a <see cref="HeatMapFigure"/>.</summary>
/// <param name="Name">Stands above it: the model.</param>
/// <param name="Values">By row and column; row 0 is drawn at the bottom, NaN stays white.</param>
public sealed record HeatMap(string Name, double[,] Values)
{
    internal int Rows => Values.GetLength(0);

    internal int Columns => Values.GetLength(1);

    internal IEnumerable<double> Numbers => Values.Cast<double>().Where(double.IsFinite);
}
