using System.Buffers;
using System.Buffers.Binary;
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
            token = ArgMax.Of(logits);
        }
        else
        {
            float[] rented = ArrayPool<float>.Shared.Rent(logits.Length);
            Span<float> work = rented.AsSpan(0, logits.Length);
            logits.CopyTo(work);
            Adjust(work, forbidden);
            token = greedy ? ArgMax.Of(work) : Draw(work);
            ArrayPool<float>.Shared.Return(rented);
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

    /// <param name="work">Logits; becomes the weights, 1 for the likeliest token.</param>
    private int Draw(Span<float> work)
    {
        TensorPrimitives.Subtract(work, TensorPrimitives.Max(work), work);
        TensorPrimitives.Multiply(work, (float)(1 / _options.Temperature), work);
        TensorPrimitives.Exp(work, work);
        Filter(work);
        double total = WeightedDraw.Sum(work);
        return WeightedDraw.Pick(work, _random.NextDouble() * total);
    }

    /// <summary>Sets the weights of tokens that fall out to zero.</summary>
    private void Filter(Span<float> weights)
    {
        double mass = double.PositiveInfinity;
        if (_options.TopK > 0 && _options.TopK < weights.Length)
        {
            mass = TopSelection.Keep(weights, _options.TopK, double.PositiveInfinity);
        }
        if (_options.TopP < 1)
        {
            mass = double.IsFinite(mass) ? mass : WeightedDraw.Sum(weights);
            TopSelection.Keep(weights, int.MaxValue, _options.TopP * mass);
        }
        if (_options.MinP > 0)
        {
            float least = (float)_options.MinP;
            foreach (ref float weight in weights)
            {
                weight = weight < least ? 0 : weight;
            }
        }
        if (_options.TypicalP < 1)
        {
            TypicalFilter.Apply(weights, _options.TypicalP);
        }
    }
}
