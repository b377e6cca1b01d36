using Factory.Trainer.Kernels;
using Factory.Trainer.LibTorch;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>Clipping and update in one pass over float32 on the CPU.</summary>
internal sealed unsafe class FusedAdamUpdate : IAdamUpdate
{
    public void Run(Tensor weights, Tensor gradients, Tensor first, Tensor second, in AdamNumbers numbers)
    {
        // Reading a number costs nothing on the CPU.
        if (numbers.Broken.item<float>() != 0)
        {
            return;
        }
        double firstCorrection = 1 - Math.Pow(numbers.Beta1, numbers.Count);
        double secondCorrection = 1 - Math.Pow(numbers.Beta2, numbers.Count);
        Loop.For(weights.numel(), AdamKernel.Grain, new AdamKernel
        {
            Weights = (float*)LibTorchC.Data(weights),
            Gradients = (float*)LibTorchC.Data(gradients),
            First = (float*)LibTorchC.Data(first),
            Second = (float*)LibTorchC.Data(second),
            Clip = (float)(numbers.Clip?.item<double>() ?? 1),
            Beta1 = (float)numbers.Beta1,
            Beta2 = (float)numbers.Beta2,
            Share1 = (float)(1 - numbers.Beta1),
            Share2 = (float)(1 - numbers.Beta2),
            Kept = (float)(1 - (numbers.Rate * numbers.Decay)),
            Rate = (float)(numbers.Rate / firstCorrection),
            RootCorrection = (float)(1 / Math.Sqrt(secondCorrection)),
            Epsilon = (float)numbers.Epsilon,
        });
    }

    public void Dispose() { }
}
