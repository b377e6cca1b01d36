using Factory.Trainer.Kernels;
using Factory.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>What a machine computes with where nothing else is asked for, found by trying for a moment.</summary>
/// <param name="Kernels">Name of a <see cref="KernelSet"/>.</param>
/// <param name="Reason">What was seen, for the log.</param>
internal sealed record MachineChoice(Precision Precision, string Kernels, string Reason)
{
    /// <summary>
    /// How much faster bfloat16 products must be than the best float32 ones: what is no product gains nothing, and float32 is the reference.
    /// </summary>
    private const double Worthwhile = 1.25;

    public static MachineChoice On(Device device)
    {
        if (device.type == DeviceType.CUDA)
        {
            return new MachineChoice(Precision.Bf16, KernelSet.Plain.Name, "CUDA: bfloat16 products over float32 weights");
        }
        (KernelSet kernels, double single, string seen) = GemmProbe.Fastest();
        double brain = GemmProbe.Rate(kernels.Gemm, ScalarType.BFloat16);
        return new MachineChoice(
            brain >= Worthwhile * single ? Precision.Bf16 : Precision.Fp32,
            kernels.Name,
            FormattableString.Invariant($"probe: {seen}, bfloat16 {brain:0} GFLOP/s"));
    }
}
