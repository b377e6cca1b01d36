using Factory.Core;
using Factory.Evals.Reporting;
using Factory.Evals.Scoring;
using Factory.Evals.Tasks;

namespace Factory.Evals.Gates;

/// <summary>Compares two reports task by task, on the same documents where both kept what they found in each.</summary>
public static class Comparison
{
    /// <summary>Metrics that say the same as another of their task in other units.</summary>
    private static readonly string[] Derived = ["acc_norm", "acc_bytes", "token_perplexity", "byte_perplexity", "bits_per_byte"];

    private const double Normal95 = 1.959963984540054;

    /// <summary>The differences of all tasks that both have, with Holm's correction over them.</summary>
    /// <exception cref="UserError">They share no task.</exception>
    public static IReadOnlyList<Difference> Compare(ReportWithSamples a, ReportWithSamples b, CancellationToken cancellationToken)
    {
        var found = new List<Difference>();
        foreach (TaskReport task in a.Report.Tasks)
        {
            if (b.Report.Tasks.FirstOrDefault(other => other.Name == task.Name) is TaskReport other)
            {
                found.AddRange(MainMetrics(task).Where(other.Metrics.ContainsKey).Select(metric => Compare(a, b, task, other, metric, cancellationToken)));
            }
        }
        return found.Count > 0 ? Adjust(found) : throw new UserError($"{b.Path}: expected a task that {a.Path} has too, found none.");
    }

    /// <summary>The metrics that a task is judged by: those that are not another one in other units.</summary>
    public static IReadOnlyList<string> MainMetrics(TaskReport task) =>
        task.Metrics.Keys.Except(Derived).ToArray() is { Length: > 0 } main ? main : [.. task.Metrics.Keys.Take(1)];

    /// <summary>One metric of one task.</summary>
    public static Difference Compare(ReportWithSamples a, ReportWithSamples b, TaskReport taskA, TaskReport taskB, string metric, CancellationToken cancellationToken)
    {
        MetricScore scoreA = taskA.Metrics[metric];
        MetricScore scoreB = taskB.Metrics[metric];
        var plain = new Difference(
            taskA.Name, metric, scoreA.HigherIsBetter, Math.Min(taskA.N, taskB.N), scoreA.Value, scoreB.Value, scoreB.Value - scoreA.Value, null, null, null, null, null, null, null, "");
        (Measurement A, Measurement B)[] pairs = taskA.RequestSha256 == taskB.RequestSha256 ? Pairs(a, b, taskA.Name, metric) : [];
        return pairs.Length == plain.N && pairs.Length > 1 && EvaluationTasks.Names.Contains(taskA.Name)
            ? Paired(plain, pairs, ((ScoredTask)EvaluationTasks.Find(taskA.Name)).Metrics.Single(known => known.Name == metric), cancellationToken)
            : Unpaired(plain, scoreA, scoreB);
    }

    private static Difference Paired(Difference plain, (Measurement A, Measurement B)[] pairs, Metric metric, CancellationToken cancellationToken)
    {
        if (metric.Aggregation == Aggregation.Mean && pairs.All(pair => pair.A.Value is 0 or 1 && pair.B.Value is 0 or 1))
        {
            int onlyA = pairs.Count(pair => pair.A.Value > pair.B.Value);
            int onlyB = pairs.Count(pair => pair.B.Value > pair.A.Value);
            (double worse, double either) = PairedTest.McNemar(onlyA, onlyB);
            double reach = Normal95 * Statistics.ErrorOfMean([.. pairs.Select(pair => pair.B.Value - pair.A.Value)])!.Value;
            return plain with { OnlyA = onlyA, OnlyB = onlyB, Low = plain.Delta - reach, High = plain.Delta + reach, PWorse = worse, PValue = either, Test = "McNemar, exact" };
        }
        var found = PairedTest.Bootstrap(
            [.. pairs.Select(pair => pair.A)], [.. pairs.Select(pair => pair.B)], rows => metric.Score(rows, 0, cancellationToken).Value, metric.HigherIsBetter, cancellationToken);
        return plain with { Low = found.Low, High = found.High, PWorse = found.Worse, PValue = found.Either, Test = "paired bootstrap" };
    }

    private static Difference Unpaired(Difference plain, MetricScore a, MetricScore b)
    {
        const string Test = "unpaired, from standard errors";
        if (a.StandardError is not double errorA || b.StandardError is not double errorB)
        {
            return plain with { Test = "none: no spread is known" };
        }
        double error = Math.Sqrt((errorA * errorA) + (errorB * errorB));
        (double worse, double either) = PairedTest.Normal(plain.Loss, error);
        return plain with { Low = plain.Delta - (Normal95 * error), High = plain.Delta + (Normal95 * error), PWorse = worse, PValue = either, Test = Test };
    }

    private static (Measurement A, Measurement B)[] Pairs(ReportWithSamples a, ReportWithSamples b, string task, string metric)
    {
        IReadOnlyDictionary<int, SampleRow> other = b.RowsOf(task);
        return [.. a.RowsOf(task).Values.Where(row => other.ContainsKey(row.Doc)).OrderBy(row => row.Doc).Select(row => (row.Measured(metric), other[row.Doc].Measured(metric)))];
    }

    /// <summary>Holm's step-down correction (1979): the chance of one false alarm over all comparisons stays what it is for one.</summary>
    private static List<Difference> Adjust(List<Difference> found)
    {
        (int Index, Difference Item)[] tested = [.. found.Index().Where(item => item.Item.PValue is not null).OrderBy(item => item.Item.PValue)];
        double largest = 0;
        foreach ((int rank, (int index, Difference difference)) in tested.Index())
        {
            largest = Math.Min(1, Math.Max(largest, difference.PValue!.Value * (tested.Length - rank)));
            found[index] = difference with { Adjusted = largest };
        }
        return found;
    }
}
