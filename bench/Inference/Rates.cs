namespace Factory.Bench.Inference;

/// <summary>Rates of several rounds, tokens a second.</summary>
internal sealed class Rates
{
    private readonly List<double> _rounds = [];

    public double Median => Math.Round(_rounds.Order().ElementAt(_rounds.Count / 2), 1);

    public void Add(double tokens, TimeSpan time) => _rounds.Add(tokens / time.TotalSeconds);

    public override string ToString() => FormattableString.Invariant($"median {Median:0.0} tok/s, best {_rounds.Max():0.0} tok/s");
}
