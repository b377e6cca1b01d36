using Factory.Core;
using Factory.Evals.Reporting;
using Factory.Evals.Scoring;

namespace Factory.Evals.Gates;

/// <summary>Judges a candidate's report by a baseline's: the same tasks over the same questions, on no fewer documents, and no score that is worse than the rules allow.</summary>
public static class Gate
{
    public static GateVerdict Judge(ReportWithSamples baseline, ReportWithSamples candidate, GateRules rules, CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        var differences = new List<Difference>();
        foreach (TaskReport task in baseline.Report.Tasks)
        {
            TaskReport? found = candidate.Report.Tasks.FirstOrDefault(other => other.Name == task.Name);
            if (Mismatch(task, found) is string mismatch)
            {
                reasons.Add(mismatch);
                continue;
            }
            TaskRules own = rules.Tasks.GetValueOrDefault(task.Name) ?? new TaskRules();
            foreach (string metric in own.Metric is string named ? [named] : Comparison.MainMetrics(task))
            {
                if (!task.Metrics.ContainsKey(metric) || !found!.Metrics.ContainsKey(metric))
                {
                    reasons.Add($"{task.Name}: expected the metric {metric} in both reports, found it in {(task.Metrics.ContainsKey(metric) ? "the baseline only" : "none or the candidate only")}.");
                    continue;
                }
                Difference difference = Comparison.Compare(baseline, candidate, task, found, metric, cancellationToken);
                differences.Add(difference);
                reasons.AddRange(Faults(difference, found.Metrics[metric], own, rules));
            }
        }
        if (baseline.Report.Tasks.Count == 0)
        {
            throw new UserError($"{baseline.Path}: expected a baseline with tasks, found none.");
        }
        return new GateVerdict(reasons.Count == 0, reasons, differences);
    }

    /// <summary>Why the candidate's task cannot be held against the baseline's; null where it can.</summary>
    private static string? Mismatch(TaskReport task, TaskReport? found)
    {
        if (found is null)
        {
            return $"{task.Name}: expected the task as in the baseline, found none.";
        }
        if (found.Version != task.Version)
        {
            return FormattableString.Invariant($"{task.Name}: expected version {task.Version} as in the baseline, found {found.Version}.");
        }
        if (found.NumFewshot != task.NumFewshot)
        {
            return $"{task.Name}: expected {task.NumFewshot} examples as in the baseline, found {found.NumFewshot}.";
        }
        if (task.DataSha256.FirstOrDefault(file => found.DataSha256.GetValueOrDefault(file.Key) != file.Value) is { Key: string name } file)
        {
            return $"{task.Name}: expected the baseline's data ({name}, SHA-256 {file.Value[..Math.Min(12, file.Value.Length)]}…), found {(found.DataSha256.TryGetValue(name, out string? hash) ? $"{hash[..Math.Min(12, hash.Length)]}…" : "other files")}.";
        }
        if (found.N < task.N)
        {
            return $"{task.Name}: expected answers to {task.N} documents as in the baseline, found {found.N}.";
        }
        return found.N == task.N && found.RequestSha256 != task.RequestSha256
            ? $"{task.Name}: expected the baseline's questions, found others (their hashes differ)."
            : null;
    }

    private static IEnumerable<string> Faults(Difference difference, MetricScore score, TaskRules own, GateRules rules)
    {
        string what = $"{difference.Task} {difference.Metric}";
        if (!double.IsFinite(score.Value))
        {
            yield return $"{what}: expected a number, found none.";
            yield break;
        }
        double drop = difference.HigherIsBetter ? difference.Loss : difference.Loss / Math.Abs(difference.A);
        double most = own.MaxDrop ?? rules.MaxDrop;
        double hard = own.HardDrop ?? rules.HardDrop;
        string change = FormattableString.Invariant($"{difference.A:0.0000} in the baseline, {difference.B:0.0000} in the candidate");
        if (drop > hard)
        {
            yield return FormattableString.Invariant($"{what}: {change}: worse by {Size(drop, difference)}, more than {Size(hard, difference)} is never allowed.");
        }
        else if (drop > most && difference.PWorse is double p && p < rules.Significance)
        {
            yield return FormattableString.Invariant($"{what}: {change}: worse by {Size(drop, difference)}, more than {Size(most, difference)}, and not by chance (p = {p:0.0000}, {difference.Test}).");
        }
        if (score.Value < own.Min)
        {
            yield return FormattableString.Invariant($"{what}: expected at least {own.Min}, found {score.Value:0.0000}.");
        }
        if (score.Value > own.Max)
        {
            yield return FormattableString.Invariant($"{what}: expected at most {own.Max}, found {score.Value:0.0000}.");
        }
    }

    private static string Size(double drop, Difference difference) =>
        difference.HigherIsBetter ? FormattableString.Invariant($"{drop:0.0000}") : FormattableString.Invariant($"{100 * drop:0.0} %");
}
