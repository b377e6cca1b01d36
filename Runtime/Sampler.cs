using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Factory.Runtime;

/// <summary>
/// Chooses the next token. Filters apply in Hugging Face's order, each on what the one before left:
/// <code>logits ─► repetition penalty ─► (greedy: first of the largest)
///                     └─► ÷ temperature ─► top-k ─► softmax ─► top-p ─► min-p ─► draw</code>
/// Equal logits count as ordered by token id, so a seed gives the same tokens everywhere.
/// </summary>
public sealed class Sampler
{
    private readonly SamplingOptions _options;
    private readonly SplitMix64 _random;
    private readonly HashSet<int> _seen = [];

    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public Sampler(SamplingOptions options)
    {
        options.Validate();
        _options = options;
        _random = new SplitMix64(options.Seed ?? BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)));
    }

    /// <summary>Tells the repetition penalty of tokens that stand in the text.</summary>
    public void Observe(IEnumerable<int> ids) => _seen.UnionWith(ids);

    /// <summary>The next token; it counts as observed from now on.</summary>
    /// <param name="logits">Shape (vocabulary); used as working space.</param>
    public int Next(Span<float> logits)
    {
        Penalize(logits);
        int token = _options.Temperature == 0 ? ArgMax.Of(logits) : Draw(logits);
        _seen.Add(token);
        return token;
    }

    private void Penalize(Span<float> logits)
    {
        if (_options.RepetitionPenalty == 1)
        {
            return;
        }
        foreach (int id in _seen)
        {
            double logit = logits[id];
            logits[id] = (float)(logit > 0 ? logit / _options.RepetitionPenalty : logit * _options.RepetitionPenalty);
        }
    }

    private int Draw(ReadOnlySpan<float> logits)
    {
        int[] tokens = Ranked(logits);
        double largest = logits[tokens[0]];
        var weights = new double[tokens.Length];
        double sum = 0;
        for (int rank = 0; rank < tokens.Length; rank++)
        {
            weights[rank] = Math.Exp((logits[tokens[rank]] - largest) / _options.Temperature);
            sum += weights[rank];
        }
        int kept = KeptByMinP(weights, KeptByTopP(weights, sum));
        double point = _random.NextDouble() * weights.AsSpan(0, kept).ToArray().Sum();
        for (int rank = 0; rank < kept; rank++)
        {
            point -= weights[rank];
            if (point < 0)
            {
                return tokens[rank];
            }
        }
        // Rounding can leave a hair of the sum.
        return tokens[kept - 1];
    }

    /// <summary>Token ids by falling logit, equal ones by rising id, cut to top-k.</summary>
    private int[] Ranked(ReadOnlySpan<float> logits)
    {
        var keys = new (float Falling, int Id)[logits.Length];
        for (int id = 0; id < logits.Length; id++)
        {
            keys[id] = (-logits[id], id);
        }
        Array.Sort(keys);
        int count = _options.TopK == 0 ? keys.Length : Math.Min(_options.TopK, keys.Length);
        return [.. keys.Take(count).Select(key => key.Id)];
    }

    private int KeptByTopP(double[] weights, double sum)
    {
        if (_options.TopP == 1)
        {
            return weights.Length;
        }
        double reached = 0;
        for (int rank = 0; rank < weights.Length; rank++)
        {
            reached += weights[rank] / sum;
            if (reached >= _options.TopP)
            {
                return rank + 1;
            }
        }
        return weights.Length;
    }

    private int KeptByMinP(double[] weights, int count)
    {
        // The likeliest token has weight one.
        int kept = 1;
        while (kept < count && weights[kept] >= _options.MinP)
        {
            kept++;
        }
        return kept;
    }
}
