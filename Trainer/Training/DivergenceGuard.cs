using Factory.Trainer.Recipes;

namespace Factory.Trainer.Training;

/// <summary>
/// Looks at every update before it is applied: is its loss or gradient norm finite, and is it within what the last updates were? Its z-score is the
/// distance from their mean in their standard deviations; only upwards counts. Gradient norms late in a run hardly vary, so for them a deviation counts
/// as a tenth of the mean at least: with the default threshold of 8, one below 1.8 times the mean is no spike.
/// </summary>
public sealed class DivergenceGuard(SpikeAction action, double threshold, GuardState? state = null)
{
    /// <summary>Updates that are remembered.</summary>
    private const int Window = 100;

    /// <summary>Updates that must be remembered before one is judged by them: the first steps of a run fall fast.</summary>
    private const int Least = 20;

    /// <summary>Updates skipped in a row after which the run is taken for diverged.</summary>
    private const int MostSkipped = 20;

    /// <summary>Least deviation of a gradient norm, as a part of the mean.</summary>
    private const double LeastNormDeviation = 0.1;

    private readonly Queue<double> _losses = new(state?.Losses ?? []);
    private readonly Queue<double> _norms = new(state?.Norms ?? []);
    private int _skipped = state?.Skipped ?? 0;

    public GuardState State => new([.. _losses], [.. _norms], _skipped);

    /// <param name="report">The update, measured and not applied.</param>
    /// <returns>What to do with it, and why; the message is null where there is nothing to say.</returns>
    public (GuardVerdict Verdict, string? Message) Judge(StepReport report)
    {
        if (!report.IsFinite)
        {
            string found = FormattableString.Invariant($"expected a finite loss and gradient, found loss {report.Loss} and gradient norm {report.Gradient.Total}");
            return action == SpikeAction.Skip ? Skip(found) : (GuardVerdict.Stop, found);
        }
        string? spike = Spike("loss", report.Loss, _losses, leastDeviation: 0) ?? Spike("gradient norm", report.Gradient.Total, _norms, LeastNormDeviation);
        if (spike is not null && action == SpikeAction.Skip)
        {
            return Skip(spike);
        }
        if (spike is not null && action == SpikeAction.Stop)
        {
            return (GuardVerdict.Stop, spike);
        }
        _skipped = 0;
        Remember(_losses, report.Loss);
        Remember(_norms, report.Gradient.Total);
        return (GuardVerdict.Apply, action == SpikeAction.Ignore ? null : spike);
    }

    private (GuardVerdict Verdict, string Message) Skip(string why) => ++_skipped > MostSkipped
        ? (GuardVerdict.Stop, $"{why}; {MostSkipped} updates in a row were skipped before")
        : (GuardVerdict.Skip, why);

    /// <param name="leastDeviation">As a part of the mean.</param>
    private string? Spike(string what, double value, Queue<double> before, double leastDeviation)
    {
        if (before.Count < Least)
        {
            return null;
        }
        double mean = before.Average();
        double deviation = Math.Sqrt(before.Average(other => (other - mean) * (other - mean)));
        double z = (value - mean) / Math.Max(deviation, Math.Max(1e-12, leastDeviation * mean));
        return z > threshold ? FormattableString.Invariant($"{what} {value:0.####} is {z:0.#} deviations above the {mean:0.####} of the last {before.Count} updates") : null;
    }

    private static void Remember(Queue<double> values, double value)
    {
        values.Enqueue(value);
        if (values.Count > Window)
        {
            values.Dequeue();
        }
    }
}
