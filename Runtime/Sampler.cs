using System.Buffers.Binary;
using System.Security.Cryptography;
using Factory.Core.Numbers;

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
    public int Next(float[] logits)
    {
        Penalize(logits);
        int token = _options.Temperature == 0 ? ArgMax.Of(logits) : Draw(logits);
        _seen.Add(token);
        return token;
    }

    private void Penalize(float[] logits)
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

    private int Draw(float[] logits)
    {
        double largest = logits[ArgMax.Of(logits)];
        IEnumerable<int> candidates = Enumerable.Range(0, logits.Length);
        double sum = logits.Sum(logit => Math.Exp((logit - largest) / _options.Temperature));
        if (_options.TopK > 0 || _options.TopP < 1)
        {
            candidates = Ranked(logits);
        }
        if (_options.TopK > 0)
        {
            int[] likeliest = [.. candidates.Take(_options.TopK)];
            candidates = likeliest;
            sum = likeliest.Sum(Weight);
        }
        double before = 0;
        (int Id, double Weight)[] kept =
        [
            .. candidates
                .Select(id => (Id: id, Weight: Weight(id)))
                .TakeWhile(token => _options.TopP == 1 || (before += token.Weight) - token.Weight < _options.TopP * sum)
                .Where(token => token.Weight >= _options.MinP),
        ];
        double point = _random.NextDouble() * kept.Sum(token => token.Weight);
        foreach ((int id, double weight) in kept)
        {
            point -= weight;
            if (point < 0)
            {
                return id;
            }
        }
        // Rounding can leave a hair of the sum.
        return kept[^1].Id;

        // Of the likeliest token: one.
        double Weight(int id) => Math.Exp((logits[id] - largest) / _options.Temperature);
    }

    /// <summary>Token ids by falling logit, equal ones by rising id, found as they are asked for: few of a large vocabulary are needed.</summary>
    private static IEnumerable<int> Ranked(float[] logits)
    {
        var heap = new PriorityQueue<int, (float Falling, int Id)>(logits.Select((logit, id) => (id, (-logit, id))));
        while (heap.TryDequeue(out int id, out _))
        {
            yield return id;
        }
    }
}
