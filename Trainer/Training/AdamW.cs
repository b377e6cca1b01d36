using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>
/// Adam with decoupled weight decay (arXiv 1711.05101) on tensors of rank two and more; with decay 0 it is Adam. The update of all tensors is one
/// call into libtorch's fused kernel, on the CPU and on CUDA.
/// </summary>
public sealed class AdamW : IDisposable
{
    // TorchScript is how TorchSharp reaches operators that it has no wrapper for.
    private const string Script = """
        def step(weights: List[Tensor], gradients: List[Tensor], first: List[Tensor], second: List[Tensor], steps: List[Tensor],
                 rate: float, beta1: float, beta2: float, decay: float, epsilon: float):
            torch._fused_adamw_(weights, gradients, first, second, [], steps, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon,
                                amsgrad=False, maximize=False)
            return steps[0]

        """;

    private readonly jit.CompilationUnit _script = jit.compile(Script);
    private readonly OptimizerRecipe _options;
    private readonly List<Slot> _slots = [];

    /// <summary>For every parameter of a model.</summary>
    public AdamW(LlamaModel model, OptimizerRecipe options) : this(new AllParameters(model), options) { }

    public AdamW(ITrainableSet parameters, OptimizerRecipe options)
    {
        (Parameters, _options) = (parameters, options);
        foreach (TrainableParameter parameter in parameters.All)
        {
            Parameter weight = parameter.Value;
            _slots.Add(new Slot(
                parameter.Name, weight, zeros_like(weight).DetachFromDisposeScope(), zeros_like(weight).DetachFromDisposeScope(),
                zeros([], ScalarType.Float32, weight.device).DetachFromDisposeScope()));
        }
    }

    /// <summary>What is trained.</summary>
    public ITrainableSet Parameters { get; }

    /// <summary>Updates that each parameter has had, in the set's order; the bias corrections depend on it.</summary>
    public IReadOnlyList<long> Counts
    {
        get => [.. _slots.Select(slot => (long)slot.Steps.item<float>())];
        set
        {
            foreach ((Slot slot, long count) in _slots.Zip(value))
            {
                slot.Steps.fill_(count);
            }
        }
    }

    /// <summary>Updates done so far: the most that a parameter has had. Setting it gives every parameter that many.</summary>
    public long Steps
    {
        get => Counts.Max();
        set => Counts = [.. Enumerable.Repeat(value, _slots.Count)];
    }

    /// <summary>Running means of the gradients and of their squares: <c>first.NAME</c> and <c>second.NAME</c>, in the set's order.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> State =>
        [.. _slots.SelectMany(slot => new[] { ($"first.{slot.Name}", slot.First), ($"second.{slot.Name}", slot.Second) })];

    /// <summary>One update of the parameters that have a gradient.</summary>
    public void Step(double learningRate)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        List<Slot> active = [.. _slots.Where(slot => slot.Weight.grad is not null)];
        foreach (Slot slot in active)
        {
            slot.Steps.add_(1);
        }
        Update([.. active.Where(slot => slot.Weight.dim() >= 2)], learningRate, _options.WeightDecay);
        Update([.. active.Where(slot => slot.Weight.dim() < 2)], learningRate, decay: 0);
    }

    public void Dispose()
    {
        foreach (Slot slot in _slots)
        {
            slot.First.Dispose();
            slot.Second.Dispose();
            slot.Steps.Dispose();
        }
        _script.Dispose();
    }

    private void Update(List<Slot> slots, double learningRate, double decay)
    {
        if (slots.Count > 0)
        {
            Run(slots, learningRate, decay);
        }
    }

    private void Run(List<Slot> slots, double learningRate, double decay) => _script.invoke(
        "step",
        slots.Select(slot => (Tensor)slot.Weight).ToArray(),
        slots.Select(slot => slot.Weight.grad!).ToArray(),
        slots.Select(slot => slot.First).ToArray(),
        slots.Select(slot => slot.Second).ToArray(),
        slots.Select(slot => slot.Steps).ToArray(),
        learningRate,
        _options.Beta1,
        _options.Beta2,
        decay,
        _options.Epsilon);

    private sealed record Slot(string Name, Parameter Weight, Tensor First, Tensor Second, Tensor Steps);
}
