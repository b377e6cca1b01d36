using Factory.Core.Architecture;

namespace Factory.Tests;

/// <summary>
/// A forward pass as the papers write it: double precision, plain loops, no cache, one sequence. Slow and easy to check; for tiny models.
/// It interprets the block plans, like the real ones, but shares no code with them.
/// </summary>
/// <param name="read">A parameter's values by name, row-major in the catalog's shape.</param>
public sealed class ReferenceLlama(LlamaArchitecture model, Func<string, double[]> read)
{
    private readonly Dictionary<string, double[]> _parameters = model.Parameters.ToDictionary(parameter => parameter.Name, parameter => read(parameter.Name));

    /// <summary>Logits of every position, shape (time)(vocabulary).</summary>
    public double[][] Logits(IReadOnlyList<int> ids)
    {
        double[] embedding = _parameters[ParameterCatalog.Embedding];
        double[][] x = Norm([.. ids.Select(id => embedding[(id * model.HiddenSize)..((id + 1) * model.HiddenSize)])], model.EmbeddingNorm);
        foreach (BlockPlan plan in model.Blocks)
        {
            x = Branch(x, plan.Attention, input => Attention(plan.SelfAttention, input));
            x = Branch(x, plan.FeedForward, input => FeedForward(plan.Mlp, input));
        }
        return Linear(model.TieEmbeddings ? ParameterCatalog.Embedding : ParameterCatalog.Head, Norm(x, model.FinalNorm));
    }

    /// <summary>Tokens that follow <paramref name="prompt"/> when the likeliest is taken each time, ties to the first.</summary>
    public int[] Greedy(IEnumerable<int> prompt, int count)
    {
        List<int> ids = [.. prompt];
        for (int i = 0; i < count; i++)
        {
            double[] last = Logits(ids)[^1];
            ids.Add(Array.IndexOf(last, last.Max()));
        }
        return [.. ids.TakeLast(count)];
    }

    private double[][] Branch(double[][] x, ResidualBranch plan, Func<double[][], double[][]> function)
    {
        double[][] branch = Norm(function(Norm(x, plan.Input)), plan.Output);
        double[][] sum = [.. x.Zip(branch, (row, added) => row.Select((value, i) => (Factor(plan.Residual, i) * value) + (Factor(plan.Branch, i) * added[i])).ToArray())];
        return Norm(sum, plan.AfterAdd);
    }

    private double Factor(ScalePlan plan, int channel) =>
        plan.Parameter is not string name ? plan.Constant : _parameters[name][plan.Channels == 1 ? 0 : channel];

    private double[][] Norm(double[][] x, NormPlan? plan)
    {
        if (plan is null)
        {
            return x;
        }
        double[] gain = _parameters[plan.Gain];
        double[] bias = plan.Bias is string name ? _parameters[name] : new double[plan.Channels];
        return [.. x.Select(row => row.Chunk(plan.Channels / plan.Groups).SelectMany(group => Normalized(group, plan)).Select((value, i) => plan.Scale * ((value * gain[i]) + bias[i])).ToArray())];
    }

    private static IEnumerable<double> Normalized(double[] group, NormPlan plan)
    {
        double[] scaled = [.. group.Select(value => value * plan.InputScale)];
        double mean = plan.Kind switch
        {
            NormKind.RMSNorm => 0,
            NormKind.LayerNorm or NormKind.GroupNorm => scaled.Average(),
            NormKind.GroupNormOverTime => throw new NotSupportedException("no export of a norm over time to compare with"),
        };
        double root = Math.Sqrt(scaled.Select(value => (value - mean) * (value - mean)).Average() + plan.Epsilon);
        return scaled.Select(value => (value - mean) / root);
    }

