using Factory.Trainer.Buffers;
using Factory.Trainer.Kernels;
using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>
/// Adam with decoupled weight decay (arXiv 1711.05101) on tensors of rank two and more; with decay 0 it is Adam. Weights, gradients and moments each lie
/// in one buffer, so that an update is one pass for the matrices and one for the vectors.
/// </summary>
public sealed class AdamW : IDisposable
{
    private readonly OptimizerRecipe _options;
    private readonly IAdamUpdate _update;
    private readonly ParameterBuffer _buffer;
    private readonly ParameterSlice[] _slices;
    private readonly Dictionary<ParameterSlice, long> _counts;
    private readonly Tensor _first;
    private readonly Tensor _second;

    /// <summary>For every parameter of a model.</summary>
    public AdamW(LlamaModel model, OptimizerRecipe options) : this(new AllParameters(model), options) { }

    public AdamW(ITrainableSet parameters, OptimizerRecipe options)
    {
        (Parameters, _options, _buffer) = (parameters, options, parameters.Buffer);
        _buffer.KeepGradients();
        _first = _buffer.NewTensor().zero_();
        _second = _buffer.NewTensor().zero_();
        _slices = [.. parameters.All.Select(parameter => ParameterBuffer.SliceOf(parameter.Value)!)];
        _counts = _slices.ToDictionary(slice => slice, _ => 0L);
        State = [.. parameters.All.Zip(_slices).SelectMany(pair => new[] { ($"first.{pair.First.Name}", View(pair.Second, _first)), ($"second.{pair.First.Name}", View(pair.Second, _second)) })];
        _update = _buffer.IsFused ? new FusedAdamUpdate() : new TorchAdamUpdate();
    }

    /// <summary>What is trained.</summary>
    public ITrainableSet Parameters { get; }

    /// <summary>Updates that each parameter has had, in the set's order; the bias corrections depend on it.</summary>
    public IReadOnlyList<long> Counts
    {
        get => [.. _slices.Select(slice => _counts[slice])];
        set
        {
            foreach ((ParameterSlice slice, long count) in _slices.Zip(value))
            {
                _counts[slice] = count;
            }
        }
    }

    /// <summary>Updates done so far: the most that a parameter has had. Setting it gives every parameter that many.</summary>
    public long Steps
    {
        get => _counts.Values.Max();
        set => Counts = [.. Enumerable.Repeat(value, _slices.Length)];
    }

    /// <summary>Running means of the gradients and of their squares: <c>first.NAME</c> and <c>second.NAME</c>, in the set's order.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> State { get; }

    /// <summary>One update.</summary>
    /// <param name="active">The parameters that change.</param>
    /// <param name="clip">Factor on the gradients, float64, (); null for none.</param>
    /// <param name="broken">Where it is not 0, the update counts but changes nothing (see <see cref="TakeBack"/>); float32, ().</param>
    public void Step(double learningRate, IReadOnlyList<TrainableParameter> active, Tensor? clip, Tensor broken)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach (TrainableParameter parameter in active)
        {
            _counts[ParameterBuffer.SliceOf(parameter.Value)!]++;
        }
        foreach ((ParameterRange range, (bool decays, long count)) in ParameterRange.Merge(active, slice => (slice.IsMatrix, _counts[slice])))
        {
            _update.Run(
                range.View(_buffer.Values), range.View(_buffer.Gradients!), range.View(_first), range.View(_second),
                new AdamNumbers(learningRate, _options.Beta1, _options.Beta2, decays ? _options.WeightDecay : 0, _options.Epsilon, count, clip, broken));
        }
    }

    /// <summary>Counts an update less: one that turned out to have been broken.</summary>
    public void TakeBack(IReadOnlyList<TrainableParameter> active)
    {
        foreach (TrainableParameter parameter in active)
        {
            _counts[ParameterBuffer.SliceOf(parameter.Value)!]--;
        }
    }

    public void Dispose()
    {
        foreach ((_, Tensor view) in State)
        {
            view.Dispose();
        }
        _first.Dispose();
        _second.Dispose();
        _update.Dispose();
    }

    private static Tensor View(ParameterSlice slice, Tensor flat) => slice.View(flat).DetachFromDisposeScope();
}
