using Factory.Core.Architecture;

namespace Factory.Tests;

/// <summary>
/// A LLaMA forward pass as the papers write it: double precision, plain loops, no cache, one sequence. Slow and easy to check; for tiny models.
/// It knows schemes through their plans only, like the real ones, but shares no code with them.
/// </summary>
/// <param name="read">A parameter's values by name, row-major in the catalog's shape.</param>
public sealed class ReferenceLlama(LlamaArchitecture model, Func<string, double[]> read)
{
    private readonly Dictionary<string, double[]> _parameters = model.Parameters.ToDictionary(parameter => parameter.Name, parameter => read(parameter.Name));

    /// <summary>Logits of every position, shape (time)(vocabulary).</summary>
    public double[][] Logits(IReadOnlyList<int> ids)
    {
        double[] embedding = _parameters[ParameterCatalog.Embedding];
        double[][] x = [.. ids.Select(id => embedding[(id * model.HiddenSize)..((id + 1) * model.HiddenSize)])];
        foreach (BlockPlan plan in model.Blocks)
        {
            Add(x, Attention(plan.Prefix + ".self_attn", Norm(x, plan.AttentionNorm)));
            Add(x, FeedForward(plan.Prefix + ".mlp", Norm(x, plan.FeedForwardNorm)));
        }
        double[][] normed = Norm(x, new NormPlan(ParameterCatalog.FinalNorm, 1));
        return Linear(model.TieEmbeddings ? ParameterCatalog.Embedding : ParameterCatalog.Head, normed);
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

    private double[][] Norm(double[][] x, NormPlan plan)
    {
        double[] gain = _parameters[plan.Parameter];
        return [.. x.Select(row =>
        {
            double root = Math.Sqrt(row.Select(value => value * value).Average() + model.RmsNormEpsilon);
            return row.Select((value, i) => value / root * gain[i] * plan.Scale).ToArray();
        })];
    }

    private double[][] Attention(string name, double[][] x)
    {
        int size = model.HeadSize;
        double[][] queries = Linear($"{name}.q_proj.weight", x);
        double[][] keys = Linear($"{name}.k_proj.weight", x);
        double[][] values = Linear($"{name}.v_proj.weight", x);
        Rotate(queries);
        Rotate(keys);
        double[][] mixed = [.. x.Select(_ => new double[model.Heads * size])];
        for (int head = 0; head < model.Heads; head++)
        {
            int at = head * size;
            int shared = head / (model.Heads / model.KeyValueHeads) * size;
            for (int now = 0; now < x.Length; now++)
            {
                double[] scores = [.. Enumerable.Range(0, now + 1).Select(then => Enumerable.Range(0, size).Sum(i => queries[now][at + i] * keys[then][shared + i]) / Math.Sqrt(size))];
                double largest = scores.Max();
                double total = scores.Sum(score => Math.Exp(score - largest));
                for (int then = 0; then <= now; then++)
                {
                    double weight = Math.Exp(scores[then] - largest) / total;
                    for (int i = 0; i < size; i++)
                    {
                        mixed[now][at + i] += weight * values[then][shared + i];
                    }
                }
            }
        }
        return Linear($"{name}.o_proj.weight", mixed);
    }

    /// <summary>Turns channel i of each head with channel i + headSize/2 by position times frequency.</summary>
    private void Rotate(double[][] rows)
    {
        double[] frequencies = RotaryTable.Frequencies(model);
        int half = frequencies.Length;
        for (int position = 0; position < rows.Length; position++)
        {
            double[] row = rows[position];
            for (int at = 0; at < row.Length; at += 2 * half)
            {
                for (int i = 0; i < half; i++)
                {
                    (double sine, double cosine) = Math.SinCos(position * frequencies[i]);
                    (double a, double b) = (row[at + i], row[at + half + i]);
                    row[at + i] = (a * cosine) - (b * sine);
                    row[at + half + i] = (b * cosine) + (a * sine);
                }
            }
        }
    }

    private double[][] FeedForward(string name, double[][] x)
    {
        double[][] gate = Linear($"{name}.gate_proj.weight", x);
        double[][] up = Linear($"{name}.up_proj.weight", x);
        double[][] inner = [.. gate.Zip(up, (g, u) => g.Zip(u, (a, b) => a / (1 + Math.Exp(-a)) * b).ToArray())];
        return Linear($"{name}.down_proj.weight", inner);
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

    private static void Add(double[][] x, double[][] branch)
    {
        for (int row = 0; row < x.Length; row++)
        {
            for (int i = 0; i < x[row].Length; i++)
            {
                x[row][i] += branch[row][i];
            }
        }
    }
}
