using System.CommandLine;
using System.Diagnostics;
using Factory.CommandLine;
using Factory.Evals;
using Factory.Evals.Models;
using Factory.Evals.Requests;
using Factory.Evals.Tokens;
using Factory.Runtime;

namespace Factory.Bench.Inference;

/// <summary>Scoring of a task's requests: one after the other, together, and through the whole of Evals.</summary>
internal static class ScoreBench
{
    public static Command Create()
    {
        Option<string> tasks = new("--tasks") { Description = "Tasks, one measurement each.", HelpName = "TASK,TASK", DefaultValueFactory = _ => "arc_easy,hellaswag" };
        Option<string?> data = new("--data") { Description = "Folder with the official data sets. [default: the samples that come with Factory]", HelpName = "DIR" };
        Option<int> limit = CheckedOption.Whole("--limit", "Documents of each task.", 100, least: 1, most: 1 << 20);
        Option<int> shots = CheckedOption.Whole("--num-fewshot", "Solved examples in front of each question.", 0, least: 0, most: 100);
        Option<int> loop = CheckedOption.Whole("--loop", "Requests scored one by one, spread over all.", 100, least: 1, most: 1 << 20);
        var command = new Command("score", "Compares scoring a task's requests together with scoring them one by one, in requests a second and in results.") { tasks, data, limit, shots, loop };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using LanguageModel model = BenchModel.Load(parsed, Console.WriteLine);
            foreach (string task in parsed.GetValue(tasks)!.Split(','))
            {
                var options = new EvaluationOptions
                {
                    Tasks = [task],
                    DataDirectory = parsed.GetValue(data),
                    Limit = parsed.GetValue(limit),
                    NumFewshot = parsed.GetValue(shots) is > 0 and int k ? k : null,
                    BootstrapIterations = 0,
                };
                await MeasureAsync(model, options, parsed.GetValue(loop), cancellationToken).ConfigureAwait(false);
            }
        });
        return command;
    }

    private static async Task MeasureAsync(LanguageModel model, EvaluationOptions options, int loop, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var plan = EvaluationPlan.From(options);
        double rendered = clock.Elapsed.TotalSeconds;
        clock.Restart();
        var encoder = new PairEncoder(new LocalTextEncoder(model.Bundle.Tokenizer!));
        List<(int[] Context, int[] Continuation)> pairs = [];
        foreach (LogLikelihoodRequest request in plan.Tasks.SelectMany(task => task.Documents).SelectMany(document => document.Requests).OfType<LogLikelihoodRequest>())
        {
            TokenPair pair = await encoder.EncodeAsync(pairs.Count, request, cancellationToken).ConfigureAwait(false);
            pairs.Add((pair.Context, pair.Continuation));
        }
        double encoded = clock.Elapsed.TotalSeconds;
        clock.Restart();
        IReadOnlyList<LogLikelihood> together = new Scorer(model).Score(pairs, progress: null, cancellationToken);
        double scored = clock.Elapsed.TotalSeconds;
        clock.Restart();
        await EvaluationRunner.RunAsync(new RuntimeLanguageModel(model), plan, progress: null, cancellationToken).ConfigureAwait(false);
        double whole = clock.Elapsed.TotalSeconds;

        int[] chosen = [.. Enumerable.Range(0, Math.Min(loop, pairs.Count)).Select(i => (int)((long)i * pairs.Count / Math.Min(loop, pairs.Count)))];
        clock.Restart();
        double[] alone = Array.ConvertAll(chosen, i => Alone(model, pairs[i].Context, pairs[i].Continuation));
        double aloneRate = chosen.Length / clock.Elapsed.TotalSeconds;
        double difference = chosen.Select((index, i) => Math.Abs(alone[i] - together[index].Value)).Max();
        double relative = chosen.Select((index, i) => Math.Abs(alone[i] - together[index].Value) / Math.Abs(alone[i])).Max();
        double rate = pairs.Count / scored;
        Console.WriteLine(FormattableString.Invariant(
            $"{options.Tasks[0]}: {pairs.Count} requests of {pairs.Average(pair => pair.Context.Length):0} + {pairs.Average(pair => pair.Continuation.Length):0.0} tokens; one by one {aloneRate:0.0} a second, together {rate:0.0} ({rate / aloneRate:0.0}x), largest difference {difference:0.0e0} nats ({relative:0.0e0} of its size)"));
        Console.WriteLine(FormattableString.Invariant(
            $"  read and render {rendered:0.00} s, tokenize {encoded:0.00} s, score {scored:0.00} s; Evals from tokenizing to the report {whole:0.00} s ({(whole / scored) - 1:+0 %;-0 %} over the runtime)"));
    }

    /// <summary>A run of its own, logits where the continuation is predicted.</summary>
    private static double Alone(LanguageModel model, int[] context, int[] continuation)
    {
        int[] ids = [.. context, .. continuation];
        ids = ids[Math.Max(0, ids.Length - model.Bundle.Architecture.MaxPositions - 1)..];
        int from = ids.Length - continuation.Length - 1;
        float[] logits = model.Logits(ids[..^1], from);
        int vocabulary = model.Bundle.Architecture.VocabularySize;
        double sum = 0;
        for (int i = 0; i < continuation.Length; i++)
        {
            ReadOnlySpan<float> row = logits.AsSpan(i * vocabulary, vocabulary);
            double largest = System.Numerics.Tensors.TensorPrimitives.Max(row);
            double total = 0;
            foreach (float logit in row)
            {
                total += Math.Exp(logit - largest);
            }
            sum += row[continuation[i]] - largest - Math.Log(total);
        }
        return sum;
    }
}
