using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>The update by libtorch's fused operator, in any type, on the CPU and on CUDA.</summary>
internal sealed class TorchAdamUpdate : IAdamUpdate
{
    // TorchScript is how TorchSharp reaches operators that it has no wrapper for. The lists must come from outside: what is done to the tensors of a list
    // made in the script, the script's optimizer takes for nothing and leaves out.
    private const string Script = """
        def step(weights: List[Tensor], gradients: List[Tensor], first: List[Tensor], second: List[Tensor], counts: List[Tensor],
                 broken: Tensor, rate: float, beta1: float, beta2: float, decay: float, epsilon: float):
            torch._fused_adamw_(weights, gradients, first, second, [], counts, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon,
                                amsgrad=False, maximize=False, found_inf=broken)
            return counts[0]

        """;

    private readonly jit.CompilationUnit _script = jit.compile(Script);

    public void Run(Tensor weights, Tensor gradients, Tensor first, Tensor second, in AdamNumbers numbers)
    {
        if (numbers.Clip is not null)
        {
            gradients.mul_(numbers.Clip);
        }
        Tensor count = full([], numbers.Count, ScalarType.Float32, weights.device);
        _script.invoke(
            "step", new[] { weights }, new[] { gradients }, new[] { first }, new[] { second }, new[] { count }, numbers.Broken,
            numbers.Rate, numbers.Beta1, numbers.Beta2, numbers.Decay, numbers.Epsilon);
    }

    public void Dispose() => _script.Dispose();
}
