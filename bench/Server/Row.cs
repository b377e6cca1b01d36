namespace Factory.Bench.Server;

/// <summary>What was measured with so many clients: medians over the rounds.</summary>
/// <param name="Engine">Tokens a second of the engine alone, all sequences together.</param>
/// <param name="Server">Tokens a second over HTTP.</param>
/// <param name="Share">Median over the rounds of server by engine in the same round.</param>
/// <param name="FirstTokenMedian">Milliseconds to the first token over HTTP.</param>
/// <param name="FirstTokenP99">The same, 99th percentile over all requests of all rounds.</param>
/// <param name="ClientCpuShare">CPU time of the clients by that of clients and server.</param>
internal sealed record Row(int Clients, double Engine, double Server, double Share, double FirstTokenMedian, double FirstTokenP99, double EngineFirstTokenMedian, double ClientCpuShare, double ResidentMegabytes)
{
    public static string Header => $"{"clients",7} {"engine tok/s",13} {"server tok/s",13} {"share",6} {"first token ms",15} {"p99 ms",8} {"engine's ms",12} {"client CPU",11} {"RSS MB",7}";

    public static Row From(int clients, LoadResult[] http, LoadResult[] bare, double residentMegabytes) => new(
        clients,
        Median(bare.Select(run => run.Rate)),
        Median(http.Select(run => run.Rate)),
        Median(http.Zip(bare, (server, engine) => server.Rate / engine.Rate)),
        1000 * Median(http.SelectMany(run => run.FirstTokens)),
        1000 * At(http.SelectMany(run => run.FirstTokens), 0.99),
        1000 * Median(bare.SelectMany(run => run.FirstTokens)),
        http.Sum(run => run.ClientCpu) / http.Sum(run => run.ClientCpu + run.ServerCpu),
        residentMegabytes);

    public override string ToString() => FormattableString.Invariant(
        $"{Clients,7} {Engine,13:0.0} {Server,13:0.0} {Share,6:0.00} {FirstTokenMedian,15:0} {FirstTokenP99,8:0} {EngineFirstTokenMedian,12:0} {ClientCpuShare,11:0.0 %} {ResidentMegabytes,7:0}");

    private static double Median(IEnumerable<double> values) => At(values, 0.5);

    private static double At(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }
}
