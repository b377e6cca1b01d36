namespace Factory.Plots;

/// <summary>One line of a <see cref="LineFigure"/>.</summary>
/// <param name="Name">As the legend shows it; curves of one name have one colour and one entry.</param>
/// <param name="X">Positions, ascending.</param>
/// <param name="Y">Values, as many as <paramref name="X"/>. A value that is no finite number leaves a gap.</param>
/// <param name="Spread">Half the height of the band around each value (a standard deviation over seeds); null for no band.</param>
public sealed record Curve(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y, IReadOnlyList<double>? Spread = null);
