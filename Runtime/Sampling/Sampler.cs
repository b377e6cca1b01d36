using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Factory.Core;
using Factory.Core.Numbers;

namespace Factory.Runtime;

/// <summary>
/// Chooses the next token. Filters apply in Hugging Face's order, each on what the one before left:
/// <code>logits ─► penalties ─► bias ─┬─► greedy: first of the largest
///                              └─► ÷ temperature ─► top-k ─► softmax ─► top-p ─► min-p ─► typical ─► draw</code>
/// Equal logits count as ordered by token id. Time grows with the vocabulary only, whatever the distribution, and nothing is left to the garbage collector.
/// </summary>
public sealed class Sampler
{
    private readonly SamplingOptions _options;
    private readonly SplitMix64 _random;
    private readonly HashSet<int> _seen = [];
    private readonly Dictionary<int, int> _generated = [];

    /// <exception cref="SettingError">An option is out of range.</exception>
    public Sampler(SamplingOptions options)
    {
        options.Validate();
        _options = options;
        _random = new SplitMix64(options.Seed ?? BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)));
    }

    private bool ChangesLogits =>
        _options.RepetitionPenalty != 1 || _options.PresencePenalty != 0 || _options.FrequencyPenalty != 0 || _options.LogitBias.Count > 0;

    /// <summary>Tells the repetition penalty of tokens that stand in the text.</summary>
    public void Observe(IEnumerable<int> ids)
    {
        if (_options.RepetitionPenalty != 1)
        {
            _seen.UnionWith(ids);
        }
    }

    /// <summary>The next token; it counts as generated from now on.</summary>
    /// <param name="logits">Shape (vocabulary).</param>
    /// <param name="forbidden">Tokens that must not be chosen.</param>
    public int Next(ReadOnlySpan<float> logits, params ReadOnlySpan<int> forbidden)
    {
        bool greedy = _options.Temperature == 0;
        int token;
        if (greedy && !ChangesLogits && forbidden.IsEmpty)
        {
            token = ArgMax.IndexOf(logits);
        }
        else
        {
            float[] values = ArrayPool<float>.Shared.Rent(logits.Length);
            Span<float> work = values.AsSpan(0, logits.Length);
            logits.CopyTo(work);
            Adjust(work, forbidden);
            token = greedy ? ArgMax.IndexOf(work) : Draw(work);
            ArrayPool<float>.Shared.Return(values);
        }
        Count(token);
        return token;
    }

    private void Count(int token)
    {
        if (_options.RepetitionPenalty != 1)
        {
            _seen.Add(token);
        }
        if (_options.PresencePenalty != 0 || _options.FrequencyPenalty != 0)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_generated, token, out _)++;
        }
    }

    /// <summary>0, 1, 2, …</summary>
    private static void FillWithIds(Span<int> ids)
    {
        Vector<int> next = Vector<int>.Indices;
        int id = 0;
        for (; id <= ids.Length - Vector<int>.Count; id += Vector<int>.Count)
        {
            next.CopyTo(ids[id..]);
            next += new Vector<int>(Vector<int>.Count);
        }
        for (; id < ids.Length; id++)
        {
            ids[id] = id;
        }
    }

    private void Adjust(Span<float> logits, ReadOnlySpan<int> forbidden)
    {
        foreach (int id in _seen)
        {
            double logit = logits[id];
            logits[id] = (float)(logit > 0 ? logit / _options.RepetitionPenalty : logit * _options.RepetitionPenalty);
        }
        foreach ((int id, int count) in _generated)
        {
            logits[id] -= (float)(_options.PresencePenalty + (count * _options.FrequencyPenalty));
        }
        foreach ((int id, double bias) in _options.LogitBias)
        {
            logits[id] += (float)bias;
        }
        foreach (int id in forbidden)
        {
            logits[id] = float.NegativeInfinity;
        }
    }

    private int Draw(Span<float> work)
    {
        int[] rented = ArrayPool<int>.Shared.Rent(work.Length);
        Span<int> ids = rented.AsSpan(0, work.Length);
        Span<float> weights = work[..Weigh(work, ids)];
        int token = ids[WeightedDraw.Pick(weights, _random.NextDouble() * WeightedDraw.Sum(weights))];
        ArrayPool<int>.Shared.Return(rented);
        return token;
    }

    /// <summary>Narrows the vocabulary down to the tokens that may be drawn.</summary>
    /// <param name="work">Logits, shape (vocabulary); becomes weights, 1 for the likeliest token.</param>
    /// <param name="ids">Receives the tokens that the weights belong to, by rising id.</param>
    /// <returns>How many are left; some of these may weigh nothing.</returns>
    internal int Weigh(Span<float> work, Span<int> ids)
    {
        FillWithIds(ids);
        int count = _options.TopK > 0 && _options.TopK < work.Length ? TopSelection.Keep(work, ids, _options.TopK) : work.Length;
        Span<float> weights = work[..count];
        TensorPrimitives.Subtract(weights, TensorPrimitives.Max(weights), weights);
        TensorPrimitives.Multiply(weights, (float)(1 / _options.Temperature), weights);
        TensorPrimitives.Exp(weights, weights);
        if (_options.TopP < 1)
        {
            count = TopSelection.KeepMass(weights, ids, _options.TopP);
        }
        if (_options.MinP > 0)
        {
            count = Compaction.AtLeast(work[..count], ids, (float)_options.MinP);
        }
        if (_options.TypicalP < 1)
        {
            TypicalFilter.Apply(work[..count], _options.TypicalP);
        }
        return count;
    }
}
