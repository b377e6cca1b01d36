using Factory.Plots;

namespace Factory.Evals.Analysis;

/// <summary>The paper's figures of any models: variance over depth, angular distances, and what each block's removal costs.</summary>
internal static class AnalysisFigures
{
    private const string BlockAxis = "block (from 1)";

    /// <summary>Figure 1 and 6: variance of every block's output, one curve a model; models of one name (seeds) become a mean with its spread.</summary>
    public static Figure Variance(IReadOnlyList<ModelAnalysis> models)
    {
        double[] all = [.. models.SelectMany(model => model.BlockOutputVariance!)];
        return new LineFigure
        {
            Title = "Variance of the block outputs",
            XAxis = BlockAxis,
            YAxis = "variance of the residual stream",
            Curves = [.. Groups(models).Select(group => Curve(group.Key, [.. group.Select(model => model.BlockOutputVariance!)]))],
            LogarithmicY = all.Min() > 0 && all.Max() > 30 * all.Min(),
        };
    }

    /// <summary>Figure 2 and 4: angular distance between the inputs of block l and block l + n, a heat map a model under one range of colours; seeds become their mean.</summary>
    public static Figure Angular(IReadOnlyList<ModelAnalysis> models) => new HeatMapFigure
    {
        Title = models.Count == 1 ? $"Angular distance between blocks, {models[0].Name}" : "Angular distance between blocks",
        XAxis = "block l (from 1)",
        YAxis = "distance n (blocks)",
        ColourAxis = "angular distance (part of π)",
        Panels = [.. Groups(models).Select(group => new HeatMap(group.Count() == 1 ? group.First().Name : $"{group.Key}, mean of {group.Count()}", MeanAngles([.. group])))],
    };

    /// <summary>Figure 2 and 4: how much the loss grows without each block.</summary>
    public static Figure LossDrop(IReadOnlyList<ModelAnalysis> models) => Bars(
        "Loss without one block", "change of the loss (nats a token)", models, model => [.. model.LossWithoutBlock!.Select(loss => loss - model.Loss!.Value)]);

    /// <summary>Figure 2 and 4: how the score of a task changes without each block.</summary>
    public static Figure ScoreDrop(IReadOnlyList<ModelAnalysis> models, string task)
    {
        PrunedTask Of(ModelAnalysis model) => model.Tasks!.Single(found => found.Name == task);
        return Bars($"{task} without one block", $"ΔP ({Of(models[0]).Metric})", models, model => Of(model).DropWithoutBlock);
    }

    /// <summary>Loss over the number of blocks removed, the cheapest first.</summary>
    public static Figure Greedy(IReadOnlyList<ModelAnalysis> models) => new LineFigure
    {
        Title = "Blocks removed one after another",
        XAxis = "blocks removed",
        YAxis = "loss (nats a token)",
        Curves = [.. models.Select(model => new Curve(
            model.Name,
            [.. Enumerable.Range(0, model.GreedyRemoval!.Count + 1).Select(count => (double)count)],
            [model.Loss!.Value, .. model.GreedyRemoval.Select(step => step[1])]))],
    };

    /// <summary>A model's name without the seed at its end ("lns-seed1", "lns-s2"): what its siblings share.</summary>
    internal static string Family(string name)
    {
        int end = name.TrimEnd("0123456789".ToCharArray()).Length;
        foreach (string mark in (string[])["-seed", "_seed", "-s", "_s"])
        {
            if (end < name.Length && end > mark.Length && name.AsSpan(0, end).EndsWith(mark, StringComparison.OrdinalIgnoreCase))
            {
                return name[..(end - mark.Length)];
            }
        }
        return name;
    }

    private static IEnumerable<IGrouping<string, ModelAnalysis>> Groups(IReadOnlyList<ModelAnalysis> models) => models.GroupBy(model => $"{Family(model.Name)} ({model.Blocks} blocks)");

    private static BarFigure Bars(string title, string axis, IReadOnlyList<ModelAnalysis> models, Func<ModelAnalysis, IReadOnlyList<double>> values)
    {
        int blocks = models.Max(model => model.Blocks);
        return new BarFigure
        {
            Title = title,
            XAxis = BlockAxis,
            YAxis = axis,
            Groups = [.. Enumerable.Range(1, blocks).Select(block => $"{block}")],
            Series = [.. models.GroupBy(model => Family(model.Name)).Select(group => Curve(group.Key, [.. group.Select(model => Padded(values(model), blocks))]))],
        };
    }

    /// <summary>Shape (distances, blocks); NaN where block l + n does not exist.</summary>
    private static double[,] MeanAngles(ModelAnalysis[] seeds)
    {
        int blocks = seeds[0].Blocks;
        var values = new double[blocks, blocks];
        for (int n = 0; n < blocks; n++)
        {
            for (int block = 0; block < blocks; block++)
            {
                values[n, block] = n < seeds[0].AngularDistanceMean![block].Count ? seeds.Average(seed => seed.AngularDistanceMean![block][n]) : double.NaN;
            }
        }
        return values;
    }

    private static IReadOnlyList<double> Padded(IReadOnlyList<double> values, int count) => [.. values, .. Enumerable.Repeat(double.NaN, count - values.Count)];

    /// <summary>The mean over seeds, with the sample deviation as its spread.</summary>
    private static Curve Curve(string name, IReadOnlyList<IReadOnlyList<double>> seeds)
    {
        double[] mean = [.. Enumerable.Range(0, seeds[0].Count).Select(block => seeds.Average(seed => seed[block]))];
        double[]? spread = seeds.Count < 2 ? null : [.. Enumerable.Range(0, mean.Length).Select(block => Scoring.Statistics.SampleDeviation([.. seeds.Select(seed => seed[block])]))];
        return new Curve(name, [.. Enumerable.Range(1, mean.Length).Select(block => (double)block)], mean, spread);
    }
}
