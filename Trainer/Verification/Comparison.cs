using Factory.Core;
using Factory.Core.Safetensors;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Verification;

/// <summary>
/// Collects the largest differences between found and expected numbers, each under a name. In float32 a difference is relative to the largest expected
/// number where that exceeds 1: a gradient of 2,000 has no digits behind 1e-4.
/// </summary>
internal sealed class Comparison(ScalarType type)
{
    private readonly Dictionary<string, double> _differences = [];

    public IReadOnlyDictionary<string, double> Differences => _differences;

    /// <summary>Compares a tensor with the one of that name in <paramref name="expected"/>.</summary>
    /// <exception cref="UserError">The file has no such tensor, or one of another shape.</exception>
    public void Add(SafetensorsReader expected, string name, Tensor found)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor reference = WeightFile.Read(expected, name).to(ScalarType.Float64);
        if (!reference.shape.SequenceEqual(found.shape))
        {
            throw new UserError($"{expected.Path}: expected '{name}' of shape [{string.Join(", ", found.shape)}], as config.json has it, found [{string.Join(", ", reference.shape)}].");
        }
        Add(name, (found.detach().cpu().to(ScalarType.Float64) - reference).abs().max().item<double>() / Size(reference.abs().max().item<double>()));
    }

    public void Add(string name, double expected, double found) => Add(name, Math.Abs(found - expected) / Size(Math.Abs(expected)));

    private double Size(double expected) => type == ScalarType.Float64 ? 1 : Math.Max(1, expected);

    private void Add(string name, double difference)
    {
        double before = _differences.GetValueOrDefault(name);
        // A comparison with not-a-number is false, so that one stays.
        _differences[name] = before >= difference || double.IsNaN(before) ? before : difference;
    }
}