    private double[][] Attention(AttentionPlan plan, double[][] x)
    {
        int size = plan.HeadSize;
        double[][] queries = Rotated("q_proj", plan.QueryNorm);
        double[][] keys = Rotated("k_proj", plan.KeyNorm);
        double[][] values = Projected("v_proj");
        double[][] mixed = [.. x.Select(_ => new double[plan.QueryWidth])];
        for (int head = 0; head < plan.Heads; head++)
        {
            int at = head * size;
            int shared = head / (plan.Heads / plan.KeyValueHeads) * size;
            for (int now = 0; now < x.Length; now++)
            {
                int first = Math.Max(0, now + 1 - (plan.Window ?? x.Length));
                double[] scores = [.. Enumerable.Range(first, now + 1 - first).Select(then => Enumerable.Range(0, size).Sum(i => queries[now][at + i] * keys[then][shared + i]) / Math.Sqrt(size))];
                double largest = scores.Max();
                double total = scores.Sum(score => Math.Exp(score - largest));
                for (int then = first; then <= now; then++)
                {
                    double weight = Math.Exp(scores[then - first] - largest) / total;
                    for (int i = 0; i < size; i++)
                    {
                        mixed[now][at + i] += weight * values[then][shared + i];
                    }
                }
            }
        }
        return Linear($"{plan.Name}.o_proj", mixed, plan.OutputBias);

        double[][] Projected(string projection) => Linear($"{plan.Name}.{projection}", x, plan.QueryKeyValueBias);

        double[][] Rotated(string projection, NormPlan? norm)
        {
            double[][] rows = norm is null
                ? Projected(projection)
                : [.. Projected(projection).Select(row => Norm([.. row.Chunk(size)], norm).SelectMany(head => head).ToArray())];
            Rotate(rows);
            return rows;
        }
    }

    /// <summary>Turns channel i of each head with channel i + headSize/2 by position times frequency.</summary>
    private void Rotate(double[][] rows)
    {
        double[] frequencies = RotaryTable.Frequencies(model);
        int half = frequencies.Length;
        double magnitude = RotaryTable.Magnitude(model);
        for (int position = 0; position < rows.Length; position++)
        {
            double[] row = rows[position];
            for (int at = 0; at < row.Length; at += 2 * half)
            {
                for (int i = 0; i < half; i++)
                {
                    (double sine, double cosine) = Math.SinCos(position * frequencies[i]);
                    (sine, cosine) = (sine * magnitude, cosine * magnitude);
                    (double a, double b) = (row[at + i], row[at + half + i]);
                    row[at + i] = (a * cosine) - (b * sine);
                    row[at + half + i] = (b * cosine) + (a * sine);
                }
            }
        }
    }

    private double[][] FeedForward(FeedForwardPlan plan, double[][] x)
    {
        double[][] gate = Linear($"{plan.Name}.gate_proj", x, plan.Bias);
        double[][] up = Linear($"{plan.Name}.up_proj", x, plan.Bias);
        double[][] inner = [.. gate.Zip(up, (g, u) => g.Zip(u, (a, b) => a / (1 + Math.Exp(-a)) * b).ToArray())];
        return Linear($"{plan.Name}.down_proj", inner, plan.Bias);
    }

    private double[][] Linear(string name, double[][] x, bool bias)
    {
        double[][] product = Linear($"{name}.weight", x);
        double[]? added = bias ? _parameters[$"{name}.bias"] : null;
        return added is null ? product : [.. product.Select(row => row.Zip(added, (a, b) => a + b).ToArray())];
    }

    private double[][] Linear(string parameter, double[][] x)
    {
        double[] weight = _parameters[parameter];
        int inputs = x[0].Length;
        return [.. x.Select(row =>
        {
            var result = new double[weight.Length / inputs];
            for (int output = 0; output < result.Length; output++)
            {
                double sum = 0;
                for (int i = 0; i < inputs; i++)
                {
                    sum += weight[(output * inputs) + i] * row[i];
                }
                result[output] = sum;
            }
            return result;
        })];
    }
}
