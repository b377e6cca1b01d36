using System.Xml.Linq;
using SkiaSharp;

namespace Factory.Plots.Tests;

/// <summary>Figures as files: both are pictures, and the SVG says what the figure was told to say.</summary>
public sealed class FigureTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("factory-plots-").FullName;

    public static TheoryData<string, Figure> Figures => new()
    {
        {
            "lines",
            new LineFigure
            {
                Title = "Variance", XAxis = "step", YAxis = "variance of the block output", LogarithmicY = true,
                Curves =
                [
                    new Curve("pre", [0, 100, 200, 300], [0.1, 3, 40, 175], [0.01, 1, 5, 20]),
                    new Curve("lns", [0, 100, 200, 300], [0.1, 2, double.NaN, 25]),
                ],
            }
        },
        {
            "bars",
            new BarFigure
            {
                Title = "Without one block", XAxis = "block (from 1)", YAxis = "change of accuracy", Groups = ["1", "2", "3"],
                Series = [new Curve("pre", [], [-0.3, -0.02, double.NaN], [0.01, 0.01, 0]), new Curve("lns", [], [-0.3, -0.1, -0.1])],
            }
        },
        {
            "heat",
            new HeatMapFigure { Title = "Angles", XAxis = "block l (from 1)", YAxis = "distance n", ColourAxis = "angular distance / π", Panels = [Small] }
        },
        {
            "heats",
            new HeatMapFigure { Title = "Angles", XAxis = "block l (from 1)", YAxis = "distance n", ColourAxis = "angular distance / π", Panels = [Small, Large, Small, Small, Large] }
        },
    };

    private static HeatMap Small => new("pre", new[,] { { 0.1, 0.2, 0.3 }, { 0.4, 0.5, double.NaN } });

    private static HeatMap Large => new("lns", new[,] { { 0.5, 0.5, 0.5, 0.1 }, { 0.5, 0.5, 0.5, 0.1 }, { 0.5, 0.5, 0.5, 0.1 } });

    [Fact]
    public void Bars_of_twelve_models_have_twelve_colours()
    {
        var figure = new BarFigure
        {
            Title = "Accuracies",
            XAxis = "task",
            YAxis = "score",
            Groups = ["a"],
            Series = [.. Enumerable.Range(0, 12).Select(i => new Curve($"m{i}", [], [0.5]))],
        };
        using SKBitmap bitmap = SKBitmap.Decode(figure.Write(Path.Combine(_folder, "twelve")).Png);
        // A row of pixels through all bars, below the legend.
        int low = bitmap.Height * 4 / 5;
        int wide = Enumerable.Range(0, bitmap.Width).Select(x => bitmap.GetPixel(x, low)).GroupBy(pixel => pixel).Count(group => group.Key != SKColors.White && group.Count() > 20);
        Assert.Equal(12, wide);
    }

    [Fact]
    public void Heat_maps_side_by_side_are_named_and_a_colour_means_the_same_in_all()
    {
        HeatMap dark = new("dark", new[,] { { 0.1, 0.1 }, { 0.1, 0.1 } }), bright = new("bright", new[,] { { 0.9, 0.9 }, { 0.9, 0.9 } });
        var pair = new HeatMapFigure { Title = "Angles", XAxis = "block", YAxis = "distance", ColourAxis = "angle", Panels = [dark, bright] };
        (string png, string svg) = pair.Write(Path.Combine(_folder, "pair"));
        using SKBitmap bitmap = SKBitmap.Decode(png);
        // Each fills its panel with one colour: those of the two ends of the range.
        SKColor[] large = [.. bitmap.Pixels.GroupBy(pixel => pixel).Where(group => group.Key != SKColors.White && group.Count() > bitmap.Pixels.Length / 20).Select(group => group.Key)];
        Assert.Equal(2, large.Length);
        string words = XDocument.Load(svg).Root!.Value;
        Assert.Contains("dark", words, StringComparison.Ordinal);
        Assert.Contains("bright", words, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Figures))]
    public void A_figure_becomes_a_PNG_of_its_size_and_an_SVG_with_its_words(string name, Figure figure)
    {
        (string png, string svg) = figure.Write(Path.Combine(_folder, name));
        using SKBitmap bitmap = SKBitmap.Decode(png);
        Assert.Equal((figure.Width, figure.Height), (bitmap.Width, bitmap.Height));
        Assert.True(bitmap.Pixels.Distinct().Count() > 10, "the picture is blank");
        string words = XDocument.Load(svg).Root!.Value;
        Assert.Contains(figure.Title, words, StringComparison.Ordinal);
        Assert.Contains(figure.XAxis, words, StringComparison.Ordinal);
        Assert.Contains(figure.YAxis, words, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Figures))]
    public void Drawing_twice_gives_the_same_bytes(string name, Figure figure)
    {
        byte[] first = File.ReadAllBytes(figure.Write(Path.Combine(_folder, name)).Png);
        byte[] second = File.ReadAllBytes(figure.Write(Path.Combine(_folder, name)).Png);
        Assert.Equal(first, second);
    }

    [Theory]
    [InlineData(new[] { 70.5, 112.9 }, "70", "80", "90", "100", "110")]
    [InlineData(new[] { 0.002, 30000 }, "0.01", "1", "1000")]
    [InlineData(new[] { 3.0, 175 }, "5", "10", "50", "100")]
    [InlineData(new[] { 8.0, 8 }, "8")]
    public void A_logarithmic_axis_has_round_numbers_whatever_it_spans(double[] values, params string[] expected)
    {
        var figure = new LineFigure { Title = "t", XAxis = "x", YAxis = "y", LogarithmicY = true, Curves = [new Curve("c", [.. Enumerable.Range(0, values.Length).Select(i => (double)i)], values)] };
        string[] words = [.. XDocument.Load(figure.Write(Path.Combine(_folder, "log")).Svg).Descendants().Where(node => node.Name.LocalName == "text").Select(node => node.Value.Trim())];
        Assert.All(expected, label => Assert.Contains(label, words));
        Assert.InRange(words.Length, 3, 30);
    }

    /// <summary>More methods than there are colours, long curves and short.</summary>
    [Theory]
    [InlineData(3, false)]
    [InlineData(200, false)]
    [InlineData(3, true)]
    public void Every_one_of_twenty_curves_looks_different(int points, bool sequence)
    {
        double[] x = [.. Enumerable.Range(0, points).Select(i => (double)i)];
        string Draw(int shown)
        {
            // The others are outside of what is drawn, but count.
            Curve[] curves = [.. Enumerable.Range(0, 20).Select(i => new Curve($"curve {i}", x, [.. x.Select(_ => i == shown ? 1 : double.NaN)]))];
            return File.ReadAllText(new LineFigure { Title = "t", XAxis = "x", YAxis = "y", Curves = curves, IsSequence = sequence }.Write(Path.Combine(_folder, "many")).Svg);
        }
        Assert.Equal(20, Enumerable.Range(0, 20).Select(Draw).Distinct().Count());
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_IO_error() =>
        Assert.ThrowsAny<IOException>(() => Figures.First().Data.Item2.Write(Path.Combine(_folder, "missing", "figure")));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
