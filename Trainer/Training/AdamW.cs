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
    private readonly Tensor _steps;

    public AdamW(LlamaModel model, OptimizerRecipe options)
    {
        _options = options;
        foreach (string name in model.Architecture.Parameters.Select(spec => spec.Name))
        {
            Parameter weight = model.Weights[name];
            _slots.Add(new Slot(name, weight, zeros_like(weight).DetachFromDisposeScope(), zeros_like(weight).DetachFromDisposeScope()));
        }
        _steps = zeros([], ScalarType.Float32, model.Placement.Device).DetachFromDisposeScope();
    }

    /// <summary>Updates done so far; the bias corrections depend on it.</summary>
    public long Steps
    {
        get => (long)_steps.item<float>();
        set => _steps.fill_(value);
    }

    /// <summary>Running means of the gradients and of their squares: <c>first.NAME</c> and <c>second.NAME</c>, in the catalog's order.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> State =>
        [.. _slots.SelectMany(slot => new[] { ($"first.{slot.Name}", slot.First), ($"second.{slot.Name}", slot.Second) })];

    /// <summary>One update with the gradients that the parameters hold.</summary>
    public void Step(double learningRate)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        _steps.add_(1);
        Update([.. _slots.Where(slot => slot.Weight.dim() >= 2)], learningRate, _options.WeightDecay);
        Update([.. _slots.Where(slot => slot.Weight.dim() < 2)], learningRate, decay: 0);
    }

    public void Dispose()
    {
        foreach ((_, Tensor value) in State)
        {
            value.Dispose();
        }
        _steps.Dispose();
        _script.Dispose();
    }

    private void Update(List<Slot> slots, double learningRate, double decay) => _script.invoke(
        "step",
        slots.Select(slot => (Tensor)slot.Weight).ToArray(),
        slots.Select(slot => slot.Weight.grad ?? throw new InvalidOperationException($"'{slot.Name}' has no gradient.")).ToArray(),
        slots.Select(slot => slot.First).ToArray(),
        slots.Select(slot => slot.Second).ToArray(),
        slots.Select(_ => _steps).ToArray(),
        learningRate,
        _options.Beta1,
        _options.Beta2,
        decay,
        _options.Epsilon);

    private sealed record Slot(string Name, Parameter Weight, Tensor First, Tensor Second);
}
